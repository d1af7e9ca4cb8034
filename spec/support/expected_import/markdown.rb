# frozen_string_literal: true

require "strscan"

class ExpectedImport
  # GitHub's text as GitLab stores it: bytes that are no text go, links to issues point to GitLab, mentions become code, and the
  # text of somebody who is nobody in GitLab says who it was.
  class Markdown
    # Runs of back-ticks with what is between them are left alone; a mention is at the start, behind a blank or a bracket.
    CODE_OR_MENTION = %r{`+[^`]*`+|(?:\A|[ \t\n\f\r(])@[A-Za-z0-9_\-#./]+}

    # newest: the generation of GitLab that always maps contributions; the one before has another order.
    def initialize(web_url:, import_source:, project_url:, newest:)
      @web_url = web_url
      @import_source = import_source
      @links = { "#{web_url}/#{import_source}/issues" => "#{project_url}/-/issues",
                 "#{web_url}/#{import_source}/pull" => "#{project_url}/-/merge_requests" }
      @newest = newest
    end

    # nil: nothing is stored. note: FALSE for descriptions, whose links the older generation leaves alone.
    def format(described, login, found, note: false)
      text = raw(described.to_s)
      line = found || login.nil? ? "" : "*Created by: #{login}*\n\n"
      return if blank?(text) && (@newest || line.empty?)
      return mentions(links(line + text)) if @newest

      line + mentions(note ? links(text) : text)
    end

    # As it came, but for what PostgreSQL cannot store.
    def raw(described) = clean(expand(described))

    private

    # What the data file leaves open until a client asks.
    def expand(text) = text.gsub("{web}", @web_url).gsub("{repository}", @import_source)

    def clean(text) = text.scrub("").delete("\0")

    def blank?(text) = text.match?(/\A[[:space:]]*\z/)

    def links(text) = @links.inject(text) { |changed, (from, to)| changed.gsub(from) { to } }

    def mentions(text)
      scanner = StringScanner.new(text)
      changed = +""
      while (part = scanner.scan_until(CODE_OR_MENTION))
        matched = scanner.matched
        changed << part.byteslice(0, part.bytesize - matched.bytesize) << in_code(matched)
      end
      changed << scanner.rest
    end

    # A space or bracket stays outside of the code; a line break does not.
    def in_code(matched)
      case matched[0]
      when "`" then matched
      when " ", "(" then "#{matched[0]}`#{matched[1..]}`"
      else "`#{matched}`"
      end
    end
  end
end
