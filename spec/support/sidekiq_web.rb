# frozen_string_literal: true

require "net/http"
require "puma"
require "rack"
require "securerandom"
require "sidekiq/web"
require "uri"
require_relative "sidekiq_side"

# The real Sidekiq::Web on a loopback port, in a thread of the spec, and a browser for it: cookies, CSRF tokens and all.
# It shows the Redis of the SidekiqSide given. stop ends the server.
class SidekiqWeb
  Page = Struct.new(:status, :body, :location)

  def initialize(_sidekiq_side)
    app = Rack::Builder.new do
      use Rack::Session::Cookie, secret: SecureRandom.hex(32), same_site: true
      run Sidekiq::Web
    end
    @server = Puma::Server.new(app.to_app, Puma::Events.strings, min_threads: 1, max_threads: 2)
    @port = @server.add_tcp_listener("127.0.0.1", 0).addr[1]
    @thread = @server.run
    @cookie = nil
  end

  def stop
    @server.stop(true)
    @thread.join
  end

  def url = "http://127.0.0.1:#{@port}"

  # A page as a browser gets it: get("/busy")
  def get(path) = request(Net::HTTP::Get.new(path))

  # Presses a button: the fields are sent with the CSRF token of the page that has the form.
  def press(path, fields)
    token = get(path).body[/name=['"]authenticity_token['"] value=['"]([^'"]+)/, 1]
    raise "#{path} has no form" unless token

    post = Net::HTTP::Post.new(path)
    post.set_form_data(fields.merge("authenticity_token" => token))
    request(post)
  end

  def quiet(identity) = press("/busy", "identity" => identity, "quiet" => "1")
  def stop_process(identity) = press("/busy", "identity" => identity, "stop" => "1")

  private

  def request(request)
    request["Cookie"] = @cookie if @cookie
    answer = Net::HTTP.start("127.0.0.1", @port) { |http| http.request(request) }
    @cookie = answer["Set-Cookie"][/\A[^;]+/] if answer["Set-Cookie"]
    Page.new(answer.code.to_i, answer.body.to_s.dup.force_encoding(Encoding::UTF_8), answer["Location"])
  end
end
