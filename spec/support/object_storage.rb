# frozen_string_literal: true

require "fileutils"
require "socket"
require_relative "free_port"
require_relative "signed_request"

# S3-compatible object storage: buckets whose objects are files of a folder. It refuses what Amazon refuses: another key, a wrong
# or old signature, a path that is encoded differently from how it was signed, content that is not what was announced.
#
#   storage = ObjectStorage.new(File.join(services.folder, "objects"), buckets: %w[uploads lfs])
#   config  = GitlabConfig.new(folder, services, overrides: { "gitlab.yml" => storage.gitlab_yml })
#   storage.objects("uploads")      # => { "@hashed/73/.../name.png" => "content" }
#   storage.fail(503, times: 2)     # the next two requests; :cut closes the connection in the middle of the request
#   storage.clear_faults            # those that nobody has met
#
# As a program, for specs in C: object_storage.rb FOLDER BUCKET... prints its port, then takes faults from its input, one on each
# line, and prints each when it is in place.
class ObjectStorage
  ACCESS_KEY_ID = "AKIAIOSFODNN7EXAMPLE"
  SECRET_ACCESS_KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
  REGION = "eu-central-1"
  STATUSES = { "AccessDenied" => 403, "InvalidAccessKeyId" => 403, "SignatureDoesNotMatch" => 403, "RequestTimeTooSkewed" => 403,
               "AuthorizationHeaderMalformed" => 400, "XAmzContentSHA256Mismatch" => 400, "NoSuchBucket" => 404, "NoSuchKey" => 404,
               "MethodNotAllowed" => 405 }.freeze

  attr_reader :port

  # buckets: their names; there are no others.
  def initialize(folder, buckets:)
    @folder = folder
    @requests = []
    @faults = []
    @content_types = {}
    @lock = Mutex.new
    FileUtils.mkdir_p(buckets.map { |bucket| File.join(folder, bucket) })
    @port = FreePort.find
    start
  end

  # After stop nobody listens; start listens on the same port again.
  def start
    @server = TCPServer.new("127.0.0.1", port)
    @acceptor = Thread.new { accept }
  end

  def stop
    @acceptor.kill.join
    @server.close
  end

  def endpoint = "http://127.0.0.1:#{port}"

  def connection
    { "provider" => "AWS", "aws_access_key_id" => ACCESS_KEY_ID, "aws_secret_access_key" => SECRET_ACCESS_KEY, "region" => REGION,
      "endpoint" => endpoint, "path_style" => true }
  end

  # The consolidated form, with a bucket for each type.
  def gitlab_yml(uploads: "uploads", lfs: "lfs")
    { "object_store" => { "enabled" => true, "connection" => connection,
                          "objects" => { "uploads" => { "bucket" => uploads }, "lfs" => { "bucket" => lfs } } } }
  end

  # key => content
  def objects(bucket)
    root = File.join(@folder, bucket)
    files = Dir.glob("**/*", File::FNM_DOTMATCH, base: root).select { |key| File.file?(File.join(root, key)) }
    files.to_h { |key| [key, File.binread(File.join(root, key))] }
  end

  def content_type(bucket, key) = @lock.synchronize { @content_types[File.join(@folder, bucket, key)] }
  # "PUT /uploads/..." of each request that got an answer.
  def requests = @lock.synchronize { @requests.dup }
  def fail(fault, times: 1) = @lock.synchronize { @faults.concat([fault] * times) }
  def clear_faults = @lock.synchronize { @faults.clear }

  private

  def accept
    loop { Thread.new(@server.accept) { |socket| serve(socket) } }
  end

  def serve(socket)
    while (line = socket.gets)
      verb, target = line.split
      headers = read_headers(socket)
      fault = @lock.synchronize { @faults.shift }
      length = headers.fetch("content-length", 0).to_i
      break socket.read(length / 2) if fault == :cut

      socket.write("HTTP/1.1 100 Continue\r\n\r\n") if headers.key?("expect")
      request = SignedRequest.new(verb, target, headers, socket.read(length))
      @lock.synchronize { @requests << request.to_s }
      socket.write(fault ? reply(fault, error("InternalError"), verb) : answer(request))
    end
  rescue SystemCallError, IOError
    nil # the client has gone
  ensure
    socket.close
  end

  def read_headers(socket)
    lines = socket.each_line("\r\n", chomp: true).take_while { |line| !line.empty? }
    lines.to_h { |line| line.split(":", 2).then { |name, value| [name.downcase, value.strip] } }
  end

  def answer(request)
    bucket, key = bucket_and_key(request)
    code = request.refusal({ ACCESS_KEY_ID => SECRET_ACCESS_KEY }, REGION)
    code ||= "NoSuchBucket" unless File.directory?(File.join(@folder, bucket))
    return refuse(code, request.verb) if code

    perform(request, File.join(@folder, bucket, key))
  end

  # The bucket is the first label of BUCKET.localhost, else the first segment of the path.
  def bucket_and_key(request)
    name = request.headers["host"].to_s[/\A([^.]+)\.localhost/, 1]
    return [name, request.path.delete_prefix("/")] if name

    request.path.delete_prefix("/").split("/", 2)
  end

  def perform(request, path)
    case request.verb
    when "PUT" then store(request, path)
    when "DELETE"
      FileUtils.rm_f(path)
      reply(204, "", "DELETE")
    when "HEAD", "GET"
      File.file?(path) ? reply(200, File.binread(path), request.verb, type: @content_types[path]) : refuse("NoSuchKey", request.verb)
    else refuse("MethodNotAllowed", request.verb)
    end
  end

  def store(request, path)
    FileUtils.mkdir_p(File.dirname(path))
    File.binwrite("#{path}.#{Thread.current.object_id}", request.body)
    File.rename("#{path}.#{Thread.current.object_id}", path)
    @lock.synchronize { @content_types[path] = request.headers["content-type"] }
    reply(200, "", "PUT")
  end

  def refuse(code, verb) = reply(STATUSES.fetch(code), error(code), verb)
  def error(code) = "<?xml version=\"1.0\"?>\n<Error><Code>#{code}</Code><Message>No.</Message></Error>"

  def reply(status, body, verb, type: nil)
    "HTTP/1.1 #{status} Storage\r\nContent-Type: #{type || 'application/xml'}\r\nContent-Length: #{body.bytesize}\r\n\r\n" \
      "#{body unless verb == 'HEAD'}"
  end
end

if $PROGRAM_NAME == __FILE__
  $stdout.sync = true
  storage = ObjectStorage.new(ARGV.first, buckets: ARGV.drop(1))
  puts storage.port
  $stdin.each_line(chomp: true) do |fault|
    storage.fail(fault == "cut" ? :cut : Integer(fault))
    puts fault
  end
end
