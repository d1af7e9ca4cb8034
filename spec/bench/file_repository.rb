# frozen_string_literal: true

require "digest"
require "fileutils"
require "json"
require "net/http"
require_relative "import_repository"

# Files on the fake GitHub: attached ones, each in an issue of its own, and LFS objects in the storage that GitHub's answers lead to.
class FileRepository < ImportRepository
  TITLE = "attached files and LFS objects"
  CALLERS = { "attached files" => "ImportAttachmentsWorker", "LFS objects" => "ImportLfsObjectsWorker" }.freeze
  LFS_SIZE = 100_000 # bytes
  LFS_BATCH = 100
  TOKEN = "ghp_spec"
  LFS_TYPE = "application/vnd.git-lfs+json"

  # folder: where the fake GitHub keeps LFS objects. There are as many of them as of attached files.
  def initialize(folder, number)
    super(number)
    @github = FakeGithub.new(folder, "--generate", "#{NAME}:attachments=#{number}", "--git-root", folder, "--storage-expires", "86400")
    @attached = @github.attachments(NAME).freeze
    @oids = write_lfs_objects(File.join(folder, "#{NAME}.git", "lfs", "objects"))
    @links = @oids.each_slice(LFS_BATCH).flat_map { |oids| ask_for_links(oids) }
  end

  def import_url = @github.import_url(NAME)

  # The issue's text names the file; its iid is its id, too.
  def texts = each_iid.to_h { |iid| [iid, "#{text(iid, 40)}\n\n![a screenshot](#{attached_url(iid)})"] }

  def objects
    { "attached files" => ["Gitlab::GithubImport::Attachments::ImportIssueWorker", texts.map { |iid, text| attachment(iid, text) }],
      "LFS objects" => ["Gitlab::GithubImport::ImportLfsObjectWorker", @oids.zip(@links).map { |oid, link| lfs_object(oid, link) }] }
  end

  # By stage: "URL" or "URL HEADER" of each file.
  def downloads
    { "attached files" => each_iid.map { |iid| "#{attached_url(iid)} Authorization: Bearer #{TOKEN}" }, "LFS objects" => @links }
  end

  # By stage: kilobytes of a file, on average.
  def sizes = { "attached files" => @attached.sum { |file| file["size"] } / 1000.0 / @number, "LFS objects" => LFS_SIZE / 1000.0 }

  private

  def attached_url(iid) = "#{@github.url}#{@attached[iid - 1]["path"]}"

  # lib/gitlab/github_import/representation/note_text.rb
  def attachment(iid, text) = { "record_db_id" => iid, "record_type" => "Issue", "text" => text, "iid" => iid, "tag" => nil, "noteable_type" => nil }

  # lib/gitlab/github_import/representation/lfs_object.rb
  def lfs_object(oid, link) = { "oid" => oid, "link" => link, "size" => LFS_SIZE, "headers" => {} }

  # Digests of contents of which the fake GitHub says that they are in the storage.
  def write_lfs_objects(folder)
    FileUtils.mkdir_p(folder)
    contents = (1..).lazy.map { |seed| Random.new(seed).bytes(LFS_SIZE) }.map { |content| [Digest::SHA256.hexdigest(content), content] }
    contents.select { |oid, _| oid < "8" }.first(@number).map do |oid, content|
      File.binwrite(File.join(folder, oid), content)
      oid
    end
  end

  def ask_for_links(oids)
    body = { operation: "download", transfers: ["basic"], objects: oids.map { |oid| { oid: oid, size: LFS_SIZE } } }
    answer = Net::HTTP.post(URI("#{@github.url}/#{NAME}.git/info/lfs/objects/batch"), JSON.generate(body),
                            "Content-Type" => LFS_TYPE, "Accept" => LFS_TYPE, "Authorization" => "Bearer #{TOKEN}")
    JSON.parse(answer.body).fetch("objects").map { |object| object.dig("actions", "download", "href") }
  end
end
