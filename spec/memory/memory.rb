# frozen_string_literal: true

# The memory that imports of heavy repositories and of large files take, behind script/memory.

require_relative "../support/everything"
require_relative "../support/heavy_files"
require_relative "../support/heavy_import"

class Memory
  LIMIT = 300 # megabytes
  CONCURRENCY = 20
  PULLS = (1..CONCURRENCY)

  HISTORIES = {
    "a file of 200 MB, changed by a pull request; a pull request of 3,000 files" => lambda do |history|
      history.large_file(7, megabytes: 200)
      history.many_files(8, 3000, bytes: 2000)
    end,
    "20 pull requests of 1,000 files and 5 MB" => ->(history) { PULLS.each { |number| history.many_files(number, 1000, bytes: 5100) } },
    "20 pull requests with 900,000 lines to compare" => ->(history) { PULLS.each { |number| history.large_text(number, lines: 450_000) } },
    "20 pull requests that rename 100 files of 200 KB" => ->(history) { PULLS.each { |number| history.many_renames(number, 100, bytes: 200_000) } }
  }.freeze

  FILES = {
    "an LFS object of 600 MB" => ->(files) { files.lfs_object(megabytes: 600) },
    "20 attached files of 90 MB at once" => ->(files) { files.attachments(CONCURRENCY, megabytes: 90) },
    "20 attached files of 10 GB at once, packed to 10 MB: refused" => lambda do |files|
      CONCURRENCY.times { files.packed_attachment(megabytes: 10_000) }
    end,
    "a text of 1 MB with 2,000 attached files" => ->(files) { files.long_text(addresses: 2000, bytes: 1_000_000) }
  }.freeze

  # Whether all of them stay below the limit.
  def run
    [[HeavyImport, HISTORIES], [HeavyFiles, FILES]].flat_map { |kind, cases| cases.map { |name, heavy| measure(kind, name, heavy) } }.all?
  end

  private

  # kind: HeavyImport or HeavyFiles.
  def measure(kind, name, heavy)
    services = PrivateServices.start
    memory = kind.new(services, concurrency: CONCURRENCY, &heavy).run(timeout: 1200).memory
    puts format("%4d MB at most   %s", memory, name)
    memory < LIMIT
  ensure
    ChildProcess.kill_all
    services&.stop
  end
end

$stdout.sync = true
abort "more than #{Memory::LIMIT} MB" unless Memory.new.run
