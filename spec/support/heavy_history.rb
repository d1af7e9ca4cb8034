# frozen_string_literal: true

require "json"
require "tempfile"

# Makes a generated repository (spec/fake_github/make_repository) heavy, before the fake GitHub serves it.
#
#   HeavyHistory.new(repository) do |history|
#     history.large_file(7, megabytes: 200)         # pull request 7 changes a file of that size
#     history.many_files(8, 3000, bytes: 2000)      # pull request 8 changes so many files
#   end
class HeavyHistory
  WHO = "Ann <ann@example.com> 1600000000 +0000"

  # repository: the bare one of the fake GitHub.
  def initialize(repository)
    @repository = repository
    @random = Random.new(1)
    @stream = Tempfile.new("heavy")
    @stream.binmode
    @marks = 0
    @pulls = {}
    yield self
    write
  ensure
    @stream&.close!
  end

  # Nothing compresses the file, and of its two versions git keeps one as a few bytes that are different.
  def large_file(number, megabytes:)
    before = @random.bytes(megabytes << 20)
    after = before.dup
    after[before.size / 2, 100] = @random.bytes(90)
    pull(number, { "large-#{number}.bin" => before }, { "large-#{number}.bin" => after })
  end

  # Two texts that have nothing in common but every tenth line.
  def large_text(number, lines:)
    before, after = Array.new(2) { |side| Array.new(lines) { |line| (line % 10).zero? ? "line #{line}\n" : "#{side} #{@random.rand(1 << 40)}\n" }.join }
    pull(number, { "large-#{number}.txt" => before }, { "large-#{number}.txt" => after })
  end

  def many_files(number, count, bytes:)
    files = (1..count).to_h { |file| ["many-#{number}/file-#{file}.txt", text(bytes)] }
    pull(number, {}, files)
  end

  # Each has another directory and name, and a tenth of its lines is another.
  def many_renames(number, count, bytes:)
    before = (1..count).to_h { |file| ["before-#{number}/file-#{file}.txt", text(bytes)] }
    after = before.transform_keys { |path| path.sub("before", "after").sub("file", "renamed") }
    after.transform_values! { |content| content.lines.each_with_index.map { |line, i| (i % 10).zero? ? "changed #{i}\n" : line }.join }
    pull(number, before, after, deleted: before.keys)
  end

  private

  def text(bytes) = Array.new(bytes / 32) { format("%031x\n", @random.rand(1 << 120)) }.join

  def pull(number, before, after, deleted: [])
    base = commit("refs/heads/main", before, [], from: "refs/heads/main^0")
    @pulls[number] = [base, commit("refs/pull/#{number}/head", after, deleted, from: ":#{base}")]
  end

  # The commits of the main line are those that the pull requests start from.
  def commit(ref, files, deleted, from:)
    from = ":#{@main}" if @main && ref == "refs/heads/main"
    @marks += 1
    @stream << "commit #{ref}\nmark :#{@marks}\nauthor #{WHO}\ncommitter #{WHO}\ndata 6\nHeavy\n\nfrom #{from}\n"
    deleted.each { |path| @stream << "D #{path}\n" }
    files.each { |path, content| @stream << "M 100644 inline #{path}\ndata #{content.bytesize}\n" << content << "\n" }
    @stream << "\n"
    @main = @marks if ref == "refs/heads/main"
    @marks
  end

  def write
    @stream.rewind
    marks = File.join(@repository, "marks")
    arguments = ["--git-dir", @repository, "-c", "core.compression=1", "fast-import", "--quiet", "--force", "--export-marks=#{marks}"]
    raise "git fast-import failed in #{@repository}" unless system("git", *arguments, in: @stream.path)

    describe(File.readlines(marks, chomp: true).to_h(&:split))
  end

  # What the fake GitHub says of the pull requests.
  def describe(shas)
    path = File.join(@repository, "fake_github.json")
    description = JSON.parse(File.read(path))
    @pulls.each do |number, (base, head)|
      description.merge!("pull/#{number}/base" => shas.fetch(":#{base}"), "pull/#{number}/start" => shas.fetch(":#{base}"),
                         "pull/#{number}/head" => shas.fetch(":#{head}"))
      description["spots"].delete(number.to_s)
    end
    File.write(path, JSON.pretty_generate(description.merge("heads/main" => shas.fetch(":#{@main}"))))
  end
end
