# frozen_string_literal: true

require "digest"

class ExpectedImport
  # The objects that the repository's pointers lead to, wherever in its history they are; make_repository has put them beside it.
  class LfsObjects
    def initialize(import, git)
      @import = import
      @objects = Dir.glob("#{git}/lfs/objects/*")
    end

    def add_to_rows
      @objects.each do |path|
        oid = File.basename(path)
        @import.count("lfs_object")
        @import.add("lfs_objects", oid, File.size(path).to_s, oid[4..], "1", nil, oid, "<now>", "<now>")
        @import.add("lfs files", [oid[0, 2], oid[2, 2], oid[4..]].join("/"), oid)
      end
    end
  end
end
