# frozen_string_literal: true

# What the fake GitHub serves besides its API: attached files and Git LFS, as github.com and its storage do.

require "digest"
require "minitest/autorun"
require "minitest/spec"
require "tmpdir"
require_relative "../support/import_scenario"

describe "the files of the fake GitHub" do
  FILES = { issues: 20, pulls: 20, releases: 3, branches: 2, users: 5, comments: 3, reviews: 2, review_comments: 2, attachments: 60, lfs: 25, nasty: 2 }.freeze
  NAME = ImportScenario::REPOSITORY
  TOKEN = { "Authorization" => "Bearer #{ImportScenario::TOKEN}" }.freeze
  BATCH = "/#{NAME}.git/info/lfs/objects/batch"

  def self.github
    @github ||= FakeGithub.new(Dir.mktmpdir("fake_files"), "--generate", "#{NAME}:#{ImportScenario.specification(FILES)}", "--git-root",
                               ImportScenario.git_root(FILES), "--token", ImportScenario::TOKEN, "--lfs-batch-limit", "30").tap do |github|
      Minitest.after_run do
        github.kill
        FileUtils.rm_rf(File.dirname(github.output))
      end
    end
  end

  let(:github) { self.class.github }
  let(:attachments) { github.attachments(NAME) }
  let(:git) { "#{ImportScenario.git_root(FILES)}/#{NAME}.git" }

  def get(url, headers = {})
    uri = URI(url)
    Net::HTTP.start("127.0.0.1", uri.port) { |http| http.request(Net::HTTP::Get.new(uri, headers)) }
  end

  def stored(attachment) = get(github.url + attachment["path"], TOKEN)["Location"]

  def batch(oids, token: ImportScenario::TOKEN)
    request = Net::HTTP::Post.new(BATCH)
    request.basic_auth(token, "") if token
    request.body = JSON.generate(operation: "download", objects: oids.map { |oid| { oid: oid, size: 1 } })
    Net::HTTP.start("127.0.0.1", github.port) { |http| http.request(request) }
  end

  def downloads(oids) = JSON.parse(batch(oids).body)["objects"].map { |object| object.dig("actions", "download") }

  def pointed_at
    output = `git -C #{git} cat-file --batch-all-objects --batch-check='%(objectsize) %(objectname)' --unordered`
    small = output.lines.map(&:split).select { |size, _| size.to_i.between?(100, 200) }.map(&:last)
    small.filter_map { |sha| `git -C #{git} cat-file -p #{sha}`.scrub[/\Aversion https:\/\/git-lfs.*\noid sha256:(\h{64})\n/m, 1] }
  end

  it "names each attached file in one text" do
    dump = github.dump.inspect.gsub("{repository}", NAME)
    _(attachments.size).must_equal 60
    _(attachments.uniq { |file| file["path"] }.size).must_equal 60
    _(attachments.reject { |file| dump.include?("{web}#{file["path"]}") }).must_be_empty
    _(attachments.map { |file| file["size"] }.min).must_equal 0
  end

  it "sends those who have a token to the storage on another host, and tells others nothing" do
    path = attachments.first["path"]
    answer = get(github.url + path, TOKEN)
    _(answer.code).must_equal "302"
    _(URI(answer["Location"]).host).must_equal "localhost"
    _(get(github.url + path).code).must_equal "404"
    _(get(github.url + path, "Authorization" => "Bearer wrong").code).must_equal "404"
    _(get("#{github.url}/user-attachments/assets/none", TOKEN).code).must_equal "404"
  end

  it "keeps the files in a storage that wants its own signature and no token" do
    attachments.each do |file|
      answer = get(stored(file))
      content = answer.body.to_s
      _([answer["Content-Type"], content.bytesize, Digest::SHA256.hexdigest(content)]).must_equal file.values_at("content_type", "size", "sha256")
    end
    url = stored(attachments.first)
    _(get(url, TOKEN).code).must_equal "400"
    _(get(url.sub("expires=", "expires=1")).code).must_equal "403"
  end

  it "sends some with their length, some without, some packed" do
    answers = attachments.map { |file| get(stored(file), "Accept-Encoding" => "gzip").to_hash }
    kinds = answers.map { |headers| headers.keys.intersection(%w[content-length content-encoding transfer-encoding]).sort }
    _(kinds.uniq.sort).must_equal [%w[content-encoding content-length], %w[content-length], %w[transfer-encoding]]
  end

  it "counts the requests of each file, and lets faults hit them" do
    path = attachments[4]["path"]
    before = github.file_requests.fetch(path, 0)
    github.fault("match" => "/user-attachments/files/*", "status" => 429, "headers" => { "Retry-After" => "1" }, "times" => 1)
    _(get(github.url + path, TOKEN)["Retry-After"]).must_equal "1"
    _(get(github.url + path, TOKEN).code).must_equal "302"
    _(github.file_requests.fetch(path)).must_equal before + 2
  end

  it "has LFS objects for all pointers in the repository, wherever they are" do
    oids = pointed_at
    _(oids.uniq.size).must_equal 25
    downloads(oids).zip(oids).each do |download, oid|
      host = download["href"].start_with?(github.url) && !download["header"]
      headers = download["header"] || (host ? { "Authorization" => "Basic #{["#{ImportScenario::TOKEN}:"].pack("m0")}" } : {})
      _(Digest::SHA256.hexdigest(get(download["href"], headers).body)).must_equal oid
      _(get(download["href"], "Authorization" => "Basic #{["wrong:"].pack("m0")}").code).must_match(/40[013]/)
    end
    main = `git -C #{git} ls-tree -r --name-only main`.lines.grep(/\.bin/).size
    _(main).must_be :<, oids.size
  end

  it "refuses to tell about LFS objects without credentials or about too many, and says which are not there" do
    _(batch([], token: nil).code).must_equal "401"
    _(batch(["0" * 64] * 31).code).must_equal "413"
    _(JSON.parse(batch(["0" * 64]).body)["objects"].first.dig("error", "code")).must_equal 404
  end
end
