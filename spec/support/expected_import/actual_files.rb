# frozen_string_literal: true

require "digest"

class ExpectedImport
  # The files of a project, and the rows that tell of them. Secrets are random to everybody else: each is known by the digest of the file
  # that its row in `uploads` tells of.
  module ActualFiles
    extend ActualColumns

    # An LFS object may be older than the project: the whole installation has it once.
    QUERIES = {
      "uploads" => <<~SQL,
        SELECT size, path, checksum, model_type, #{project("model_id")}, uploader, store, mount_point,
          split_part(path, '/', 1) = secret AND secret ~ '^[0-9a-f]{32}$', version, uploaded_by_user_id, #{time("created_at")}, #{project("project_id")},
          namespace_id, organization_id
        FROM uploads WHERE model_type = 'Project' AND model_id = %<project>s
      SQL
      "lfs_objects" => <<~SQL,
        SELECT object.oid, size, file, file_store, repository_type, link.oid,
          #{time("link.created_at")}, #{time("link.updated_at")}
        FROM lfs_objects AS object JOIN lfs_objects_projects AS link ON link.lfs_object_id = object.id WHERE link.project_id = %<project>s
      SQL
      "releases" => <<~SQL
        SELECT tag, name, description, #{user("author_id")}, #{time("created_at")}, #{time("updated_at")}, #{time("released_at")}
        FROM releases WHERE project_id = %<project>s
      SQL
    }.freeze
    WITH_SECRETS = %w[issues merge_requests notes releases uploads].freeze
    SECRET = %r{(?<=/uploads/|\A)\h{32}(?=/)}

    module_function

    # [path below the folder, SHA-256 of what is there].
    def files(folder)
      Dir.glob("**/*", File::FNM_DOTMATCH, base: folder).filter_map do |path|
        file = File.join(folder, path)
        [path, Digest::SHA256.file(file).hexdigest] if File.file?(file)
      end
    end

    # digests: secret => digest.
    def without_secrets(value, digests) = value&.gsub(SECRET) { |secret| digests.fetch(secret, "unknown") }
  end
end
