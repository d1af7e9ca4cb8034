# frozen_string_literal: true

require "json"
require "time"
require_relative "expected_import/actual_rows"
require_relative "expected_import/attachments"
require_relative "expected_import/comparison"
require_relative "expected_import/diff_notes"
require_relative "expected_import/diffs"
require_relative "expected_import/lfs_objects"
require_relative "expected_import/markdown"
require_relative "expected_import/merge_requests"
require_relative "expected_import/people"
require_relative "expected_import/protected_branches"
require_relative "expected_import/refs"
require_relative "expected_import/releases"
require_relative "expected_import/timeline"

# What the database must hold after the import of one repository of the fake GitHub, computed from the fake's own data (the form
# of a data file, see spec/fake_github/data_set.h) and from GitLab's rules, independently of hubferry:
#
#   expected = ExpectedImport.new(github.dump, "octo/demo", git: "/path/of/octo/demo.git", files: github.attachments("octo/demo"),
#                                 web_url: github.url, project_url: "https://gitlab.example.com/g/demo")
#   _(expected.difference(database, project, config, refs: "lines of SHA and REF")).must_be_empty
#
# Rows are lists of text in the form that ActualRows reads: an issue is its number and a merge request "!NUMBER" where both can be, a
# user "placeholder GITHUB-ID", "ghost" or "user NAME", a time that the import itself decides "<now>", the secret of an upload the
# digest of its file. Covered are the tables of issues and merge requests and of what happens to them, releases, protected branches, the
# repository's refs, and the files of attachments and LFS objects.
class ExpectedImport
  TABLES = %w[issues issue_assignees label_links notes diff_notes note_diff_files suggestions system_note_metadata resource_state_events
              resource_label_events resource_milestone_events events merge_requests merge_request_assignees merge_request_reviewers
              merge_request_metrics approvals merge_request_diffs merge_request_diff_commits merge_request_commits_metadata
              merge_request_diff_commit_users merge_request_diff_files import_source_users import_source_user_placeholder_references
              issue_search_data internal_ids import_failures protected_branches releases uploads lfs_objects
              refs].push("upload files", "lfs files").freeze
  GITHUB = "4"
  LONGEST_TITLE = 255
  LONGEST_NOTE = 1_000_000
  LONGEST_DESCRIPTION = 1_048_576

  attr_reader :tables, :people

  # people: Mapped unless contributions are not mapped, see expected_import/people.rb.
  # now: when the import runs, for what depends on the age of an event.
  # git: the bare repository that the fake GitHub serves.
  # files: the attached files, as the fake GitHub tells of them. Their import is an optional stage, which has been asked for: also where
  # there are none, texts have addresses that look as if.
  def initialize(dump, repository, git:, web_url:, project_url:, files:, people: nil, now: Time.now)
    @repository = dump.fetch("repositories").find { |candidate| candidate["full_name"] == repository }
    @people = people || Mapped.new(dump.fetch("users"))
    @markdown = Markdown.new(web_url: web_url, import_source: repository, project_url: project_url, newest: @people.mapped?)
    @attachments = Attachments.new(self, files, web_url: web_url, import_source: repository, project_url: project_url)
    @source_hostname = web_url
    @oldest_event = Timeline.oldest_event(now)
    @tables = TABLES.to_h { |table| [table, []] }
    @counters = Hash.new(0)
    @refs = Refs.new(git)
    @repository.fetch("issues").each { |issue| add_issue(issue) }
    add_merge_requests(git)
    Releases.new(self).add_to_rows
    LfsObjects.new(self, git).add_to_rows
    ProtectedBranches.new(self, default_branch: @refs.default_branch).add_to_rows
    @refs.rows.each { |row| add("refs", *row) }
    @tables["import_source_users"] = @people.source_users(@source_hostname)
  end

  # What ObjectCounter must have counted, see ActualRows.counters.
  def counters
    { "fetched" => counted("fetched"), "imported" => counted("imported") }
  end

  # What is different in the database and the project's repository and files, for people to read; empty when nothing is. config: where
  # GitLab keeps the files. refs: as git prints them.
  def difference(database, project, config, refs:)
    Comparison.new(self, ActualRows.new(database, project, config, refs: @refs.told(refs))).to_s
  end

  # For the parts.
  attr_reader :markdown, :repository, :oldest_event, :refs

  def add(table, *row) = @tables.fetch(table) << row

  def count(type, imported: true)
    @counters[["fetched", type]] += 1
    @counters[["imported", type]] += 1 if imported
  end

  # A project's notes had a namespace before the newest GitLab.
  def note_namespace = people.mapped? ? nil : "project namespace"

  # The newest GitLab's database takes it away when a note is changed, as for attachments.
  def namespace_of_note(imported, now) = imported == now ? note_namespace : nil

  # A row that somebody made; what can be given to the real person later has a reference.
  def refer(model, column, user)
    identifier = user.to_s[/\Aplaceholder (.*)/, 1]
    add("import_source_user_placeholder_references", model, column, identifier, "t") if identifier
  end

  # A comment on an issue or pull request, from the timeline.
  def add_comment(noteable, author_login, body, created_at, updated_at)
    author, found = people.author(author_login)
    text = markdown.format(body, author_login, found, note: true)
    return refuse("note", noteable, "commented") if refused?(text)

    count("note")
    add_note(noteable, author, text, created_at, updated_at)
  end

  def add_note(noteable, author, text, created_at, updated_at = created_at)
    text_then = with_files("Note", text)
    add("notes", noteable, "f", author, text_then, nil, created_at, updated_at, GITHUB, namespace_of_note(text, text_then))
    refer("Note", "author_id", author)
  end

  # The text as it is when its attachments have been imported. model: Release, Note, Issue or MergeRequest.
  def with_files(model, text) = @attachments.bring_over(model, text)

  # An object that GitLab's models do not accept.
  def refuse(type, noteable, what)
    count(type, imported: false)
    add("import_failures", "ActiveRecord::RecordInvalid", noteable.delete("!"), what)
  end

  def refused?(text) = text.nil? || text.match?(/\A[[:space:]]*\z/) || text.length > LONGEST_NOTE

  def label?(title) = titles("labels").key?(title)
  def milestone?(title) = titles("milestones").key?(title)
  def issue?(number) = numbers("issues").key?(number)
  def pull?(number) = numbers("pulls").key?(number)

  def title(text) = text.length > LONGEST_TITLE ? "#{text[0, LONGEST_TITLE - 3]}..." : text

  # Longer ones are cut, not refused. author_found: as People#author tells it.
  def description(issuable, author_found)
    markdown.format(issuable["body"], issuable["user"], author_found)&.slice(0, LONGEST_DESCRIPTION)
  end

  def milestone(number) = numbers("milestones").key?(number) ? number.to_s : nil

  def add_label_links(issuable, type, titles)
    titles.each { |title| add("label_links", issuable, type, title, "<now>", "project namespace") if label?(title) }
  end

  private

  def titles(kind) = (@titles ||= {})[kind] ||= repository.fetch(kind).to_h { |object| [object["title"] || object["name"], true] }
  def numbers(kind) = (@numbers ||= {})[kind] ||= repository.fetch(kind).to_h { |object| [object["number"], true] }

  def counted(operation)
    own = { "label" => repository.fetch("labels").size, "milestone" => repository.fetch("milestones").size }
    own.merge(@counters.filter_map { |(name, type), count| [type, count] if name == operation }.to_h).reject { |_, count| count.zero? }
  end

  def add_issue(issue)
    number = issue.fetch("number").to_s
    author, found = people.author(issue["user"])
    add("issues", number, title(issue["title"]), with_files("Issue", description(issue, found)), author, milestone(issue["milestone"]),
        issue["state"] == "open" ? "1" : "2", issue["created_at"], issue["updated_at"], nil, nil, "1", GITHUB, "0", "f", "project namespace")
    add("issue_search_data", number, "project namespace")
    refer("Issue", "author_id", author)
    count("issue")
    add_assignees(number, issue["assignees"])
    add_label_links(number, "Issue", issue["labels"])
    Timeline.new(self, number, issue["timeline"]).add_to_rows
  end

  def add_merge_requests(git)
    pulls = repository.fetch("pulls")
    diffs = Diffs.new(self, git, pulls)
    diff_notes = DiffNotes.new(self, git, diffs)
    pulls.each { |pull| MergeRequest.new(self, pull).add_to_rows }
    pulls.each { |pull| diff_notes.add_to_rows(pull) }
    diffs.add_to_rows
  end

  # Deleted accounts are nobody, and a person is assigned once.
  def add_assignees(number, logins)
    logins.filter_map { |login| people.contributor(login) }.uniq.each do |user|
      add("issue_assignees", number, user, "project namespace")
      refer("IssueAssignee", "user_id", user)
    end
  end
end
