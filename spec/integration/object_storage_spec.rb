# frozen_string_literal: true

require "minitest/autorun"
require "minitest/spec"
require "net/http"
require "tmpdir"
require_relative "../support/object_storage"

describe "the specs' object storage" do
  # Amazon's own examples: Amazon S3 API reference, "Signature Calculations for the Authorization Header".
  describe "its idea of a signature" do
    let(:aws) do
      AwsSignature.new(access_key_id: "AKIAIOSFODNN7EXAMPLE", secret_access_key: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                       region: "us-east-1", time: "20130524T000000Z")
    end
    let(:host) { { "host" => "examplebucket.s3.amazonaws.com", "x-amz-date" => "20130524T000000Z" } }

    it "is Amazon's of a GET" do
      payload = aws.sha256("")
      headers = host.merge("range" => "bytes=0-9", "x-amz-content-sha256" => payload)
      _(aws.signature("GET", "/test.txt", headers, payload))
        .must_equal "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
    end

    it "is Amazon's of a PUT" do
      payload = aws.sha256("Welcome to Amazon S3.")
      headers = host.merge("date" => "Fri, 24 May 2013 00:00:00 GMT", "x-amz-content-sha256" => payload,
                           "x-amz-storage-class" => "REDUCED_REDUNDANCY")
      _(aws.signature("PUT", "/test$file.text", headers, payload))
        .must_equal "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"
    end
  end

  describe "a request" do
    let(:folder) { Dir.mktmpdir }
    let(:storage) { ObjectStorage.new(folder, buckets: %w[attic]) }
    let(:now) { Time.now.utc.strftime("%Y%m%dT%H%M%SZ") }
    let(:key) { ObjectStorage::ACCESS_KEY_ID }
    let(:secret) { ObjectStorage::SECRET_ACCESS_KEY }

    after { FileUtils.rm_rf(folder) }

    # The error code of a PUT that is signed as told, and sent with `changes`.
    def put(path: "/attic/key", changes: {}, body: "content", key: self.key, secret: self.secret, region: ObjectStorage::REGION)
      aws = AwsSignature.new(access_key_id: key, secret_access_key: secret, region: region, time: now)
      headers = { "host" => "127.0.0.1:#{storage.port}", "x-amz-date" => now, "x-amz-content-sha256" => aws.sha256("content") }
      signature = aws.signature("PUT", "/attic/key", headers, headers["x-amz-content-sha256"])
      authorization = "AWS4-HMAC-SHA256 Credential=#{aws.credential}, SignedHeaders=#{aws.signed_headers(headers)}, " \
                      "Signature=#{signature}"
      send_put(path, { **headers, "authorization" => authorization, **changes }, body)
    end

    def send_put(path, headers, body)
      request = Net::HTTP::Put.new(path, headers.compact)
      request.body = body
      Net::HTTP.start("127.0.0.1", storage.port) { |http| http.request(request) }.body[%r{<Code>(.*)</Code>}, 1]
    end

    it "is done when it is signed" do
      _(put).must_be_nil
      _(storage.objects("attic")).must_equal("key" => "content")
    end

    it "is refused when it is not signed, or not by the right key" do
      _(put(changes: { "authorization" => nil })).must_equal "AccessDenied"
      _(put(key: "AKIASOMEBODY")).must_equal "InvalidAccessKeyId"
      _(put(secret: "hunter2")).must_equal "SignatureDoesNotMatch"
      _(put(region: "us-east-1")).must_equal "AuthorizationHeaderMalformed"
      _(storage.objects("attic")).must_be_empty
    end

    it "is refused when it is not what was signed" do
      _(put(path: "/attic/other")).must_equal "SignatureDoesNotMatch"
      _(put(body: "another")).must_equal "XAmzContentSHA256Mismatch"
      _(put(changes: { "x-amz-date" => "20130524T000000Z" })).must_equal "RequestTimeTooSkewed"
      _(put(changes: { "x-amz-meta-more" => "unsigned" })).must_equal "SignatureDoesNotMatch"
      _(storage.objects("attic")).must_be_empty
    end
  end
end
