# frozen_string_literal: true

require "time"
require_relative "text"

class ExpectedDiff
  # Commits as Gitaly reads them (internal/git/catfile/parse_commit.go) and GitLab stores them: merge_request_commits_metadata with
  # both users (app/models/merge_request/diff_commit_user.rb).
  class Commits
    # Gitlab::Database.sanitize_timestamp
    LAST_TIME = (1 << 31) - 1
    LONGEST_NAME = 512

    def initialize(git)
      @git = git
      @rows = {}
    end

    def load(shas)
      unknown = shas.uniq - @rows.keys
      @git.objects(unknown).each { |sha, text| @rows[sha] = parse(sha, text) }
    end

    def row(sha) = @rows.fetch(sha)

    private

    def parse(sha, text)
      header, message = text.split("\n\n", 2)
      people = %w[author committer].to_h { |role| [role, person(header[/^#{role} (.*)$/n, 1])] }
      { "sha" => sha, "authored_date" => people["author"][:time], "committed_date" => people["committer"][:time],
        "message" => Text.encode(message || ""), **user("author", people["author"]), **user("committer", people["committer"]) }
    end

    def person(line)
      name, _, rest = line.partition("<")
      mail, _, time = rest.partition(">")
      { name: name.delete_suffix(" "), email: mail, time: Time.at(seconds(time.split.first)).utc.strftime("%F %T") }
    end

    # What is no time, too late or before 1970 is the largest one.
    def seconds(text)
      number = text.match?(/\A[+-]?\d+\z/) ? text.to_i : -1
      number.negative? ? LAST_TIME : [number, LAST_TIME].min
    end

    def user(role, person)
      { "#{role}_name" => storable(person[:name]), "#{role}_email" => storable(person[:email]) }
    end

    def storable(bytes)
      text = Text.encode(bytes)
      text.match?(/\A[[:space:]]*\z/) ? nil : text[0, LONGEST_NAME]
    end
  end
end
