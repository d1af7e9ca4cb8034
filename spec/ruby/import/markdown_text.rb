# frozen_string_literal: true

module Gitlab
  module GithubImport
    # lib/gitlab/github_import/markdown_text.rb, with lib/gitlab/import/username_mention_rewriter.rb: GitHub's text as GitLab stores it.
    module MarkdownText
      CODE_OR_MENTION = /`+[^`]*`+|(?:\A|\G|[ \t\n\f\r(])@[\w\-#.\/]+/.freeze

      module_function

      def format(text, project)
        return if text.blank?

        wrap_mentions(convert_links(text.scrub("").delete("\0"), project))
      end

      def convert_links(text, project)
        source = "#{project.github_url}/#{project.import_source}"
        text.gsub("#{source}/issues", "#{project.web_url}/-/issues").gsub("#{source}/pull", "#{project.web_url}/-/merge_requests")
      end

      def wrap_mentions(text)
        text.gsub(CODE_OR_MENTION) do |match|
          case match[0]
          when "`" then match
          when " ", "(" then "#{match[0]}`#{match[1..]}`"
          else "`#{match}`"
          end
        end
      end
    end
  end
end
