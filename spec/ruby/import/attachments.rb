# frozen_string_literal: true

require "commonmarker"
require "uri"

# How GitLab schedules attachments. A record is whatever has an id and a text.
module Gitlab
  module GithubImport
    # lib/gitlab/github_import/markdown_text.rb, markdown/attachment.rb. HTML is read as far as GitHub writes it:
    # Nokogiri is none of the specs' packages.
    module Attachments
      CDN = "https://user-images.githubusercontent.com/"
      MEDIA_TYPES = %w[gif jpeg jpg mov mp4 png svg webm].freeze
      IMAGE = /<img\s[^>]*?src="([^"]*)"/i.freeze
      DOC_TYPES = %w[csv docx fodg fodp fods fodt gz log md odf odg odp ods odt pdf pptx tgz txt xls xlsx zip].freeze

      def self.in(text, web_endpoint)
        [].tap { |found| CommonMarker.render_doc(text).walk { |node| found << url_of(node, web_endpoint) } }.compact
      end

      def self.url_of(node, web_endpoint)
        case node.type
        when :image then media(node.url, web_endpoint)
        when :link then node.url if node.url.start_with?(web_endpoint) && node.url.end_with?(*DOC_TYPES)
        when :html, :inline_html then media(node.string_content[IMAGE, 1], web_endpoint)
        when :text, :paragraph then media(URI.extract(node.to_plaintext.strip, %w[http https]).first, web_endpoint)
        end
      end

      def self.media(url, web_endpoint)
        url if url && (url.start_with?(web_endpoint) || (url.start_with?(CDN) && url.end_with?(*MEDIA_TYPES)))
      end
      private_class_method :url_of, :media
    end

    module Representation
      # lib/gitlab/github_import/representation/note_text.rb
      class NoteText
        attr_reader :to_hash

        def self.from_db_record(record, type)
          new(record_db_id: record["id"], record_type: type, text: record["text"], iid: record["iid"], tag: record["tag"], noteable_type: nil)
        end

        def initialize(attributes) = @to_hash = attributes
        def attachments?(web_endpoint) = !to_hash[:text].to_s.empty? && Attachments.in(to_hash[:text], web_endpoint).any?
      end
    end
  end
end
