# frozen_string_literal: true

require "cgi"
require "net/http"
require "securerandom"
require_relative "attachments"
require_relative "file_uploader"
require_relative "importers"
require_relative "merge_request_models"

class Release < ApplicationRecord; end

module Gitlab
  module GithubImport
    # lib/gitlab/github_import/attachments_downloader.rb, for files that are there and that are not too large. It asks no rules about
    # addresses. Environment: GITHUB_TOKEN.
    class AttachmentsDownloader
      DownloadError = Class.new(StandardError)

      WITH_TOKEN = %r{/.*/(assets|files)/}.freeze
      VIDEOS = %w[.mov .mp4 .webm].freeze
      REDIRECTS = 5

      attr_reader :name, :content

      def initialize(url, web_endpoint)
        @url = url
        @web_endpoint = web_endpoint
        @name = harmless(CGI.unescape(last_segment(url)))
      end

      # false: GitHub wants a login.
      def perform
        target = find_file
        return false if target.include?("login?return_to=")

        extension = File.extname(harmless(last_segment(target)))
        @name += extension if VIDEOS.include?(extension)
        receive(target)
        true
      end

      private

      def last_segment(url) = URI(url).path.split("/").last
      def harmless(name) = name.gsub(/[^A-Za-z0-9\-_.]/, "_").sub(/\A\.+/, "").then { |rest| rest.empty? ? "attachment" : rest }

      def find_file
        return @url unless @url.match?(/\A#{Regexp.escape(@web_endpoint)}#{WITH_TOKEN}/)

        get(@url, "Authorization" => "Bearer #{ENV.fetch("GITHUB_TOKEN")}")["Location"] || @url
      end

      def receive(target)
        answer = get(target)
        REDIRECTS.times { answer = get(answer["Location"]) if answer.is_a?(Net::HTTPRedirection) }
        raise DownloadError, "Error downloading file from #{@url}. Error code: #{answer.code}" unless answer.is_a?(Net::HTTPOK)

        @content = answer.body.to_s
        # Of a GitHub Enterprise server; the second dot is GitLab's.
        video = answer.content_type.to_s[%r{\Avideo/(mp4|webm)\z}, 1]
        @name += "..#{video}" if video && File.extname(@name).empty?
      end

      def get(url, headers = {})
        uri = URI(url)
        Net::HTTP.start(uri.host, uri.port) { |http| http.request(Net::HTTP::Get.new(uri, headers)) }
      end
    end

    module Importer
      # lib/gitlab/github_import/importer/note_attachments_importer.rb. An address that stands by itself is found twice, and GitLab
      # keeps its file twice, once for nobody: here once, as in hubferry. The HTML of a text is forgotten instead of rendered again.
      class NoteAttachmentsImporter < Base
        COLUMNS = { "Release" => "description", "Note" => "note", "Issue" => "description", "MergeRequest" => "description" }.freeze

        def execute
          urls = Attachments.in(object["text"], web_endpoint).uniq
          return if urls.empty?

          new_text = urls.inject(object["text"]) do |text, url|
            replacement = replacement_of(url)
            text.gsub(url) { replacement }
          end
          update(new_text)
        end

        private

        def web_endpoint = project.github_url

        def replacement_of(url)
          address = new_address(url)
          address.end_with?(*AttachmentsDownloader::VIDEOS) ? "![media_attachment](#{address})" : address
        end

        def new_address(url)
          own = "#{web_endpoint}/#{project.import_source}"
          return blob_address(url) if url.start_with?("#{own}/blob")
          return url unless url.start_with?("#{own}/assets", "#{own}/files", "#{web_endpoint}/user-attachments/", Attachments::CDN)

          download(url)
        end

        def blob_address(url)
          path = url.gsub(web_endpoint, "").gsub(project.import_source, "")
          "#{project.web_url}/-#{path.delete_prefix("/")}"
        end

        def download(url)
          file = AttachmentsDownloader.new(url, web_endpoint)
          file.perform ? FileUploader.new(project, file.name, file.content).store : url
        end

        def update(text)
          column = COLUMNS.fetch(object["record_type"])
          Object.const_get(object["record_type"]).find(object["record_db_id"])
                .update_columns(column => text, "#{column}_html" => nil, "cached_markdown_version" => nil)
        end
      end

      # lib/gitlab/github_import/importer/attachments/base_importer.rb and its four classes, with as much of
      # lib/gitlab/github_import/parallel_scheduling.rb as an undisturbed stage needs.
      class AttachmentsImporter
        RECORDS = {
          "Release" => ->(project) { Release.where(project_id: project.id).order(:id).select("id, description AS text, tag") },
          "Note" => ->(project) { Note.where(project_id: project.id, system: false).order(:id).select("id, note AS text") },
          "Issue" => ->(project) { Issue.where(project_id: project.id).order(:iid).select("id, description AS text, iid") },
          "MergeRequest" => ->(project) { MergeRequest.where(target_project_id: project.id).order(:iid).select("id, description AS text, iid") }
        }.freeze

        def initialize(project, type)
          @project = project
          @type = type
          @name = "#{type.underscore}_attachment"
        end

        # The waiter's key and how many jobs it waits for.
        def execute
          waiter = "gitlab:job_waiter:#{SecureRandom.uuid}"
          [waiter, records.count { |record| schedule(record, waiter) }]
        end

        private

        def records = RECORDS.fetch(@type).call(@project).map(&:attributes)

        def schedule(record, waiter)
          text = Representation::NoteText.from_db_record(record, @type)
          wanted = text.attachments?(@project.github_url)
          if wanted
            ObjectCounter.increment(@project, @name, "fetched")
            arguments = [@project.id, text.to_hash.transform_keys(&:to_s), waiter]
            GitlabSidekiq.push("Gitlab::GithubImport::Attachments::Import#{@type}Worker", arguments, delay: 1)
          end
          Cache::Import::Caching.set_add("github-importer/already-imported/#{@project.id}/#{@name}s", record["id"])
          wanted
        end
      end
    end
  end
end
