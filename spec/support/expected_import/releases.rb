# frozen_string_literal: true

class ExpectedImport
  # A release without a text says which one it is; a draft is released when it is imported.
  class Releases
    def initialize(import)
      @import = import
    end

    def add_to_rows = @import.repository.fetch("releases").each { |release| add(release) }

    private

    def add(release)
      tag = release.fetch("tag_name")
      author, = @import.people.author(release["author"])
      text = @import.markdown.format(release["body"], nil, true) || "Release for tag #{tag}"
      @import.count("release")
      @import.add("releases", tag, release["name"], @import.with_files("Release", text), author, release["created_at"], release["created_at"],
                  release["published_at"] || "<now>")
      @import.refer("Release", "author_id", author)
    end
  end
end
