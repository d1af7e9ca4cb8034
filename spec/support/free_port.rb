# frozen_string_literal: true

require "socket"

# A TCP port of 127.0.0.1 that nobody listens on. It is none of those that the kernel gives out by itself (from 32768 on), so that nobody
# gets it by chance between now and its use, nor while its server is restarted.
module FreePort
  RANGE = (10_000...32_768)

  module_function

  def find
    port = rand(RANGE)
    TCPServer.new("127.0.0.1", port).close
    port
  rescue Errno::EADDRINUSE
    retry
  end
end
