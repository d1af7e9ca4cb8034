# frozen_string_literal: true

# The memory of an import does not grow with the files of the repository, nor with those that its texts name. script/memory has the figures of the release build.

require_relative "../support/harness"
require_relative "../support/heavy_files"
require_relative "../support/heavy_import"

describe "the memory of an import" do
  MEGABYTES = 80
  FILES = 1200
  LARGE = 40 # megabytes
  # AddressSanitizer keeps what was freed.
  ENVIRONMENT = { "ASAN_OPTIONS" => "quarantine_size_mb=1" }.freeze

  it "rises by less than the size of a file in the repository's history that a pull request changes" do
    import = HeavyImport.new(shared_services, concurrency: 5, environment: ENVIRONMENT) do |history|
      history.large_file(7, megabytes: MEGABYTES)
      history.many_files(8, FILES, bytes: 1000)
    end.run
    _(import.memory - import.memory_before).must_be :<, MEGABYTES
    files = import.scenario.database.query("SELECT diff FROM merge_request_diff_files WHERE new_path = 'large-7.bin'")
    _(files).must_equal [{ "diff" => "Binary files a/large-7.bin and b/large-7.bin differ\n" }]
    size = import.scenario.git(import.scenario.repository_path(import.project), "cat-file", "-s", "refs/merge-requests/7/head:large-7.bin")
    _(Integer(size)).must_be :>, MEGABYTES * 1_000_000
  end

  it "rises by less than the size of an attached file, packed or not, and of an LFS object" do
    files = HeavyFiles.new(shared_services, concurrency: 5, environment: ENVIRONMENT) do |heavy|
      heavy.attachments(2, megabytes: LARGE)
      heavy.lfs_object(megabytes: LARGE)
      heavy.packed_attachment(megabytes: 100 * LARGE)
    end.run
    _(files.memory - files.memory_before).must_be :<, LARGE
    _(files.failures).must_equal ["The file is larger than #{HeavyFiles::MAX_ATTACHMENT_SIZE << 20} bytes"]
  end
end
