# frozen_string_literal: true

require "digest"
require "socket"
require "zlib"

# A GitHub that has nothing but files, of any size: each is sent while it is made, and is nowhere as a whole.
#
#   /octo/demo/files/MEGABYTES/NAME       an attached file; who brings a token is sent to the storage
#   /_storage/octo/demo/files/...         the same file there
#   /_storage/octo/demo/files/../*.gz.*   packed on its way, to a thousandth of its size
class StreamingServer
  REPOSITORY = "octo/demo"
  MEGABYTE = Random.new(1).bytes(1 << 20).freeze
  PACKED_SIZE = 16 # megabytes of zeros in each member of a packed answer
  PACKED = Zlib.gzip("\0" * (PACKED_SIZE << 20)).freeze

  attr_reader :port

  def initialize
    @server = TCPServer.new("127.0.0.1", 0)
    @port = @server.addr[1]
    Thread.new { loop { Thread.new(@server.accept) { |socket| serve(socket) } } }
  end

  def url = "http://127.0.0.1:#{port}"
  def import_url = "#{url}/#{REPOSITORY}.git"
  def file_url(megabytes, name) = "#{url}/#{path(megabytes, name)}"
  def stored_url(megabytes, name) = "#{url}/_storage/#{path(megabytes, name)}"
  def digest(megabytes) = Digest::SHA256.new.tap { |digest| megabytes.times { digest << MEGABYTE } }.hexdigest

  private

  def path(megabytes, name) = "#{REPOSITORY}/files/#{megabytes}/#{name}"

  def serve(socket)
    while (line = socket.gets("\r\n"))
      headers = socket.each_line("\r\n", chomp: true).take_while { |header| !header.empty? }
      answer(socket, line.split[1], headers.grep(/\Aauthorization:/i).any?)
    end
  rescue SystemCallError, IOError
    nil # the client has had enough
  ensure
    socket.close
  end

  def answer(socket, path, authorized)
    megabytes = Integer(path[%r{/files/(\d+)/}, 1])
    if authorized
      socket.write("HTTP/1.1 302 Found\r\nLocation: #{url}/_storage#{path}\r\nContent-Length: 0\r\n\r\n")
    elsif path.include?(".gz.")
      send_file(socket, PACKED, megabytes / PACKED_SIZE, "Content-Encoding: gzip\r\n")
    else
      send_file(socket, MEGABYTE, megabytes)
    end
  end

  def send_file(socket, piece, count, headers = "")
    socket.write("HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n#{headers}Content-Length: #{piece.bytesize * count}\r\n\r\n")
    count.times { socket.write(piece) }
  end
end
