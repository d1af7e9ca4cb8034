# frozen_string_literal: true

require "open3"

class ExpectedImport
  # The refs that the project's repository must have: GitHub's branches and tags, the heads of its pull requests under GitLab's name
  # for them, and the source branches of open merge requests, which are made where there is none of the name.
  class Refs
    NAMES = { %r{\Arefs/pull/(\d+)/head\z} => 'refs/merge-requests/\1/head', %r{\Arefs/(heads|tags)/(.*)\z} => 'refs/\1/\2' }.freeze

    # git check-ref-format. GitHub's apps, "robot[bot]", cannot give a branch its name.
    INVALID = %r{[\x00-\x20~^:?*\[\\\x7f]|\.\.|@\{|//|/\.|\.lock(/|\z)|[./]\z}

    def initialize(git)
      @shas = Hash.new { |refs, name| refs[name] = [] }
      run(git, "for-each-ref", "--format=%(objectname) %(refname)").each_line(chomp: true) do |line|
        sha, name = line.split(" ", 2)
        _, replacement = NAMES.find { |pattern, _| name.match?(pattern) }
        @shas[name.sub(NAMES.key(replacement), replacement)] << sha if replacement
      end
      @mirrored = @shas.dup
      @head = run(git, "symbolic-ref", "HEAD").chomp
    end

    def add_branch(name, sha)
      name = "refs/heads/#{name}"
      @shas[name] |= [sha] unless @mirrored.key?(name) || name.match?(INVALID)
    end

    def default_branch = @head.delete_prefix("refs/heads/")

    # Of several merge requests with the same source branch any may have been the first one.
    def rows = [["HEAD", @head], *@shas.map { |name, shas| [name, shas.sort.join(" or ")] }]

    # "SHA REF" lines and what HEAD is, as rows.
    def told(lines)
      lines.split("\n").map do |line|
        sha, name = line.split(" ", 2)
        name ? [name, @shas.fetch(name, []).include?(sha) ? @shas[name].sort.join(" or ") : sha] : ["HEAD", sha]
      end
    end

    private

    def run(directory, *arguments)
      output, status = Open3.capture2("git", "-c", "safe.directory=*", "-C", directory, *arguments)
      raise "git #{arguments.first} failed in #{directory}" unless status.success?

      output
    end
  end
end
