# frozen_string_literal: true

# A GitHub repository that exists only as job arguments: N issues, each with the same kinds of events in its timeline. What it
# says depends on the numbers only, so that every importer imports the same.
#
# The arguments have the form in which GitLab's representations travel (lib/gitlab/github_import/representation/).
class ImportRepository
  NAME = "acme/rocket"
  USERS = 200
  LABELS = 30
  MILESTONES = 10
  EVENTS = %w[closed labeled renamed assigned].freeze
  COMMENTS = 3
  EVENTS_PER_ISSUE = 2
  START = Time.utc(2024, 1, 1)
  WORDS = %w[the parser fails when header of request is longer than one buffer because it reads into memory that was given back and then
             `free()` called again see also our notes on timeouts in client which retries for ever with version after upgrade from
             stable release server returns error instead response body empty expected behaviour actual steps reproduce install run
             command configuration file option enabled default value changed documentation says should work but does not please
             attach log output stack trace thread queue worker process memory leak growing until killed kernel database migration
             index query slow plan lock timeout deploy cluster node network proxy certificate expired token scope permission].freeze

  attr_reader :issues

  def initialize(issues)
    @issues = issues
  end

  def self.login(user) = "contributor-#{user}"
  def self.user_id(user) = 50_000 + user
  def self.label(number) = "area: #{number % LABELS}"

  # By stage of the benchmark: the class that imports them, and the objects.
  def objects
    timeline_worker = "Gitlab::GithubImport::ImportIssueEventWorker"
    { "issues" => ["Gitlab::GithubImport::ImportIssueWorker", each_issue.map { |iid| issue(iid) }],
      "comments" => [timeline_worker, each_issue.flat_map { |iid| (0...COMMENTS).map { |place| comment(iid, place) } }],
      "events" => [timeline_worker, each_issue.flat_map { |iid| (0...EVENTS_PER_ISSUE).map { |place| event(iid, place) } }] }
  end

  private

  def each_issue = 1..issues

  # lib/gitlab/github_import/representation/issue.rb
  def issue(iid)
    { "iid" => iid, "title" => title(iid), "description" => text(iid, 90),
      "milestone_number" => iid.even? ? 1 + iid % MILESTONES : nil, "state" => (iid % 3).zero? ? "opened" : "closed",
      "assignees" => iid.even? ? [user(iid * 7)].compact : [], "label_names" => [label(iid), label(iid * 7 + 1)].uniq, "author" => user(iid),
      "created_at" => time(iid, 0), "updated_at" => time(iid, 9), "pull_request" => false, "work_item_type_id" => 1 }
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

  # One account in USERS is deleted.
  def user(number)
    number %= USERS
    number.zero? ? nil : { "id" => self.class.user_id(number), "login" => self.class.login(number) }
  end

  def label(number) = self.class.label(number)
  def title(iid) = "The parser of messages fails for input #{iid}"
  def time(iid, place) = (START + iid * 60 + place).strftime("%Y-%m-%d %H:%M:%S UTC")

  # Words, a mention and a link to the repository.
  def text(seed, count)
    random = Random.new(seed)
    words = Array.new(count) { WORDS[random.rand(WORDS.size)] }
    "#{words.join(" ").capitalize}.\n\nAsk @#{self.class.login(seed % USERS)}, see https://github.com/#{NAME}/issues/#{seed}."
  end
end
