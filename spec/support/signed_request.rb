# frozen_string_literal: true

require "time"
require_relative "aws_signature"

# A request to S3 as it came over the wire, and whether its signature is right.
class SignedRequest
  SKEW = 15 * 60 # seconds
  AUTHORIZATION = %r{
    \AAWS4-HMAC-SHA256\ Credential=(?<key>[^/]+)/\d{8}/(?<region>[^/]+)/s3/aws4_request,\ ?
    SignedHeaders=(?<names>[a-z0-9;-]+),\ ?Signature=(?<signature>\h{64})\z
  }x

  attr_reader :verb, :headers, :body

  # headers: lower-case name => value.
  def initialize(verb, target, headers, body)
    @verb = verb
    @path, @query = target.split("?", 2)
    @headers = headers
    @body = body
  end

  def to_s = "#{verb} #{@path}"
  def path = @path.b.gsub(/%(\h\h)/) { $1.hex.chr }.force_encoding("UTF-8")

  # S3's error code; nil: all is well. keys: access key id => secret.
  def refusal(keys, region)
    given = AUTHORIZATION.match(headers["authorization"].to_s) or return "AccessDenied"
    return "InvalidAccessKeyId" unless keys.key?(given[:key])
    return "AuthorizationHeaderMalformed" unless given[:region] == region
    return "RequestTimeTooSkewed" if (Time.now - Time.strptime(time, "%Y%m%dT%H%M%S%z")).abs > SKEW
    return "SignatureDoesNotMatch" unless signed?(given, keys.fetch(given[:key]), region)

    "XAmzContentSHA256Mismatch" unless payload == "UNSIGNED-PAYLOAD" || payload == OpenSSL::Digest::SHA256.hexdigest(body)
  end

  private

  def time = headers.fetch("x-amz-date", "19700101T000000Z")
  def payload = headers["x-amz-content-sha256"]

  # Host and all of Amazon's own headers must be signed.
  def signed?(given, secret, region)
    names = given[:names].split(";")
    return false unless (headers.keys.grep(/\Ax-amz-/) + ["host"] - names).empty?

    aws = AwsSignature.new(access_key_id: given[:key], secret_access_key: secret, region: region, time: time)
    aws.signature(verb, path, headers.slice(*names), payload, query: @query.to_s) == given[:signature]
  end
end
