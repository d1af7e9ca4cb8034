# frozen_string_literal: true

require "active_record"
require "active_support/core_ext/integer/time"
require "active_support/core_ext/object/blank"
require "active_support/core_ext/string/filters"
require "active_support/core_ext/string/inflections"
require "digest/sha1"
require "securerandom"

# GitLab's models, as far as importing an issue and its timeline runs through them: the associations that are loaded, the
# validations that query or look at texts, the callbacks that write. As in GitLab belongs_to is optional unless validated, and
# prepared statements are off.
class ApplicationRecord < ActiveRecord::Base
  self.abstract_class = true

  # Columns named "type" name no classes here.
  self.inheritance_column = nil

  def self.connect
    ActiveRecord::Base.default_timezone = :utc
    ActiveRecord::Base.logger = nil
    establish_connection(adapter: "postgresql", host: ENV.fetch("PGHOST"), port: ENV.fetch("PGPORT"), database: ENV.fetch("PGDATABASE"),
                         username: ENV.fetch("PGUSER"), pool: 50, prepared_statements: false)
  end
end

# Importable: the marker that switches validations and side effects off.
module Importable
  attr_accessor :importing
  alias importing? importing
end

class Namespace < ApplicationRecord
  belongs_to :owner, class_name: "User"

  def user_namespace? = type == "User"
  def root_ancestor = traversal_ids.first == id ? self : Namespace.find(traversal_ids.first)
end

class User < ApplicationRecord
  GHOST = 5
end

class ProjectImportState < ApplicationRecord
  self.table_name = "project_mirror_data"

  def completed? = %w[finished failed canceled].include?(status)
end

class ProjectImportData < ApplicationRecord
  self.table_name = "project_import_data"
end

class Project < ApplicationRecord
  belongs_to :namespace
  belongs_to :project_namespace, class_name: "Namespace"
  has_one :import_state, class_name: "ProjectImportState"
  has_one :import_data, class_name: "ProjectImportData"
  has_one :route, -> { where(source_type: "Project") }, foreign_key: :source_id

  def root_ancestor = namespace.root_ancestor
  def web_url = "https://gitlab.example.com/#{route.path}"
  def github_url = @github_url ||= import_url[%r{\A\w+://[^/]+}]
end

class Route < ApplicationRecord; end

class Label < ApplicationRecord
  belongs_to :project
end

class Milestone < ApplicationRecord
  belongs_to :project
end

module Issues
  class SearchData < ApplicationRecord
    self.table_name = "issue_search_data"
  end
end

# PgFullTextSearchable: the search vector, written when the issue is committed.
module PgFullTextSearchable
  LONG_WORD = /[A-Za-z0-9+\/@]{50,}/.freeze
  TOO_LONG_WORD = /[A-Za-z0-9@]{500,}/.freeze
  TAG = %r{</?([^>]*)>}.freeze
  WORDS = 50
  CHARACTERS = 1024 * 1024
  UPSERT = <<~SQL
    INSERT INTO issue_search_data (project_id, issue_id, namespace_id, search_vector)
    VALUES (?, ?, ?, setweight(to_tsvector('english', ?), 'A') || setweight(to_tsvector('english', ?), 'B'))
    ON CONFLICT (project_id, issue_id) DO UPDATE SET namespace_id = EXCLUDED.namespace_id, search_vector = EXCLUDED.search_vector
  SQL

  def update_search_data
    values = [project_id, id, namespace_id, search_text(title), search_text(description)]
    self.class.connection.exec_update(self.class.sanitize_sql_array([UPSERT, *values]))
  rescue ActiveRecord::StatementInvalid => error
    raise unless error.message.include?("string is too long for tsvector")
  end

  private

  def search_text(text)
    words = text.to_s.gsub(TOO_LONG_WORD, " ")
    words = words.gsub(LONG_WORD, " ") if words.scan(LONG_WORD).size > WORDS
    ActiveSupport::Inflector.transliterate(words[0, CHARACTERS]).gsub(TAG, ' \1 ')
  end
end

class IssueAssignee < ApplicationRecord
  self.primary_key = nil

  belongs_to :issue
  belongs_to :assignee, class_name: "User", foreign_key: :user_id

  validates :assignee, uniqueness: { scope: :issue_id }
end

class Issue < ApplicationRecord
  include Importable
  include PgFullTextSearchable

  belongs_to :project
  belongs_to :namespace
  belongs_to :milestone
  belongs_to :author, class_name: "User"
  has_many :issue_assignees
  has_many :assignees, through: :issue_assignees

  before_validation { self.namespace_id = project.project_namespace_id if project }
  before_validation { self.title = title&.strip }
  validates :project, :namespace, :author, :work_item_type_id, presence: true
  validates :title, presence: true, length: { maximum: 255 }
  validates :description, length: { maximum: 1024 * 1024 }, allow_blank: true
  validate :milestone_is_valid
  after_commit :update_search_data

  private

  def milestone_is_valid
    errors.add(:milestone_id, "is invalid") if milestone_id && milestone&.project_id != project_id
  end
end

class LabelLink < ApplicationRecord
  include Importable

  belongs_to :label
  belongs_to :target, polymorphic: true

  validates :label, :target, presence: true

  # BulkInsertSafe: every row is validated, then one INSERT.
  def self.bulk_insert!(links)
    links.each(&:validate!)
    transaction { insert_all!(links.map { |link| link.attributes.compact }) } if links.any?
  end
end

class Note < ApplicationRecord
  include Importable

  belongs_to :project
  belongs_to :author, class_name: "User"
  belongs_to :noteable, polymorphic: true
  has_one :system_note_metadata, class_name: "SystemNoteMetadata"

  before_validation { self.discussion_id ||= self.class.discussion_id(noteable_type, noteable_id) }
  validates :note, presence: true, length: { maximum: 1_000_000 }
  validates :project, :author, :noteable_type, presence: true
  validates :noteable_id, presence: true, unless: :importing?
  validates :discussion_id, format: { with: /\A\h{40}\z/ }
  validate { errors.add(:created_at, "is too early") if created_at && created_at.year < 1970 }

  def self.discussion_id(type, id) = Digest::SHA1.hexdigest("discussion-#{type.underscore}-#{id}-#{SecureRandom.hex}")
end

class SystemNoteMetadata < ApplicationRecord
  include Importable

  belongs_to :note

  validates :note, presence: true, unless: :importing?
  validates :action, inclusion: { in: %w[title assignee reviewer cross_reference approved] }
end

class Event < ApplicationRecord
  include Importable

  ACTIONS = { "closed" => 3, "reopened" => 4, "merged" => 7 }.freeze

  belongs_to :project
  belongs_to :author, class_name: "User"
  belongs_to :target, polymorphic: true

  validates :action, :author_id, presence: true
  validates :target_type, inclusion: { in: %w[Issue MergeRequest Milestone Note] }
  after_create :reset_project_activity

  private

  def reset_project_activity
    project.update_columns(last_activity_at: created_at) if project.last_activity_at < Time.now - 3600
  end
end

# ResourceEvent: belongs to exactly one issue or merge request.
module ResourceEvent
  def self.included(model)
    model.include(Importable)
    model.belongs_to(:user)
    model.belongs_to(:issue)
    model.belongs_to(:merge_request)
    model.validates(:user, presence: true, unless: :importing?)
    model.validate { errors.add(:base, "Exactly one issuable is required") unless [issue, merge_request].one? }
    model.before_create { self.namespace_id = issue ? issue.namespace_id : merge_request.target_project.project_namespace_id }
  end
end

class ResourceStateEvent < ApplicationRecord
  include ResourceEvent

  STATES = { "closed" => 2, "merged" => 3, "reopened" => 5 }.freeze
end

class ResourceLabelEvent < ApplicationRecord
  include ResourceEvent

  ACTIONS = { "labeled" => 1, "unlabeled" => 2 }.freeze

  belongs_to :label

  validates :label, presence: true, unless: :importing?
end

class ResourceMilestoneEvent < ApplicationRecord
  include ResourceEvent

  ACTIONS = { "milestoned" => 1, "demilestoned" => 2 }.freeze
  STATE_OPENED = 1

  belongs_to :milestone

  validates :milestone, presence: true, unless: :importing?
end

class ImportFailure < ApplicationRecord; end

module Import
  class SourceUser < ApplicationRecord
    self.table_name = "import_source_users"

    ACCEPTED = [2, 4, 5].freeze

    def accepted? = ACCEPTED.include?(status)
    def mapped_user_id = accepted? ? reassign_to_user_id : placeholder_user_id
  end
end
