# frozen_string_literal: true

class ExpectedImport
  # GitHub's branch protection as the project's protected branches, where GitLab itself protects none and has its own defaults:
  # maintainers push and merge, nobody forces what GitHub does not let be forced, nor the default branch. That one is protected at the
  # end of the import, if GitHub does not protect it.
  class ProtectedBranches
    NOBODY = "0"
    MAINTAINERS = "40"

    def initialize(import, default_branch:)
      @import = import
      @default_branch = default_branch
    end

    # A description's protection is true, or what GitHub's API says of it.
    def add_to_rows
      guarded = @import.repository.fetch("branches").select { |branch| branch["protection"] }
      guarded.each { |branch| add(branch["name"], branch["protection"] == true ? {} : branch["protection"]) }
      add_default if @default_branch && guarded.none? { |branch| branch["name"] == @default_branch }
    end

    private

    def add_default = @import.add("protected_branches", @default_branch, MAINTAINERS, MAINTAINERS, "f", "f")

    def add(name, protection)
      @import.count("protected_branch")
      push_level = (protection["required_pull_request_reviews"] || {}).empty? ? MAINTAINERS : NOBODY
      forced = protection.dig("allow_force_pushes", "enabled") && name != @default_branch
      @import.add("protected_branches", name, push_level, MAINTAINERS, forced ? "t" : "f", "f")
    end
  end
end
