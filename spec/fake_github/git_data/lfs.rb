# frozen_string_literal: true

require "digest"
require "fileutils"

# The files that Git LFS keeps out of a repository, K from 1: pointers to them are in the commits, their contents beside the repository in
# lfs/objects/OID, from where fake_github serves them.
#
#   K mod 10   1: only a pull request that was closed has the pointer; 2: only old commits have it; else the main branch
#   K mod 7    0: there is a second pointer to the same content
#   K mod 9    0: up to 200 KB, else up to 8
class Lfs
  ATTRIBUTES = [:write, ".gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text\n"].freeze
  LARGE, SMALL = 200_000, 8000

  # pulls: those that are there from the start.
  def initialize(count, pulls)
    @files = (1..count)
    @closed = pulls.reject { |pull| pull.merged? || pull.open? || pull.late }
  end

  # What the first commit has.
  def prepared
    return [] if @files.none?

    [ATTRIBUTES, *@files.reject { |file| of_pull?(file) }.flat_map { |file| pointers(file) }]
  end

  # What the commits after it do not have any more.
  def removed = @files.select { |file| file % 10 == 2 }.map { |file| [:delete, path(file)] }

  def changes_of(pull)
    @files.select { |file| of_pull?(file) && @closed[file / 10 % @closed.size].equal?(pull) }.flat_map { |file| pointers(file) }
  end

  def write_contents(directory)
    FileUtils.mkdir_p(File.join(directory, "lfs", "objects"))
    @files.each { |file| File.binwrite(File.join(directory, "lfs", "objects", oid(file)), content(file)) }
  end

  private

  def of_pull?(file) = file % 10 == 1 && @closed.any?
  def path(file) = "data/#{file}.bin"

  def pointers(file)
    changes = [[:write, path(file), pointer(file)]]
    changes << [:write, "copies/#{file}.bin", pointer(file)] if (file % 7).zero?
    changes
  end

  def pointer(file) = "version https://git-lfs.github.com/spec/v1\noid sha256:#{oid(file)}\nsize #{content(file).bytesize}\n"
  def oid(file) = Digest::SHA256.hexdigest(content(file))

  def content(file)
    random = Random.new(file)
    random.bytes(1 + random.rand((file % 9).zero? ? LARGE : SMALL))
  end
end
