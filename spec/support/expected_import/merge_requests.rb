# frozen_string_literal: true

require_relative "timeline"

class ExpectedImport
  # The rows that one pull request becomes, without its diff and the comments on it.
  class MergeRequest
    OPENED, CLOSED, MERGED = "1", "2", "3"
    # All other columns that are not NULL: nothing that GitLab's callbacks would set.
    DEFAULTS = '{"draft": false, "squash": false, "retargeted": false, "lock_version": 0, "merge_status": "unchecked", "time_estimate": 0, ' \
               '"allow_maintainer_to_push": true, "override_requested_changes": false, "merge_when_pipeline_succeeds": false}'

    def initialize(import, pull)
      @import = import
      @pull = pull
      @number = pull.fetch("number").to_s
    end

    def add_to_rows
      author, found = @import.people.author(@pull["user"])
      @import.add("merge_requests", @number, @import.title(@pull["title"]), @import.with_files("MergeRequest", @import.description(@pull, found)),
                  "project", "project", source_branch, target_branch, state, @import.milestone(@pull["milestone"]), author, @pull["created_at"], @pull["updated_at"], GITHUB, DEFAULTS)
      @import.refer("MergeRequest", "author_id", author)
      @import.count("pull_request")
      add_assignee
      @import.refs.add_branch(source_branch, @pull.dig("head", "sha")) if state == OPENED
      @import.add_label_links("!#{@number}", "MergeRequest", @pull["labels"])
      MergeRequestTimeline.new(@import, "!#{@number}", @pull["timeline"], changed_at: @pull["updated_at"]).add_to_rows
    end

    private

    def state
      return MERGED if @pull["merged_at"]

      @pull["state"] == "open" ? OPENED : CLOSED
    end

    def default_branch = @import.repository["default_branch"] || "main"
    def target_branch = @pull.dig("base", "ref") || default_branch

    # Only GitHub's first assignee, who is nobody when the account was deleted.
    def add_assignee
      user = @import.people.contributor(@pull["assignees"].first)
      return unless user

      @import.add("merge_request_assignees", @number, user, "<now>", "project")
      @import.refer("MergeRequestAssignee", "user_id", user)
    end

    # A repository that is not stated is this one; null is a fork that was deleted.
    def cross_project? = @pull["head"].key?("repo") && @pull["head"]["repo"] != @import.repository["full_name"]
    def owner = @pull["head"].fetch("user") { @import.repository["full_name"][%r{\A[^/]+}] }

    def source_branch
      branch = @pull["head"]["ref"] || default_branch
      return "github/fork/#{owner}/#{branch}" if cross_project? && owner

      branch == target_branch ? "#{branch}-#{@number}" : branch
    end
  end

  # What happens to merge requests only: they are merged, reviewed, and people are asked to review them.
  class MergeRequestTimeline < Timeline
    SUPPORTED = (Timeline::SUPPORTED + %w[merged reviewed review_requested review_request_removed]).freeze
    UNREVIEWED = "0"
    # What the events cache keeps of one merge request.
    LAST_REQUESTS = 100
    # System notes of approvals, whose origin Ruby does not tell.
    NOT_IMPORTED = "0"

    def initialize(import, name, entries, changed_at:)
      super(import, name, entries)
      @changed_at = changed_at
      @approved = {}
    end

    def add_to_rows
      super
      add_reviewers
    end

    private

    def supported = SUPPORTED
    def type = "MergeRequest"

    def add_entry(entry)
      case entry["event"]
      when "merged" then add_merge(entry)
      when "reviewed" then add_review(entry)
      else super
      end
    end

    def author_of(entry) = request?(entry) ? @import.people.author(entry["review_requester"]).first : super
    def request?(entry) = entry["event"].start_with?("review_request")

    # Without mapping a note tells who merged, whoever they are in GitLab.
    def add_merge(entry)
      login, time = entry.values_at("actor", "created_at")
      @import.count("pull_request_merged_by")
      user = @import.people.contributor_or_ghost(login)
      @import.add("merge_request_metrics", @name.delete("!"), "project", user, time, "<now>", "<now>", '{"first_contribution": false}')
      @import.refer("MergeRequest::Metrics", "merged_by_id", user)
      add_merge_note(login, time) unless @import.people.mapped?
      @author = author_of(entry)
      add_state(entry)
    end

    def add_merge_note(login, time)
      @import.add_note(@name, @import.people.creator, "*Merged by: #{login || "ghost"} at #{time.tr("TZ", " ")}UTC*", time, "<now>")
    end

    def add_review(review)
      user = @import.people.contributor_or_ghost(review["user"])
      text = review_text(review)
      text = complementary(review, text) unless user
      return @import.refuse("pull_request_review", @name, "reviewed") if text && @import.refused?(text)

      time = review["submitted_at"] || @changed_at
      @import.count("pull_request_review")
      @import.add_note(@name, user || @import.people.creator, text, time) if text
      add_approval(user, time) if user && review["state"] == "APPROVED"
    end

    # nil: there is no text, which is something else than a blank one. NUL has no place in PostgreSQL.
    def review_text(review)
      body = @import.markdown.raw(review["body"].to_s)
      return if body.empty?

      body.match?(/\A[[:space:]]*\z/) ? heading(review) : "#{heading(review)}\n\n#{body}"
    end

    def heading(review) = "**Review:** #{review["state"].tr("_", " ").capitalize}"

    # Told by the project's creator; an approval without a text too.
    def complementary(review, text)
      text ||= heading(review) if review["state"] == "APPROVED"
      text && @import.markdown.format(text, review["user"], false, note: true)
    end

    # Once for each user.
    def add_approval(user, time)
      return if @approved[user]

      @approved[user] = true
      number = @name.delete("!")
      @import.add("approvals", number, user, time, time, nil, "project")
      @import.refer("Approval", "user_id", user)
      text = "approved this merge request"
      @import.add("notes", @name, "t", user, text, "approved", time, time, NOT_IMPORTED, @import.note_namespace)
      @import.add("system_note_metadata", @name, "approved", text, "<now>", "<now>")
      @import.refer("Note", "author_id", user)
    end

    def add_system_note(entry)
      return super unless request?(entry)

      reviewer = mention(entry["requested_reviewer"])
      add_text(entry, "reviewer", entry["event"] == "review_requested" ? "requested review from #{reviewer}" : "removed review request for #{reviewer}")
    end

    # Who is still asked in the end; no teams, and nobody whose account was deleted.
    def add_reviewers
      requests = @entries.select { |entry| request?(entry) }.last(LAST_REQUESTS).select { |entry| entry["requested_reviewer"] }
      asked = requests.sort_by.with_index { |entry, index| [entry["created_at"], index] }.each_with_object({}) do |entry, logins|
        entry["event"] == "review_requested" ? logins[entry["requested_reviewer"]] = true : logins.delete(entry["requested_reviewer"])
      end
      asked.keys.filter_map { |login| @import.people.contributor(login) }.uniq.each { |user| add_reviewer(user) }
    end

    def add_reviewer(user)
      @import.add("merge_request_reviewers", @name.delete("!"), user, UNREVIEWED, "<now>", "project")
      @import.refer("MergeRequestReviewer", "user_id", user)
    end
  end
end
