# frozen_string_literal: true

require_relative "models"

# GitLab's models of merge requests and what belongs to them, as models.rb has those of issues.
class MergeRequest < ApplicationRecord
  include Importable

  belongs_to :target_project, class_name: "Project"
  belongs_to :milestone
  belongs_to :author, class_name: "User"

  validates :target_project, :author, :source_branch, :target_branch, presence: true
  validates :title, presence: true, length: { maximum: 255 }

  STATES = { "opened" => 1, "closed" => 2, "merged" => 3 }.freeze

  def open? = state_id == STATES["opened"]

  class Metrics < ApplicationRecord
    self.table_name = "merge_request_metrics"
  end

  class DiffCommitUser < ApplicationRecord
    self.table_name = "merge_request_diff_commit_users"
  end

  class CommitsMetadata < ApplicationRecord
    self.table_name = "merge_request_commits_metadata"
  end
end

class MergeRequestAssignee < ApplicationRecord; end

class MergeRequestReviewer < ApplicationRecord
  STATES = { "unreviewed" => 0, "reviewed" => 1 }.freeze
end

class MergeRequestDiff < ApplicationRecord; end
class MergeRequestDiffCommit < ApplicationRecord; end
class MergeRequestDiffFile < ApplicationRecord; end
class Approval < ApplicationRecord; end
class NoteDiffFile < ApplicationRecord; end
class Suggestion < ApplicationRecord; end
