# frozen_string_literal: true

require "fileutils"
require "json"
require "net/http"
require_relative "child_process"
require_relative "paths"

# The fake GitHub server (spec/fake_github) and its control interface.
class FakeGithub < ChildProcess
  PROGRAM = File.join(Paths::BUILD, "spec", "fake_github", "fake_github")

  attr_reader :port

  # folder: where its log and port file go. arguments: its own, such as "--generate", "octo/demo:issues=10,seed=1".
  def initialize(folder, *arguments)
    port_file = File.join(folder, "fake_github.port")
    FileUtils.rm_f(port_file)
    super(PROGRAM, "--port", "0", "--port-file", port_file, *arguments, output: File.join(folder, "fake_github.log"))
    wait_until("listening") { File.size?(port_file) }
    @port = Integer(File.read(port_file))
  end

  def url = "http://127.0.0.1:#{port}"

  # The URL that a GitLab project imports from; hubferry finds the API under /api/v3 of the same host.
  def import_url(repository) = "#{url}/#{repository}.git"

  # Adds a fault: fault("match" => "/repos/o/n/labels", "status" => 502, "times" => 2); see spec/fake_github/faults.h
  def fault(fault) = control(Net::HTTP::Post, "faults", fault)
  # The faults with how often each has hit ("hits").
  def faults = control(Net::HTTP::Get, "faults")
  def clear_faults = control(Net::HTTP::Delete, "faults")
  # Adds or replaces a repository, described as in a data file (spec/fake_github/data_set.h).
  def repository(description) = control(Net::HTTP::Post, "repositories", description)
  # The late pull requests' commits get into the repository (make_repository's late=N).
  def publish(repository) = control(Net::HTTP::Post, "publish", { repository: repository })
  def rate_limit(settings) = control(Net::HTTP::Post, "rate_limit", settings)
  def reset = control(Net::HTTP::Post, "reset", {})
  def counters = control(Net::HTTP::Get, "counters")
  def requests = control(Net::HTTP::Get, "requests")
  # All that is served, in the form of a data file; how many objects of each kind a repository has.
  def dump = control(Net::HTTP::Get, "dump")
  def counts(repository) = control(Net::HTTP::Get, "counts?repository=#{repository}")
  # The files that its texts refer to: path, stored_name, content_type, size, sha256. How often each was asked for, by path; the
  # storage's and LFS objects are among them.
  def attachments(repository) = control(Net::HTTP::Get, "attachments?repository=#{repository}")
  def file_requests = control(Net::HTTP::Get, "files")

  # The text of an issue as a client gets it.
  def issue_body(repository, number)
    JSON.parse(Net::HTTP.get(URI("#{url}/api/v3/repos/#{repository}/issues/#{number}")))["body"]
  end

  private

  # Halves of surrogate pairs stand for nothing; Ruby's parser makes question marks of some, and refuses others.
  def without_half_pairs(json) = json.gsub(/(?<!\\)((?:\\\\)*)\\ud[89ab]\h\h(?!\\ud[c-f])/i, '\1')

  def control(kind, name, body = nil)
    request = kind.new("/__control/#{name}", "Content-Type" => "application/json")
    request.body = JSON.generate(body) if body
    answer = Net::HTTP.start("127.0.0.1", port) { |http| http.request(request) }
    raise "fake GitHub: #{answer.code} #{answer.body}" unless answer.is_a?(Net::HTTPSuccess)

    answer.body.to_s.empty? ? nil : JSON.parse(without_half_pairs(answer.body))
  end
end
