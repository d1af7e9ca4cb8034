# frozen_string_literal: true

require "json"
require "net/http"
require_relative "import_scenario"

# The fake GitHub's pull requests, and the branches that an import has to make for those that are open.
module PullBranches
  module_function

  # The oldest first.
  def pulls(scenario, state = "all")
    uri = URI("#{scenario.github.url}/api/v3/repos/#{ImportScenario::REPOSITORY}/pulls?state=#{state}&sort=created&direction=asc&per_page=100")
    JSON.parse(Net::HTTP.get(uri, "Authorization" => "token #{ImportScenario::TOKEN}"))
  end

  # "SHA refs/heads/github/fork/OWNER/BRANCH" lines, as git writes them, of open pull requests from other repositories.
  def of_forks(scenario)
    foreign = pulls(scenario, "open").select { |pull| pull["head"]["user"] && pull.dig("head", "repo", "id") != pull["base"]["repo"]["id"] }
    foreign.map { |pull| "#{pull['head']['sha']} refs/heads/github/fork/#{pull['head']['user']['login']}/#{pull['head']['ref']}\n" }
  end
end
