# frozen_string_literal: true

require "openssl"

# AWS Signature Version 4 of requests to S3, computed from Amazon's description of it and not from any client's code
# (Amazon S3 API reference, "Authenticating Requests: Using the Authorization Header").
class AwsSignature
  UNRESERVED = /[^A-Za-z0-9\-._~]/n

  # time: "20130524T000000Z"
  def initialize(access_key_id:, secret_access_key:, region:, time:)
    @access_key_id = access_key_id
    @secret = secret_access_key
    @region = region
    @time = time
  end

  # path: decoded. headers: those that are signed, lower-case name => value. payload: SHA-256 of the body, or
  # "UNSIGNED-PAYLOAD".
  def signature(verb, path, headers, payload, query: "")
    canonical = [verb, uri_encode(path), query, *canonical_headers(headers), "", signed_headers(headers), payload].join("\n")
    hmac(signing_key, ["AWS4-HMAC-SHA256", @time, scope, sha256(canonical)].join("\n")).unpack1("H*")
  end

  def credential = "#{@access_key_id}/#{scope}"
  def signed_headers(headers) = headers.keys.sort.join(";")

  def sha256(text) = OpenSSL::Digest::SHA256.hexdigest(text)

  private

  def date = @time[0, 8]
  def scope = "#{date}/#{@region}/s3/aws4_request"
  def canonical_headers(headers) = headers.sort.map { |name, value| "#{name}:#{value.strip.squeeze(' ')}" }
  def uri_encode(path) = path.b.split("/", -1).map { |part| part.gsub(UNRESERVED) { format("%%%02X", _1.ord) } }.join("/")
  def signing_key = [date, @region, "s3", "aws4_request"].reduce("AWS4#{@secret}") { |key, part| hmac(key, part) }
  def hmac(key, text) = OpenSSL::HMAC.digest("SHA256", key, text)
end
