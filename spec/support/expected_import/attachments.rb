# frozen_string_literal: true

require "commonmarker"
require "uri"

class ExpectedImport
  # What GitLab makes of the files that a text refers to: lib/gitlab/github_import/markdown/attachment.rb,
  # importer/note_attachments_importer.rb and attachments_downloader.rb.
  class Attachments
    MEDIA = /(gif|jpeg|jpg|mov|mp4|png|svg|webm)\z/
    DOCUMENTS = /(csv|docx|fodg|fodp|fods|fodt|gz|log|md|odf|odg|odp|ods|odt|pdf|pptx|tgz|txt|xls|xlsx|zip)\z/
    CDN = "https://user-images.githubusercontent.com/"
    ADDRESS = URI::DEFAULT_PARSER.make_regexp(%w[http https])
    VIDEO = /\.(mov|mp4|webm)\z/
    COUNTERS = { "Release" => "release_attachment", "Note" => "note_attachment", "Issue" => "issue_attachment",
                 "MergeRequest" => "merge_request_attachment" }.freeze

    # files: what the fake GitHub says of them. The GitHub is one of an enterprise: it is not at https://github.com.
    def initialize(import, files, web_url:, import_source:, project_url:)
      @import = import
      @files = files.to_h { |file| [web_url + file.fetch("path"), file] }
      @web_url = web_url
      @own = "#{web_url}/#{import_source}"
      @import_source = import_source
      @project_url = project_url
    end

    # The text with GitLab's addresses in place of GitHub's; the rows that come with it are added.
    def bring_over(model, text)
      urls = text.to_s.include?(@web_url) || text.to_s.include?(CDN) ? found(text) : []
      return text if urls.empty?

      @import.count(COUNTERS.fetch(model))
      addresses = urls.to_h { |url| [url, new_address(url)] }
      addresses.inject(text) { |changed, (url, address)| changed.gsub(url) { address } }
    end

    private

    def found(text)
      urls = []
      CommonMarker.render_doc(text).walk { |node| urls << url_of(node) }
      urls.compact.uniq
    end

    def url_of(node)
      case node.type
      when :image then media(node.url)
      when :link then node.url if node.url.start_with?(@web_url) && node.url.match?(DOCUMENTS)
      when :html, :inline_html then media(node.string_content[/<img\s[^>]*?src="([^"]*)"/, 1])
      when :text, :paragraph then media(node.to_plaintext[ADDRESS])
      end
    end

    def media(url) = url && (url.start_with?(@web_url) || (url.start_with?(CDN) && url.match?(MEDIA))) ? url : nil

    def new_address(url)
      return blob_address(url) if url.start_with?("#{@own}/blob")
      return url unless url.start_with?("#{@own}/assets", "#{@own}/files", "#{@web_url}/user-attachments/", CDN)

      address = add_file(@files.fetch(url))
      address.match?(VIDEO) ? "![media_attachment](#{address})" : address
    end

    def blob_address(url)
      "#{@project_url}/-#{url.delete_prefix(@web_url).gsub(@import_source, "").delete_prefix("/")}"
    end

    # Secrets are known by the digest of the file that they keep.
    def add_file(file)
      name, digest = name_of(file), file.fetch("sha256")
      @import.add("uploads", file.fetch("size").to_s, "#{digest}/#{name}", digest, "Project", "project", "FileUploader", "1", nil, "t", "2", nil,
                  "<now>", "project", nil, nil)
      @import.add("upload files", "#{digest}/#{name}", digest)
      "/uploads/#{digest}/#{name}"
    end

    # Only the address that GitHub leads to, or the type of what is there, tells that a file is a video.
    def name_of(file)
      name = URI.decode_www_form_component(File.basename(file.fetch("path"))).gsub(/[^A-Za-z0-9\-_.]/, "_").sub(/\A\.+/, "")
      name += file.fetch("stored_name")[VIDEO].to_s
      video = file.fetch("content_type")[%r{\Avideo/(.*)}, 1]
      video && !name.include?(".") ? "#{name}..#{video}" : name
    end
  end
end
