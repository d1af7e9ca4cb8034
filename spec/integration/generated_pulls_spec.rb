# frozen_string_literal: true

# Generated pull requests: their commits are real, and what people say about them is about lines of their real diffs.

require "net/http"
require "tmpdir"
require_relative "../support/harness"
require_relative "../support/import_scenario"

describe "generated pull requests" do
  PULLS = "issues=30,pulls=60,reviews=3,review_comments=4,comments=2,events=8,users=20,labels=5,milestones=3,late=2"
  LAST = [89, 90].freeze

  def self.git_root
    @git_root ||= Dir.mktmpdir("generated-pulls").tap do |root|
      Minitest.after_run { FileUtils.rm_rf(root) }
      ImportScenario.make_repository(root, "octo/pulls:#{PULLS}")
    end
  end

  let(:git_root) { self.class.git_root }
  let(:repository) { File.join(git_root, "octo/pulls.git") }
  let(:everything) { File.join(repository, "late.git") }
  let(:github) { FakeGithub.new(Dir.mktmpdir, "--git-root", git_root, "-g", "octo/pulls:#{PULLS}") }
  let(:pulls) { page("pulls?state=all&direction=asc").to_h { |pull| [pull["number"], pull] } }
  let(:comments) { pulls.keys.flat_map { |number| page("pulls/#{number}/comments") } }
  let(:reviews) { pulls.keys.to_h { |number| [number, page("pulls/#{number}/reviews")] } }
  let(:timelines) { pulls.keys.to_h { |number| [number, page("issues/#{number}/timeline")] } }

  def page(path) = JSON.parse(Net::HTTP.get(URI("#{github.url}/api/v3/repos/octo/pulls/#{path}#{path.include?("?") ? "&" : "?"}per_page=100")))

  def git(*arguments, directory: everything)
    output, = Open3.capture2("git", "-c", "safe.directory=*", "--git-dir=#{directory}", *arguments, err: File::NULL)
    output
  end

  def commit?(sha, directory) = git("cat-file", "-t", sha, directory: directory) == "commit\n"

  # What becomes of it, where its branch is, where it goes.
  def kind(pull)
    fate = pull["merged_at"] ? "merged" : pull["draft"] ? "draft" : pull["state"]
    origin = if pull.dig("head", "repo", "fork") then "fork"
             elsif pull.dig("head", "repo") then "branch"
             else pull.dig("head", "user") ? "deleted fork" : "deleted account"
             end
    same = pull["head"]["ref"] == pull["base"]["ref"] ? "same name" : nil
    [fate, origin, same, pull["base"]["ref"] == "main" ? nil : "stacked"].compact.join(" ")
  end

  it "are of all kinds" do
    _(pulls.values.map { |pull| kind(pull) }.uniq.sort).must_equal [
      "closed branch", "closed branch stacked", "closed deleted fork same name", "closed fork same name", "draft branch",
      "draft deleted fork", "draft fork", "merged branch", "merged deleted account same name", "merged deleted account",
      "merged fork", "merged fork same name", "closed fork", "open branch", "open branch stacked", "closed deleted fork"
    ].sort
    %w[user milestone assignee body].each { |member| _(pulls.values.map { |pull| pull[member].nil? }.uniq.size).must_equal 2, member }
    _(pulls.values.map { |pull| pull["title"].size }.max).must_equal 256
    _(pulls.values.map { |pull| pull["labels"].size }.max).must_equal 3
    _(page("pulls/#{pulls.values.find { |pull| pull["merged_at"] }["number"]}")["merged_by"]).wont_be_nil
  end

  it "have commits with all sorts of changes" do
    changes = pulls.values.flat_map do |pull|
      _(commit?(pull["head"]["sha"], everything)).must_equal true
      git("diff", "--raw", "-M", "#{pull["base"]["sha"]}...#{pull["head"]["sha"]}").lines
    end
    kinds = changes.map { |line| line[/\A:(\d+ \d+) \S+ \S+ ([A-Z]\d*)/] && "#{$1} #{$2}" }.uniq
    _(kinds).must_include "100644 100755 M"
    _(kinds).must_include "000000 120000 A"
    _(kinds).must_include "100644 100644 R100"
    _(kinds.grep(/R0?9\d/)).wont_be_empty
    _(kinds).must_include "100644 000000 D"
    stats = pulls.values.flat_map { |pull| git("diff", "--numstat", "#{pull["base"]["sha"]}...#{pull["head"]["sha"]}").lines }
    _(stats.grep(/\A-\t-\t/)).wont_be_empty
    _(stats.grep(/\A5000\t/)).wont_be_empty
  end

  it "leave the main line before, at or after the commit that is called their base" do
    behind = pulls.values.map { |pull| git("merge-base", pull["base"]["sha"], pull["head"]["sha"]).strip != pull["base"]["sha"] }
    _(behind.uniq.size).must_equal 2
  end

  it "keep the branches of open ones only" do
    branches = git("for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads").split
    kept = pulls.values.select { |pull| branches.include?(pull["head"]["ref"]) && pull["head"]["ref"] != "main" }
    _(kept.map { |pull| pull["state"] }.uniq).must_equal ["open"]
    gone = pulls.values.select { |pull| pull["state"] == "open" && pull.dig("head", "repo", "fork") == false } - kept
    _(gone.size).must_equal 2
  end

  it "are commented on lines of their diffs" do
    comments.select { |comment| comment["line"] && !comment["diff_hunk"].to_s.empty? }.each do |comment|
      pull = pulls.fetch(Integer(comment["html_url"][%r{/pull/(\d+)#discussion_r#{comment["id"]}\z}, 1]))
      start = git("merge-base", pull["base"]["sha"], pull["head"]["sha"]).strip
      right = comment["side"] == "RIGHT"
      file = right ? "#{pull["head"]["sha"]}:#{comment["path"]}" : "#{start}:#{comment["path"].sub("moved/", "assets/")}"
      text = git("show", file).scrub.lines(chomp: true)
      _(comment["diff_hunk"].lines.last[1..]).must_equal text[comment["line"] - 1]
    end
  end

  it "are commented in all places, with replies to the first comment of a thread" do
    place = lambda do |comment|
      [comment["subject_type"], comment["side"], comment["diff_hunk"].to_s.empty? ? "no hunk" : "hunk",
       comment["line"] ? "current" : "outdated", comment["original_start_line"] ? "lines" : "line"].join(" ")
    end
    _(comments.map(&place).uniq.sort).must_equal [
      "file LEFT no hunk outdated line", "file RIGHT no hunk outdated line", "line LEFT hunk current line", "line LEFT hunk current lines",
      "line LEFT hunk outdated line", "line RIGHT hunk current line", "line RIGHT hunk current lines", "line RIGHT hunk outdated line",
      "line RIGHT hunk outdated lines", "line RIGHT no hunk current line"
    ]
    by_id = comments.to_h { |comment| [comment["id"], comment] }
    replies = comments.select { |comment| comment["in_reply_to_id"] }
    starters = replies.map { |reply| by_id[reply["in_reply_to_id"]] }
    _(starters).must_include nil
    _(starters.compact.map { |starter| starter["in_reply_to_id"] }.uniq).must_equal [nil]
    _(replies.zip(starters).all? { |reply, starter| starter.nil? || reply["path"] == starter["path"] }).must_equal true
  end

  it "get suggestions" do
    bodies = comments.map { |comment| comment["body"] }
    [/^```suggestion\r$/, /^```suggestion\n.*\n.*\n.*\n```/, /^   ```suggestion\n/, /^```suggestion for/, /```suggestion\z/].each do |form|
      _(bodies.grep(form)).wont_be_empty
    end
    _(bodies.grep_v(/```suggestion/)).wont_be_empty
  end

  it "have reviews in all states, the same in their list and in the timeline" do
    _(reviews.values.flatten.map { |review| review["state"] }.uniq.sort).must_equal %w[APPROVED CHANGES_REQUESTED COMMENTED DISMISSED PENDING]
    _(reviews.values.flatten.partition { |review| review.key?("submitted_at") }.map { |part| part.map { |review| review["state"] == "PENDING" }.uniq })
      .must_equal [[false], [true]]
    bodies = reviews.values.flatten.map { |review| review["body"] }
    [nil, "", " \r\n\t "].each { |body| _(bodies).must_include body }
    _(reviews.values.flatten.map { |review| review["user"] }).must_include nil
    reviews.each do |number, listed|
      shown = timelines[number].select { |event| event["event"] == "reviewed" }
      _(shown.map { |event| event.slice("id", "user", "body", "submitted_at", "state") })
        .must_equal(listed.map { |review| review.slice("id", "user", "body", "submitted_at").merge("state" => review["state"].downcase) })
      _(shown.any? { |event| event.key?("actor") }).must_equal false
    end
  end

  it "tell who merged them and who was asked to review them" do
    merged = timelines.transform_values { |events| events.find { |event| event["event"] == "merged" } }.compact
    _(merged.keys).must_equal(pulls.values.select { |pull| pull["merged_at"] }.map { |pull| pull["number"] })
    merged.each do |number, event|
      single = page("pulls/#{number}")
      _(event.values_at("actor", "commit_id", "created_at")).must_equal single.values_at("merged_by", "merge_commit_sha", "merged_at")
    end
    asked = timelines.values.flatten.select { |event| event["event"].start_with?("review_request") }
    _(asked.map { |event| [event.key?("requested_reviewer"), event.dig("requested_team", "slug")] }.uniq.sort_by(&:to_s))
      .must_equal [[false, "pilots"], [true, nil]]
    answers = pulls.keys.map { |number| page("pulls/#{number}/requested_reviewers") }
    _(answers.map { |answer| answer["users"].size }.uniq.sort).must_equal [0, 1, 2]
    _(answers.map { |answer| answer["teams"].size }.uniq.sort).must_equal [0, 1]
  end

  it "have texts that importers stumble over, where issues have them" do
    github.repository("full_name" => "octo/nasty", "generate" => "pulls=60,reviews=2,review_comments=3,nasty=1")
    nasty = ->(path) { JSON.parse(Net::HTTP.get(URI("#{github.url}/api/v3/repos/octo/nasty/#{path}"))) }
    _(nasty["pulls/31"]["title"].length).must_equal 300
    _(nasty["pulls/7"]["body"]).must_equal "before\0behind @user-1 \0"
    _(nasty["pulls/3/reviews"].first["body"]).must_match(/see\r\n@user-2\r\n/)
    _(nasty["pulls/5/comments"].first["body"]).must_match(/🚢/)
  end

  it "are counted" do
    counts = github.counts("octo/pulls")
    _(counts.values_at("reviews", "review_comments")).must_equal [reviews.values.sum(&:size), comments.size]
    _(counts["timeline"]["reviewed"]).must_equal counts["reviews"]
    github.repository("full_name" => "octo/many", "generate" => "pulls=5000,review_comments=4,reviews=2")
    _(github.counts("octo/many").values_at("review_comments", "reviews")).must_equal [19_995, 10_000]
  end

  it "are dumped with everything that is said about them" do
    dump = github.dump["repositories"].first["pulls"]
    _(dump.map { |pull| pull["head"]["sha"] }).must_equal(pulls.values.map { |pull| pull["head"]["sha"] })
    _(dump.flat_map { |pull| pull["review_comments"].map { |comment| comment.values_at("path", "diff_hunk", "line", "side") } })
      .must_equal(comments.map { |comment| comment.values_at("path", "diff_hunk", "line", "side") })
  end

  it "can be newer than a mirror, until their commits are published" do
    late = pulls.values_at(*LAST).map { |pull| pull["head"]["sha"] }
    _(pulls.values.select { |pull| Time.parse(pull["updated_at"]) > Time.now }.map { |pull| pull["number"] }).must_equal LAST
    copy = Dir.mktmpdir
    FileUtils.cp_r("#{git_root}/.", copy)
    here = File.join(copy, "octo/pulls.git")
    other = FakeGithub.new(Dir.mktmpdir, "--git-root", copy, "-g", "octo/pulls:#{PULLS}")
    mirror = -> { git("ls-remote", other.import_url("octo/pulls")).lines.to_h { |line| line.split.reverse }.values_at(*LAST.map { |number| "refs/pull/#{number}/head" }) }
    _(mirror.call).must_equal [nil, nil]
    _(late.map { |sha| commit?(sha, here) }).must_equal [false, false]
    other.publish("octo/pulls")
    _(mirror.call).must_equal late
    _(git("fsck", "--connectivity-only", directory: here)).must_equal ""
  ensure
    FileUtils.rm_rf(copy)
  end

  it "are the same whenever they are made" do
    again = Dir.mktmpdir
    ImportScenario.make_repository(again, "octo/pulls:#{PULLS}")
    notes = [git_root, again].map { |root| File.read(File.join(root, "octo/pulls.git/fake_github.json")) }
    _(notes.uniq.size).must_equal 1
  ensure
    FileUtils.rm_rf(again)
  end

  it "can change more than anybody reads" do
    root = Dir.mktmpdir
    ImportScenario.make_repository(root, "--wide", "1200", "--large", "2", "octo/wide:pulls=2")
    directory = File.join(root, "octo/wide.git")
    range = JSON.parse(File.read(File.join(directory, "fake_github.json"))).values_at("pull/2/start", "pull/2/head")
    _(git("diff", "--name-only", *range, directory: directory).lines.grep(/wide/).size).must_equal 1200
    _(git("cat-file", "-s", "#{range.last}:large.txt", directory: directory)).must_equal "#{2 << 20}\n"
  ensure
    FileUtils.rm_rf(root)
  end
end
