# frozen_string_literal: true

require_relative "models"

class ApplicationSetting < ApplicationRecord
  def self.current = order(:id).last
end

class NamespaceSetting < ApplicationRecord
  self.primary_key = :namespace_id
end

# app/models/protected_branch.rb, app/models/concerns/protected_ref.rb
class ProtectedBranch < ApplicationRecord
  include Importable

  # app/models/concerns/protected_ref_access.rb
  class AccessLevel < ApplicationRecord
    self.abstract_class = true

    belongs_to :protected_branch

    def role? = attributes.values_at("user_id", "group_id", "deploy_key_id").none?
  end

  class PushAccessLevel < AccessLevel
    self.table_name = "protected_branch_push_access_levels"
  end

  class MergeAccessLevel < AccessLevel
    self.table_name = "protected_branch_merge_access_levels"
  end

  belongs_to :project, touch: true
  has_many :push_access_levels, -> { order(:id) }, class_name: "ProtectedBranch::PushAccessLevel", inverse_of: :protected_branch
  has_many :merge_access_levels, -> { order(:id) }, class_name: "ProtectedBranch::MergeAccessLevel", inverse_of: :protected_branch
  accepts_nested_attributes_for :push_access_levels, :merge_access_levels

  validates :name, presence: true
  validates :name, uniqueness: { scope: %i[project_id namespace_id] }, if: :name_changed?

  # Those of the project and of its root group.
  def self.all_of(project)
    where(project_id: project.id).or(where(namespace_id: project.root_ancestor.id)).order(:id)
  end

  # lib/gitlab/ref_matcher.rb
  def matches?(branch) = name.split("*", -1).map { |part| Regexp.escape(part) }.join(".*?").then { |pattern| branch.match?(/\A#{pattern}\z/) }
end
