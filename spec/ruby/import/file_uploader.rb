# frozen_string_literal: true

require "digest"
require "fileutils"
require "net/http"
require "securerandom"
require_relative "models"
require_relative "../../support/object_storage"

class Upload < ApplicationRecord
  LOCAL, REMOTE = 1, 2

  self.primary_key = :id # beside model_type, in the newest schema
end

# app/uploaders/file_uploader.rb, records_uploads.rb and app/services/upload_service.rb: a file of a project with hashed storage.
#
# Environment: UPLOADS, the folder; or OBJECT_STORAGE, the address of a bucket in the specs' object storage.
class FileUploader
  VERSION = 2

  def initialize(project, name, content)
    @project = project
    @name = name
    @content = content
    @secret = SecureRandom.hex
  end

  # Keeps the file, and returns the link to it.
  def store
    remote? ? put : write
    Upload.create!(size: @content.bytesize, path: remote? ? key : "#{@secret}/#{@name}", checksum: remote? ? nil : Digest::SHA256.hexdigest(@content),
                   model_type: "Project", model_id: @project.id, uploader: self.class.name, store: remote? ? Upload::REMOTE : Upload::LOCAL,
                   secret: @secret, version: VERSION, created_at: Time.now, project_id: @project.id)
    "/uploads/#{@secret}/#{@name}"
  end

  private

  def remote? = ENV.key?("OBJECT_STORAGE")
  def key = "#{disk_path}/#{@secret}/#{@name}"
  def disk_path = Digest::SHA256.hexdigest(@project.id.to_s).then { |digest| "@hashed/#{digest[0, 2]}/#{digest[2, 2]}/#{digest}" }

  def write
    path = File.join(ENV.fetch("UPLOADS"), key)
    FileUtils.mkdir_p(File.dirname(path))
    File.binwrite(path, @content)
  end

  def put
    uri = URI("#{ENV.fetch("OBJECT_STORAGE")}/#{key}")
    request = Net::HTTP::Put.new(uri, signed_headers(uri))
    request.body = @content
    Net::HTTP.start(uri.host, uri.port) { |http| http.request(request) }.value
  end

  def signed_headers(uri)
    time = Time.now.utc.strftime("%Y%m%dT%H%M%SZ")
    aws = AwsSignature.new(access_key_id: ObjectStorage::ACCESS_KEY_ID, secret_access_key: ObjectStorage::SECRET_ACCESS_KEY,
                           region: ObjectStorage::REGION, time: time)
    payload = aws.sha256(@content)
    headers = { "host" => "#{uri.host}:#{uri.port}", "x-amz-date" => time, "x-amz-content-sha256" => payload }
    headers.merge("authorization" => "AWS4-HMAC-SHA256 Credential=#{aws.credential}, SignedHeaders=#{aws.signed_headers(headers)}, " \
                                     "Signature=#{aws.signature("PUT", uri.path, headers, payload)}")
  end
end
