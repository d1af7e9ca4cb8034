# frozen_string_literal: true

require "open3"
require "stringio"

class ExpectedImport
  # Files of the repository at commits, as text.
  class Blobs
    def initialize(git)
      @git = git
      @texts = {}
    end

    # names: [commit, path]
    def prepare(names)
      names = names.uniq - @texts.keys
      input = names.map { |commit, path| "#{commit}:#{path}\n" }.join
      output, = Open3.capture2("git", "-c", "safe.directory=*", "-C", @git, "cat-file", "--batch", stdin_data: input, binmode: true)
      stream = StringIO.new(output)
      names.each { |name| @texts[name] = read(stream) }
    end

    # [] when there is no such file.
    def lines(commit, path) = @texts.fetch([commit, path]).to_s.lines

    private

    def read(stream)
      type, size = stream.readline.split(" ").last(2)
      return unless type == "blob"

      text = stream.read(Integer(size))
      stream.read(1)
      ExpectedDiff::Text.encode(text)
    end
  end
end
