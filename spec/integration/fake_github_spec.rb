# frozen_string_literal: true

# The fake GitHub must behave as GitHub does wherever the importer can tell the difference.

require "fileutils"
require "json"
require "minitest/autorun"
require "minitest/spec"
require "net/http"
require "open3"
require "openssl"
require "socket"
require "tmpdir"

BUILD = ENV.fetch("HUBFERRY_BUILD")
MAKE_REPOSITORY = File.expand_path("../fake_github/make_repository", __dir__)

# A running fake_github with its folders; everything is gone after stop.
class RunningServer
  PROGRAM = File.join(BUILD, "spec/fake_github/fake_github")

  attr_reader :url, :folder

  def initialize(*arguments)
    @folder = Dir.mktmpdir("fake_github_spec")
    reader, writer = IO.pipe
    @pid = Process.spawn(PROGRAM, "--port", "0", "--git-root", git_root, "--push-root", push_root, *arguments,
                         out: writer)
    writer.close
    line = reader.gets or raise "fake_github did not start"
    reader.close
    @url = line[/http\S+/]
  end

  def git_root = File.join(folder, "git")
  def push_root = File.join(folder, "push")
  def port = URI(url).port

  def stop
    Process.kill("TERM", @pid)
    Process.wait(@pid)
    $?.exitstatus
  ensure
    FileUtils.rm_rf(folder)
  end
end

module Client
  def http(request)
    uri = URI(server.url)
    Net::HTTP.start(uri.host, uri.port, max_retries: 0) { |connection| connection.request(request) }
  end

  def get(path, **headers)
    http(Net::HTTP::Get.new(path.delete_prefix(server.url), headers.transform_keys(&:to_s)))
  end

  def json(path, **headers)
    JSON.parse(get(path, **headers).body)
  end

  def control(path, body = nil)
    return json("/__control/#{path}") unless body

    request = Net::HTTP::Post.new("/__control/#{path}")
    request.body = JSON.generate(body)
    response = http(request)
    _(response.code).must_equal "200", response.body
  end

  def links(response)
    response["Link"].to_s.split(", ").to_h { |link| link.match(/\A<(.+)>; rel="(\w+)"\z/).captures.reverse }
  end

  # All objects of a list, following the Link header as the importer does.
  def all_pages(path)
    objects = []
    while path
      response = get(path)
      objects.concat(JSON.parse(response.body))
      path = links(response)["next"]
    end
    objects
  end

  def git(*arguments)
    output, status = Open3.capture2e({ "GIT_CONFIG_NOSYSTEM" => "1", "GIT_CONFIG_GLOBAL" => "/dev/null",
                                       "GIT_TERMINAL_PROMPT" => "0" }, "git", *arguments)
    [output, status.success?]
  end

  def git!(*arguments)
    output, success = git(*arguments)
    _(success).must_equal true, "git #{arguments.join(" ")}: #{output}"
    output
  end
end

R = "/api/v3/repos/acme/rocket"
SPECIFICATION = "labels=7,milestones=6,releases=12,issues=30,pulls=20,branches=4,users=5"
TALK = "labels=3,milestones=2,issues=30,pulls=20,comments=3,events=8,reviews=2,review_comments=4,collaborators=8"

DATA = {
  users: [{ login: "mira", id: 1042, email: "mira@example.com" }],
  repositories: [
    { full_name: "acme/stated", id: 77, renamed_from: ["acme/former"], default_branch: "trunk",
      labels: [{ name: "bug", color: "fbca04" }],
      milestones: [{ number: 3, title: "v2", state: "closed", due_on: "2024-06-01T07:00:00Z" }],
      releases: [{ tag_name: "v1", author: "mira", draft: true, published_at: nil }],
      issues: [{ number: 9, title: "Later" },
               { number: 7, title: "Pump leaks", body: "see {web}/{repository}/issues/3", state: "closed", user: "mira",
                 assignees: ["mira"], labels: ["bug"], milestone: 3 }],
      pulls: [{ number: 8, title: "Fix", user: nil, head: { ref: "fix", sha: "a" * 40, repo: nil, user: nil },
                comments: [{ user: "mira", body: "Why?" }], reviews: [{ id: 5, user: "mira", state: "APPROVED" }],
                requested_reviewers: ["mira"] }],
      branches: [{ name: "feature/x", sha: "b" * 40,
                   protection: { allow_force_pushes: { enabled: true },
                                 required_pull_request_reviews: { bypass_pull_request_allowances: { users: ["mira"] } } } },
                 { name: "trunk" }] },
    { full_name: "acme/quiet", has_issues: false, private: true },
    { full_name: "acme/deep", pagination: "cursor", generate: "issues=5" }
  ]
}.freeze

describe "fake GitHub" do
  include Client

  def self.shared_server
    @shared_server ||= begin
      data = File.join(Dir.mktmpdir("fake_github_data"), "data.json")
      File.write(data, JSON.generate(DATA))
      server = RunningServer.new("--generate", "acme/rocket:#{SPECIFICATION}", "--generate", "acme/talk:#{TALK}", "--data", data, "--token", "secret",
                                 "--push-credentials", "root:pushing", "--push-create")
      Minitest.after_run { server.stop and FileUtils.rm_rf(File.dirname(data)) }
      server
    end
  end

  let(:server) { self.class.shared_server }

  before { control("reset", {}) }

  def self.describe(*arguments, &block)
    owner = self
    super.tap { |nested| nested.define_singleton_method(:shared_server) { owner.shared_server } }
  end

  describe "paging" do
    it "links pages by repository number, with the client's own query" do
      first = get("#{R}/issues?state=all&sort=created&direction=asc&per_page=20")
      id = json(R)["id"]
      _(links(first)["next"]).must_equal "#{server.url}/api/v3/repositories/#{id}/issues" \
                                         "?state=all&sort=created&direction=asc&per_page=20&page=2"
      _(links(first).keys).must_equal %w[next last]
      last = get(links(first)["last"])
      _(links(last).keys).must_equal %w[prev first]
      _(JSON.parse(last.body).map { |issue| issue["number"] }).must_equal (41..50).to_a
    end

    it "gives every object once, in the order asked for" do
      numbers = all_pages("#{R}/issues?state=all&sort=created&direction=asc&per_page=7").map { |issue| issue["number"] }
      _(numbers).must_equal (1..50).to_a
      newest = json("#{R}/pulls?state=all&per_page=2").map { |pull| pull["number"] }
      _(newest).must_equal [50, 48]
    end

    it "has pages of 30, of at most 100, and no Link for a single page" do
      _(json("#{R}/issues?state=all").size).must_equal 30
      _(json("#{R}/issues?state=all&per_page=1000").size).must_equal 50
      _(get("#{R}/labels")["Link"]).must_be_nil
      _(json("#{R}/labels?page=9")).must_equal []
    end

    it "filters by state, open by default" do
      states = ->(query) { json("#{R}/milestones#{query}").map { |milestone| milestone["state"] }.uniq.sort }
      _(states.call("")).must_equal %w[open]
      _(states.call("?state=closed")).must_equal %w[closed]
      _(states.call("?state=all")).must_equal %w[closed open]
    end

    it "pages by cursor where GitHub does" do
      first = get("/api/v3/repos/acme/deep/issues?state=all&direction=asc&per_page=2")
      _(links(first).keys).must_equal %w[next]
      _(links(first)["next"]).must_match(/after=/)
      numbers = all_pages("/api/v3/repos/acme/deep/issues?state=all&direction=asc&per_page=2").map { |issue| issue["number"] }
      _(numbers).must_equal (1..5).to_a
      _(get("/api/v3/repos/acme/deep/issues?state=all&page=101").code).must_equal "422"
      control("repositories", { full_name: "acme/deeper", pagination: "cursor", last_numbered_page: 2, generate: "issues=5" })
      _(%w[2 3].map { |page| get("/api/v3/repos/acme/deeper/issues?state=all&per_page=1&page=#{page}").code }).must_equal %w[200 422]
    end
  end

  describe "generated data" do
    it "is the same in every run and differs by seed" do
      dump = ->(seed) { Open3.capture2(RunningServer::PROGRAM, "--dump", "-g", "a/b:#{SPECIFICATION},seed=#{seed}").first }
      _(dump.call(1)).must_equal dump.call(1)
      _(dump.call(1)).wont_equal dump.call(2)
      repository = JSON.parse(dump.call(1))["repositories"].first
      _(repository.values_at("labels", "milestones", "releases", "issues", "pulls", "branches").map(&:size))
        .must_equal [7, 6, 12, 30, 20, 4]
    end

    it "shares numbers between issues and pull requests" do
      issues = all_pages("#{R}/issues?state=all&direction=asc")
      pulls = issues.select { |issue| issue["pull_request"] }.map { |issue| issue["number"] }
      _(pulls).must_equal (1..20).map { |ordinal| (ordinal * 50 + 19) / 20 }
      _(all_pages("#{R}/pulls?state=all&direction=asc").map { |pull| pull["number"] }).must_equal pulls
    end

    it "has the shapes that trip importers" do
      pulls = all_pages("#{R}/pulls?state=all")
      issues = all_pages("#{R}/issues?state=all")
      _(issues.map { |issue| issue["user"] }).must_include nil
      _(issues.map { |issue| issue["body"] }).must_include nil
      _(pulls.map { |pull| pull.dig("head", "repo", "fork") }.tally[true]).must_equal 2
      _(pulls.none? { |pull| pull.key?("merged_by") }).must_equal true
      merged = pulls.find { |pull| pull["merged_at"] }
      _(json("#{R}/pulls/#{merged["number"]}").dig("merged_by", "login")).must_match(/\Auser-\d\z/)
    end
  end

  describe "generated talk" do
    let(:talk) { "/api/v3/repos/acme/talk" }

    it "has comments, reviews and events in the timeline, under the same ids" do
      timelines = (1..50).to_h { |number| [number, all_pages("#{talk}/issues/#{number}/timeline?per_page=10")] }
      (1..50).each do |number|
        comments = all_pages("#{talk}/issues/#{number}/comments?per_page=2")
        _(comments.size).must_equal number % 7
        shown = timelines[number].select { |event| event["event"] == "commented" }
        _(shown.map { |event| event["id"] }).must_equal comments.map { |comment| comment["id"] }
        _(json("#{talk}/issues/#{number}")["comments"]).must_equal comments.size
      end
      events = timelines.values.flatten
      _(events.filter_map { |event| event["id"] }.tally.values.max).must_equal 1
      _(events.map { |event| event["event"] }.uniq.sort).must_equal %w[
        assigned closed commented committed convert_to_draft cross-referenced demilestoned head_ref_deleted head_ref_force_pushed
        labeled locked mentioned merged milestoned ready_for_review referenced renamed reopened review_dismissed
        review_request_removed review_requested reviewed subscribed unassigned unlabeled
      ]
      _(events.select { |event| %w[cross-referenced committed].include?(event["event"]) }.any? { |event| event.key?("id") }).must_equal false
    end

    it "refers to issues from issues, from pull requests and from other repositories" do
      sources = (1..50).flat_map { |number| all_pages("#{talk}/issues/#{number}/timeline") }.filter_map { |event| event.dig("source", "issue") }
      kinds = sources.map { |issue| [issue.dig("repository", "full_name"), issue.key?("pull_request")] }.uniq
      _(kinds.sort_by(&:to_s)).must_equal [["acme/talk", false], ["acme/talk", true], ["elsewhere/engine", false]]
      _(sources.map { |issue| [issue["id"], issue["number"]] }.uniq.map(&:first).tally.values.max).must_equal 1
    end

    it "has the average of events that an importer takes, and others between them" do
      passed_over = %w[mentioned subscribed referenced committed locked]
      names = all_pages("#{talk}/issues/16/timeline?per_page=100").map { |event| event["event"] } - %w[commented reviewed merged]
      _(names.partition { |name| passed_over.include?(name) }.map(&:size)).must_equal [4, 16]
    end

    it "lists the comments of the whole repository, by issue" do
      comments = all_pages("#{talk}/issues/comments?per_page=7")
      _(comments.map { |comment| comment["id"] }).must_equal((1..50).flat_map { |number| all_pages("#{talk}/issues/#{number}/comments") }.map { |comment| comment["id"] })
      _(comments.map { |comment| comment["html_url"][%r{/(issues|pull)/\d+#}, 1] }.uniq.sort).must_equal %w[issues pull]
      reviews = all_pages("#{talk}/pulls/comments?per_page=100")
      _(reviews.size).must_equal control("counts?repository=acme/talk")["review_comments"]
    end

    it "ends a repository-wide list where GitHub does" do
      control("repositories", { full_name: "acme/limited", generate: "issues=9,comments=3", list_limit: 10 })
      path = "/api/v3/repos/acme/limited/issues/comments?per_page=5"
      _(links(get(path))["last"]).must_match(/page=2\z/)
      _(links(get("#{path}&page=2"))["next"]).must_match(/page=3\z/)
      refused = get("#{path}&page=3")
      _([refused.code, refused.body[/pagination is limited for this resource/]]).must_equal ["422", "pagination is limited for this resource"]
    end

    it "is counted without being read" do
      counts = control("counts?repository=acme/talk")
      _(counts.values_at("issues", "pulls", "labels")).must_equal [30, 20, 3]
      _(counts["comments"]).must_equal counts["timeline"]["commented"]
      _(counts["timeline"]["labeled"]).must_equal((1..50).flat_map { |number| all_pages("#{talk}/issues/#{number}/timeline") }.count { |event| event["event"] == "labeled" })
      _(get("/__control/counts?repository=acme/none").code).must_equal "400"
    end

    it "has review comments that reply to earlier ones" do
      comments = (1..20).flat_map { |ordinal| all_pages("#{talk}/pulls/#{(ordinal * 50 + 19) / 20}/comments") }
      ids = comments.map { |comment| comment["id"] }
      _(ids.uniq).must_equal ids
      replies = comments.filter_map { |comment| comment["in_reply_to_id"] }
      _(replies).wont_be_empty
      _(replies - ids).must_equal []
      _(comments.all? { |comment| comment["html_url"].end_with?("#discussion_r#{comment["id"]}") }).must_equal true
      _(comments.map { |comment| comment["subject_type"] }.uniq.sort).must_equal %w[file line]
    end

    it "counts outside collaborators among the direct ones" do
      direct = json("#{talk}/collaborators?affiliation=direct")
      outside = json("#{talk}/collaborators?affiliation=outside")
      _([direct.size, outside.size]).must_equal [8, 2]
      _((direct - outside).map { |user| user["role_name"] }).must_equal %w[admin maintain write read admin maintain]
    end

    it "survives a dump: the data file serves the same" do
      dump, = Open3.capture2(RunningServer::PROGRAM, "--dump", "--generate", "acme/talk:#{TALK}")
      file = File.join(server.folder, "dump.json")
      File.write(file, dump)
      other = RunningServer.new("--data", file)
      %w[issues?state=all pulls?state=all issues/20/timeline pulls/20 pulls/20/comments labels collaborators].each do |path|
        dumped = Net::HTTP.get(URI("#{other.url}#{talk}/#{path}")).gsub(other.url, server.url)
        _(JSON.parse(dumped) == json("#{talk}/#{path}")).must_equal true, path
      end
    ensure
      other&.stop
    end
  end

  describe "a big generated project" do
    BIG = "issues=100,comments=5,events=9,users=60,labels=5,milestones=3,nasty=2,start=1700000000"
    let(:big) { "/api/v3/repos/acme/big" }

    before { control("repositories", { full_name: "acme/big", generate: BIG }) }

    def people(objects) = objects.flat_map { |object| [object["user"], object["actor"], object["assignee"], *object["assignees"]] }

    it "names every user somewhere, deleted ones and apps too" do
      timelines = (1..100).flat_map { |number| all_pages("#{big}/issues/#{number}/timeline?per_page=100") }
      everybody = people(all_pages("#{big}/issues?state=all&per_page=100") + timelines)
      _(everybody.compact.map { |user| user["login"] }.uniq.sort).must_equal ["ghost", "robot-50[bot]", *(1..60).map { |k| "user-#{k}" } - ["user-50"]].sort
      _(everybody.compact.find { |user| user["login"] == "robot-50[bot]" }["type"]).must_equal "Bot"
      _(timelines.any? { |event| event.key?("actor") && event["actor"].nil? }).must_equal true
    end

    it "has users without a name, with a public address, and some that left" do
      _(json("/users/user-5")["name"]).must_be_nil
      _(json("/users/user-6").values_at("name", "email")).must_equal ["User 6", "user-6@example.com"]
      _(json("/users/robot-50%5Bbot%5D")["type"]).must_equal "Bot"
      _(get("/users/user-59").code).must_equal "404"
      _(get("/users/user-50").code).must_equal "404"
    end

    it "starts when it is told to" do
      _(json("#{big}/issues/1")["created_at"]).must_equal "2023-11-14T23:13:20Z"
    end

    it "has texts that importers stumble over at fixed positions" do
      body = ->(number) { json("#{big}/issues/#{number}")["body"] }
      _(body[3]).must_match(/see\r\n@user-2\r\n/)
      _(body[5]).must_match(/🚢/)
      _(body[7]).must_equal "before\0behind @user-1 \0"
      _(get("#{big}/issues/11").body).must_match(/before \\ud83d behind/)
      _(body[13]).must_match(%r{\A#{server.url}/acme/big/issues/3 })
      _(get("#{big}/issues/17").body.force_encoding("UTF-8").valid_encoding?).must_equal false
      _(body[19].strip).must_equal ""
      _(body[23].length).must_equal 1_000_000
      _(json("#{big}/issues/31")["title"].length).must_equal 300
      _(json("#{big}/issues/33")["title"].length).must_equal 255
      _(json("#{big}/issues/27/comments")[0]["body"].length).must_equal 1_000_001
    end

    it "can be dumped as it is served" do
      dump = control("dump?repository=acme/big")
      _(dump["issues"].find { |issue| issue["number"] == 7 }["body"]).must_equal "before\0behind @user-1 \0"
      _(dump["issues"].sum { |issue| issue["timeline"].size }).must_equal control("counts?repository=acme/big")["timeline"].values.sum
    end
  end

  describe "GraphQL" do
    def graphql(query, path: "/api/graphql", token: "secret", **variables)
      request = Net::HTTP::Post.new(path, token ? { "Authorization" => "bearer #{token}" } : {})
      request.body = JSON.generate(query: query, variables: variables)
      response = http(request)
      [response.code, JSON.parse(response.body), response]
    end

    def error_of(query, **variables) = graphql(query, **variables)[1]["errors"].map { |error| error["message"] }

    it "looks up users in bulk, with aliases and variables" do
      query = "query($l0:String!,$l1:String!){u0:user(login:$l0){login databaseId name email} u1:user(login:$l1){login databaseId name email}}"
      status, answer, = graphql(query, l0: "user-3", l1: "user-5")
      _(status).must_equal "200"
      _(answer).must_equal({ "data" => {
        "u0" => { "login" => "user-3", "databaseId" => 1003, "name" => "User 3", "email" => "user-3@example.com" },
        "u1" => { "login" => "user-5", "databaseId" => 1005, "name" => nil, "email" => "" }
      } })
      _(graphql('{ user(login: "mira") { id: databaseId } }', path: "/graphql")[1]).must_equal({ "data" => { "user" => { "id" => 1042 } } })
    end

    it "answers null with an error beside the data for nobody and for apps" do
      control("repositories", { full_name: "acme/big", generate: "issues=1,users=60" })
      answer = graphql('{ a: user(login: "nobody") { login }, b: user(login: "robot-50[bot]") { login } c: user(login: "user-1") { login } }')[1]
      _(answer["data"]).must_equal({ "a" => nil, "b" => nil, "c" => { "login" => "user-1" } })
      _(answer["errors"].first).must_equal({ "type" => "NOT_FOUND", "path" => ["a"], "locations" => [{ "line" => 1, "column" => 3 }],
                                             "message" => "Could not resolve to a User with the login of 'nobody'." })
      _(answer["errors"].map { |error| error["path"] }).must_equal [["a"], ["b"]]
    end

    it "takes one request out of the rate limit and says what remains" do
      control("rate_limit", { limit: 5000, remaining: 2 })
      _, answer, response = graphql("{ rateLimit { limit cost remaining resetAt } }")
      _(answer.dig("data", "rateLimit").values_at("limit", "cost", "remaining")).must_equal [5000, 1, 1]
      _(response["X-RateLimit-Remaining"]).must_equal "1"
      graphql("{ rateLimit { cost } }")
      status, answer, response = graphql("{ rateLimit { cost } }")
      _([status, answer["errors"].first["type"], response["X-RateLimit-Remaining"]]).must_equal %w[200 RATE_LIMITED 0]
      _(control("counters")["requests"]).must_equal({ "POST /graphql" => 3 })
    end

    it "is for those with a token, and can be refused" do
      _(graphql("{ rateLimit { cost } }", token: nil)[0]).must_equal "401"
      _(graphql("{ rateLimit { cost } }", token: "other")[1]["message"]).must_equal "Bad credentials"
      control("faults", { match: "/graphql", status: 403, message: "Resource not accessible by integration" })
      _(graphql("{ rateLimit { cost } }").first(2).map { |part| part.is_a?(Hash) ? part["message"] : part })
        .must_equal ["403", "Resource not accessible by integration"]
      control("reset", {})
      _(get("/graphql").code).must_equal "404"
    end

    it "says what is wrong with a query" do
      _(error_of("{ user(login: \"mira\") { nick } viewer { login } }"))
        .must_equal ["Field 'nick' doesn't exist on type 'User'", "Field 'viewer' doesn't exist on type 'Query'"]
      _(error_of("{ user(login: $l) { login } }")).must_equal ["Variable $l is used but not declared"]
      _(error_of("query($l:String!){ user(login: $l) { login } }")).must_equal ["Variable $l of type String! was provided invalid value"]
      _(error_of("{ user(login: \"mira\") }").first).must_match(/Field must have selections/)
      ["{", "mutation { x }", "{ user(login: ) { login } }", "{ rateLimit { cost } } x", "{ user(login: \"m) { login } }", ""].each do |query|
        _(error_of(query).first).must_match(/\AExpected .+ at \[1, \d+\]\z/)
      end
    end
  end

  describe "a data file" do
    let(:stated) { "/api/v3/repos/acme/stated" }

    it "is completed to GitHub's shape" do
      issue = json("#{stated}/issues/7")
      _(issue["user"].values_at("login", "id", "type")).must_equal ["mira", 1042, "User"]
      _(issue["labels"].first["color"]).must_equal "fbca04"
      _(issue["milestone"].values_at("number", "title")).must_equal [3, "v2"]
      _(issue["body"]).must_equal "see #{server.url}/acme/stated/issues/3"
      _(issue["closed_at"]).must_be_nil
      _(json("#{stated}/releases").first.values_at("tag_name", "draft", "published_at")).must_equal ["v1", true, nil]
      _(json(stated).values_at("id", "default_branch", "has_wiki")).must_equal [77, "trunk", true]
    end

    it "puts pull requests among the issues" do
      issues = json("#{stated}/issues?state=all&direction=asc")
      _(issues.map { |issue| [issue["number"], issue.key?("pull_request")] }).must_equal [[7, false], [8, true], [9, false]]
      pull = json("#{stated}/pulls").first
      _(pull["head"].values_at("ref", "sha", "repo", "user")).must_equal ["fix", "a" * 40, nil, nil]
      _(pull["base"]["repo"]["id"]).must_equal 77
    end

    it "states what belongs to an issue or pull request" do
      comments = json("#{stated}/issues/8/comments")
      _(comments.first.values_at("body", "html_url"))
        .must_equal ["Why?", "#{server.url}/acme/stated/pull/8#issuecomment-#{comments.first["id"]}"]
      timeline = json("#{stated}/issues/8/timeline")
      _(timeline.map { |event| event.values_at("event", "id", "state") })
        .must_equal [["commented", comments.first["id"], nil], ["reviewed", 5, "approved"]]
      _(json("#{stated}/pulls/8/reviews").first["state"]).must_equal "APPROVED"
      _(json("#{stated}/pulls/8/requested_reviewers")["users"].map { |user| user["id"] }).must_equal [1042]
      _(json("#{stated}/issues/9/timeline")).must_equal []
      _(get("#{stated}/issues/10/timeline").code).must_equal "404"
    end

    it "protects branches, also those with a slash" do
      _(json("#{stated}/branches").map { |branch| [branch["name"], branch["protection"]["enabled"]] })
        .must_equal [["feature/x", true], ["trunk", false]]
      protection = json("#{stated}/branches/feature/x/protection")
      _(protection["url"]).must_equal "#{server.url}#{stated}/branches/feature/x/protection"
      _(protection.dig("allow_force_pushes", "enabled")).must_equal true
      _(protection.dig("required_pull_request_reviews", "bypass_pull_request_allowances", "users", 0, "login")).must_equal "mira"
      refused = get("#{stated}/branches/trunk/protection")
      _([refused.code, JSON.parse(refused.body)["message"]]).must_equal ["404", "Branch not protected"]
    end

    it "decides which users exist" do
      _(json("/users/mira")["email"]).must_equal "mira@example.com"
      _(json("/users/user-3")["email"]).must_equal "user-3@example.com"
      _(get("/users/nobody").code).must_equal "404"
    end

    it "answers a former name with 301" do
      response = get("/api/v3/repos/acme/former/labels?per_page=1")
      _(response.code).must_equal "301"
      _(response["Location"]).must_equal "#{server.url}/api/v3/repositories/77/labels?per_page=1"
    end

    it "can be changed while the server runs" do
      control("repositories", { full_name: "acme/new", labels: [{ name: "first" }] })
      _(json("/repos/acme/new/labels").map { |label| label["name"] }).must_equal %w[first]
      control("repositories", { full_name: "acme/new", labels: [] })
      _(json("/repos/acme/new/labels")).must_equal []
    end

    it "hides private repositories and switched-off issues" do
      _(get("/repos/acme/quiet").code).must_equal "404"
      _(get("/repos/acme/quiet", Authorization: "token secret").code).must_equal "200"
      _(get("/repos/acme/quiet/issues", Authorization: "token secret").code).must_equal "410"
    end
  end

  describe "conditional requests" do
    it "answers 304 to a known ETag and does not count it against the limit" do
      control("rate_limit", { limit: 100, remaining: 10 })
      first = get("/users/user-1")
      _(first["ETag"]).must_match(%r{\AW/"\h+"\z})
      _(first["X-RateLimit-Remaining"]).must_equal "9"
      again = get("/users/user-1", "If-None-Match": first["ETag"])
      _([again.code, again.body, again["ETag"], again["X-RateLimit-Remaining"]])
        .must_equal ["304", nil, first["ETag"], "9"]
      _(get("/users/user-2", "If-None-Match": first["ETag"]).code).must_equal "200"
      _(control("counters")["not_modified"]).must_equal 1
    end
  end

  describe "rate limit" do
    it "refuses when nothing remains and says when to come back" do
      control("rate_limit", { limit: 5000, remaining: 1, reset_in: 100 })
      _(get(R).code).must_equal "200"
      refused = get(R)
      _(refused.code).must_equal "403"
      _(refused.body).must_match(/API rate limit exceeded/)
      _(refused["X-RateLimit-Remaining"]).must_equal "0"
      _(refused["X-RateLimit-Reset"].to_i - Time.now.to_i).must_be_close_to 100, 5
      overview = get("/rate_limit")
      _(JSON.parse(overview.body).dig("resources", "core", "remaining")).must_equal 0
    end

    it "starts a new window at the reset" do
      control("rate_limit", { limit: 50, remaining: 0, reset_in: 0 })
      _(get(R)["X-RateLimit-Remaining"]).must_equal "49"
    end

    it "can be switched off as on GitHub Enterprise" do
      control("rate_limit", { enabled: false })
      _(get(R)["X-RateLimit-Limit"]).must_be_nil
      _(get("/api/v3/rate_limit").code).must_equal "404"
    end
  end

  describe "authorization" do
    it "knows its tokens" do
      _(get(R, Authorization: "token secret").code).must_equal "200"
      refused = get(R, Authorization: "token other")
      _([refused.code, JSON.parse(refused.body)["message"]]).must_equal ["401", "Bad credentials"]
    end

    it "shows the form of the header in the journal, but no secret" do
      get(R, Authorization: "token secret")
      request = control("requests?last=1").first
      _(request.values_at("method", "path", "status")).must_equal ["GET", R, 200]
      _(request["headers"]["Authorization"]).must_equal "token *** (accepted)"
    end
  end

  describe "blocked repositories" do
    it "answers what it is told to" do
      { 403 => "Repository access blocked", 404 => "Not Found", 451 => "Repository access blocked" }.each do |status, message|
        control("status", { repository: "acme/rocket", status: status })
        response = get("#{R}/labels")
        _([response.code, JSON.parse(response.body)["message"]]).must_equal [status.to_s, message]
      end
      control("status", { repository: "acme/rocket", status: 0 })
      _(get("#{R}/labels").code).must_equal "200"
    end
  end

  describe "faults" do
    def fault(**members)
      control("faults", { match: "/repos/acme/rocket/labels", **members })
    end

    it "hit so many requests, however the path is spelled" do
      fault(status: 502, times: 2)
      id = json(R)["id"]
      codes = ["#{R}/labels", "/repositories/#{id}/labels", "#{R}/labels", "#{R}/milestones"].map { |path| get(path).code }
      _(codes).must_equal %w[502 502 200 200]
      _(control("faults").first.values_at("seen", "hits")).must_equal [3, 2]
      _(control("counters")["requests"]["GET /repos/:owner/:repo/labels"]).must_equal 3
    end

    it "can wait for a certain request" do
      fault(status: 500, query: "page=2", skip: 1, times: 1)
      _(%w[1 2 2 2].map { |page| get("#{R}/labels?per_page=1&page=#{page}").code }).must_equal %w[200 200 500 200]
    end

    it "hit a percentage, the same requests in every run" do
      codes = Array.new(2) do
        control("reset", {})
        fault(status: 503, percent: 30, seed: 7)
        Array.new(100) { get("#{R}/labels").code }
      end
      _(codes[0]).must_equal codes[1]
      _(codes[0].count("503")).must_be_close_to 30, 15
    end

    it "cut the body" do
      whole = get("#{R}/labels").body
      fault(truncate: 100, times: 1)
      cut = get("#{R}/labels")
      _([cut["Content-Length"].to_i, cut.body]).must_equal [whole.bytesize, whole[0, 100]]
      fault(broken_json: true, times: 1)
      broken = get("#{R}/labels")
      _([broken.code, broken.body]).must_equal ["200", whole[0, whole.bytesize / 2]]
    end

    it "reset and hang up connections" do
      fault(reset: true, times: 1)
      socket = TCPSocket.new("127.0.0.1", server.port)
      socket.write("GET #{R}/labels HTTP/1.1\r\nHost: localhost\r\n\r\n")
      _(-> { socket.read }).must_raise Errno::ECONNRESET
      fault(hang: 1, times: 1)
      socket = TCPSocket.new("127.0.0.1", server.port)
      socket.write("GET #{R}/labels HTTP/1.1\r\nHost: localhost\r\n\r\n")
      _(socket.read).must_equal ""
    end

    it "play GitHub's limits and redirects" do
      fault(rate_limit: "primary", reset_in: 30, times: 1)
      primary = get("#{R}/labels")
      _([primary.code, primary["X-RateLimit-Remaining"]]).must_equal %w[403 0]
      fault(rate_limit: "secondary", status: 429, retry_after: 3, times: 1)
      secondary = get("#{R}/labels")
      _([secondary.code, secondary["Retry-After"]]).must_equal %w[429 3]
      _(secondary.body).must_match(/exceeded a secondary rate limit/)
      fault(redirect: "#{R}/milestones", times: 1)
      moved = get("#{R}/labels")
      _([moved.code, moved["Location"]]).must_equal ["301", "#{server.url}#{R}/milestones"]
    end

    it "refuse what they cannot understand" do
      request = Net::HTTP::Post.new("/__control/faults")
      request.body = "{\"status\": 500}"
      _(http(request).code).must_equal "400"
      request.body = "{"
      _(http(request).code).must_equal "400"
    end
  end

  describe "Git" do
    let(:folder) { server.folder }
    let(:clone_url) { "#{server.url}/acme/rocket.git" }
    let(:push_url) { "#{server.url.sub("//", "//root:pushing@")}/gitlab/group/rocket.git" }

    before do
      unless File.exist?(server.git_root)
        system(MAKE_REPOSITORY, "--git-root", server.git_root, "acme/rocket:#{SPECIFICATION}", exception: true)
        control("repositories", { full_name: "acme/rocket", generate: SPECIFICATION })
      end
    end

    def fresh(name)
      File.join(folder, name).tap { |path| FileUtils.rm_rf(path) }
    end

    it "serves every ref, pull requests included, in both protocol versions" do
      heads = json("#{R}/pulls?state=all&per_page=100").to_h { |pull| ["refs/pull/#{pull["number"]}/head", pull["head"]["sha"]] }
      %w[0 2].each do |version|
        listing = git!("-c", "protocol.version=#{version}", "ls-remote", clone_url).lines.to_h { |line| line.split.reverse }
        _(listing.slice(*heads.keys)).must_equal heads
        _(listing.keys).must_include "refs/heads/branch-3"
        _(listing.keys).must_include "refs/tags/v0.12.0"
        mirror = fresh("mirror")
        git!("-c", "protocol.version=#{version}", "clone", "--mirror", "--quiet", clone_url, mirror)
        git!("-C", mirror, "fsck", "--connectivity-only")
      end
    end

    it "serves commits that the API names" do
      mirror = fresh("mirror")
      git!("clone", "--mirror", "--quiet", clone_url, mirror)
      json("#{R}/pulls?state=closed&per_page=100").select { |pull| pull["merged_at"] }.each do |pull|
        _(git!("-C", mirror, "merge-base", pull["base"]["sha"], pull["head"]["sha"])).must_match(/\A\h{40}\n\z/)
        _(git!("-C", mirror, "merge-base", "--is-ancestor", pull["merge_commit_sha"], "main")).must_equal ""
      end
      tip = json("#{R}/branches").find { |branch| branch["name"] == "main" }.dig("commit", "sha")
      _(git!("-C", mirror, "rev-parse", "main").strip).must_equal tip
    end

    it "updates an old clone (a compressed request body)" do
      mirror = fresh("mirror")
      git!("clone", "--quiet", "--single-branch", "--depth=1", clone_url, mirror)
      git!("-C", mirror, "fetch", "--quiet", "--unshallow", "origin", "+refs/pull/*/head:refs/merge-requests/*/head")
      _(git!("-C", mirror, "for-each-ref", "refs/merge-requests").lines.size).must_equal 20
      _(control("requests").map { |request| request["headers"]["Content-Encoding"] }).must_include "gzip"
    end

    it "answers 404 for what does not exist and serves the wiki that does" do
      _(git!("ls-remote", "#{server.url}/acme/rocket.wiki.git")).must_match(%r{refs/heads/master})
      output, success = git("ls-remote", "#{server.url}/acme/stated.wiki.git")
      _(success).must_equal false
      _(output).must_match(/not found/)
      _(get("/acme/none.git/info/refs?service=git-upload-pack").code).must_equal "404"
      _(get("/acme/../info/refs?service=git-upload-pack").code).must_equal "404"
    end

    it "asks for credentials when a repository is private" do
      control("repositories", { full_name: "acme/rocket", generate: SPECIFICATION, private: true })
      _(git("ls-remote", clone_url).last).must_equal false
      response = get("/acme/rocket.git/info/refs?service=git-upload-pack",
                     Authorization: "Basic #{["x-access-token:secret"].pack("m0")}")
      _(response.code).must_equal "200"
    ensure
      control("repositories", { full_name: "acme/rocket", generate: SPECIFICATION })
    end

    it "is reached by faults" do
      control("faults", { match: "/acme/rocket.git/git-upload-pack", truncate: 200, times: 1 })
      _(git("clone", "--quiet", clone_url, fresh("mirror")).last).must_equal false
      _(git("clone", "--quiet", clone_url, fresh("mirror")).last).must_equal true
    end

    it "takes no pushes as GitHub" do
      _(get("/acme/rocket.git/info/refs?service=git-receive-pack").code).must_equal "403"
    end

    it "takes pushes as GitLab, but not to GitLab's own refs" do
      mirror = fresh("mirror")
      git!("clone", "--mirror", "--quiet", clone_url, mirror)
      git!("-C", mirror, "push", "--quiet", push_url, "refs/heads/*:refs/heads/*", "refs/tags/*:refs/tags/*")
      pushed = git!("ls-remote", push_url)
      _(pushed.scan(%r{refs/heads/(?!topic-)\S+}).size).must_equal 4
      %w[refs/merge-requests/5/head refs/keep-around/abc].each do |ref|
        output, success = git("-C", mirror, "push", push_url, "refs/heads/main:#{ref}")
        _(success).must_equal false
        _(output).must_match(/deny updating a hidden ref/)
      end
    end

    it "takes pushes only with the right credentials" do
      mirror = fresh("mirror")
      git!("clone", "--mirror", "--quiet", clone_url, mirror)
      output, success = git("-C", mirror, "push", push_url.sub("pushing", "guessing"), "main")
      _(success).must_equal false
      _(output).wont_match(/guessing/)
    end
  end

  describe "the process" do
    it "serves 50 connections at once" do
      codes = Array.new(50) do
        Thread.new do
          uri = URI(server.url)
          Net::HTTP.start(uri.host, uri.port) { |connection| Array.new(4) { connection.get("#{R}/labels").code } }
        end
      end.flat_map(&:value)
      _(codes.tally).must_equal({ "200" => 200 })
    end

    it "ends on TERM, whatever it is waiting for" do
      other = RunningServer.new("-g", "acme/rocket:labels=1")
      Net::HTTP.post(URI("#{other.url}/__control/faults"), JSON.generate(match: "*", hang: 600))
      socket = TCPSocket.new("127.0.0.1", other.port)
      socket.write("GET #{R}/labels HTTP/1.1\r\nHost: localhost\r\n\r\n")
      _(other.stop).must_equal 0
    end

    it "speaks TLS" do
      key = OpenSSL::PKey::EC.generate("prime256v1")
      certificate = OpenSSL::X509::Certificate.new
      certificate.subject = certificate.issuer = OpenSSL::X509::Name.parse("/CN=127.0.0.1")
      certificate.not_before, certificate.not_after = Time.now - 60, Time.now + 3600
      certificate.public_key = key
      certificate.sign(key, "SHA256")
      files = { "--cert" => certificate.to_pem, "--key" => key.to_pem }.flat_map do |option, text|
        [option, File.join(server.folder, "tls#{option}").tap { |path| File.write(path, text) }]
      end
      other = RunningServer.new("-g", "acme/rocket:labels=1", *files)
      Net::HTTP.start("127.0.0.1", other.port, use_ssl: true, verify_mode: OpenSSL::SSL::VERIFY_NONE) do |connection|
        _(JSON.parse(connection.get("/repos/acme/rocket").body)["html_url"]).must_equal "#{other.url}/acme/rocket"
      end
    ensure
      other&.stop
    end

    it "says what is wrong with its data" do
      file = File.join(server.folder, "wrong.json")
      { "{" => /wrong.json:1/, '{"repositories": [{}]}' => /full_name/,
        '{"repositories": [{"full_name": "a/b", "labels": [{}]}]}' => %r{a/b: labels\[0\] has no "name"} }.each do |text, message|
        File.write(file, text)
        output, status = Open3.capture2e(RunningServer::PROGRAM, "--data", file)
        _(status.exitstatus).must_equal 1
        _(output).must_match message
      end
    end

    it "says what is wrong with its arguments" do
      { %w[--nonsense] => /Unknown option/, %w[-g acme/rocket:stars=1] => /'stars' cannot be generated/,
        %w[--data /nowhere.json] => /nowhere/ }.each do |arguments, message|
        output, status = Open3.capture2e(RunningServer::PROGRAM, *arguments)
        _(status.exitstatus).must_equal 1
        _(output).must_match message
      end
      _(Open3.capture2e(RunningServer::PROGRAM, "--help").first).must_match(/__control/)
    end
  end
end
