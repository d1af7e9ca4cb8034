# frozen_string_literal: true

class ExpectedImport
  # GitHub's branch protection as the project's protected branches, where GitLab itself protects none and has its own defaults:
  # maintainers push and merge, nobody forces what GitHub does not let be forced, nor the default branch.
  class ProtectedBranches
    NOBODY = "0"
    MAINTAINERS = "40"

    def initialize(import, default_branch:)
      @import = import
      @default_branch = default_branch
    end

    # A description's protection is true, or what GitHub's API says of it.
    def add_to_rows
      @import.repository.fetch("branches").each do |branch|
        protection = branch["protection"]
        add(branch["name"], protection == true ? {} : protection) if protection
      end
    end

    private

    def add(name, protection)
      @import.count("protected_branch")
      push_level = (protection["required_pull_request_reviews"] || {}).empty? ? MAINTAINERS : NOBODY
      forced = protection.dig("allow_force_pushes", "enabled") && name != @default_branch
      @import.add("protected_branches", name, push_level, MAINTAINERS, forced ? "t" : "f", "f")
    end
  end
end
