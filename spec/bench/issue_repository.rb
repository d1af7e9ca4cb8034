# frozen_string_literal: true

require_relative "import_repository"

# Issues, each with the same kinds of events in its timeline.
class IssueRepository < ImportRepository
  TITLE = "issues, comments and events"
  EVENTS = %w[closed labeled renamed assigned].freeze
  COMMENTS = 3
  EVENTS_PER_ISSUE = 2
  CALLERS = { "issues" => "ImportIssuesAndDiffNotesWorker", "comments" => "ImportIssueEventsWorker",
              "events" => "ImportIssueEventsWorker" }.freeze
  TABLES = {
    "issues" => ["issues", "issue_assignees", "label_links", "issue_search_data"],
    "comments" => ["notes"],
    "events" => ["notes", "system_note_metadata", "events", "resource_state_events", "resource_label_events"]
  }.freeze
  CONDITIONS = { ["comments", "notes"] => "NOT system", ["events", "notes"] => "system" }.freeze
  # Filled by triggers of `issues`.
  BY_TRIGGER = %w[work_item_positions work_item_transitions].freeze
  # Columns that refer to tables that are filled later.
  LATER = {}.freeze

  # By stage of the benchmark: the class that imports them, and the objects.
  def objects
    timeline_worker = "Gitlab::GithubImport::ImportIssueEventWorker"
    { "issues" => ["Gitlab::GithubImport::ImportIssueWorker", each_iid.map { |iid| issue(iid) }],
      "comments" => [timeline_worker, each_iid.flat_map { |iid| (0...COMMENTS).map { |place| comment(iid, place) } }],
      "events" => [timeline_worker, each_iid.flat_map { |iid| (0...EVENTS_PER_ISSUE).map { |place| event(iid, place) } }] }
  end

  private

  # lib/gitlab/github_import/representation/issue.rb
  def issue(iid)
    { "iid" => iid, "title" => title(iid), "description" => text(iid, 90), "milestone_number" => milestone_number(iid),
      "state" => (iid % 3).zero? ? "opened" : "closed", "assignees" => iid.even? ? [user(iid * 7)].compact : [],
      "label_names" => [label(iid), label(iid * 7 + 1)].uniq, "author" => user(iid), "created_at" => time(iid, 0),
      "updated_at" => time(iid, 9), "pull_request" => false, "work_item_type_id" => 1 }
  end

  # lib/gitlab/github_import/representation/issue_event.rb: all keys, in this order.
  def timeline(iid, place, name, actor, changes)
    { "id" => 900_000_000 + iid * 10 + place, "actor" => actor, "event" => name, "commit_id" => nil, "label_title" => nil, "old_title" => nil,
      "new_title" => nil, "milestone_title" => nil, "issue" => { "number" => iid, "pull_request" => false }, "source" => nil,
      "assignee" => nil, "requested_reviewer" => nil, "review_requester" => nil, "created_at" => time(iid, 1 + place), "updated_at" => nil,
      "submitted_at" => nil, "state" => nil, "body" => nil }.merge(changes)
  end

  def comment(iid, place)
    timeline(iid, place, "commented", user(iid * 3 + place), "updated_at" => time(iid, 1 + place), "body" => text(iid * 5 + place, 60))
  end

  def event(iid, number)
    name = EVENTS[(iid * EVENTS_PER_ISSUE + number) % EVENTS.size]
    changes = case name
              when "labeled" then { "label_title" => label(iid) }
              when "renamed" then { "old_title" => title(iid), "new_title" => "#{title(iid)} again" }
              when "assigned" then { "assignee" => user(iid * 7) }
              else {}
              end
    timeline(iid, COMMENTS + number, name, user(iid + number), changes)
  end

  def title(iid) = "The parser of messages fails for input #{iid}"
end
