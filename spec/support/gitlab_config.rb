# frozen_string_literal: true

require "digest"
require "fileutils"
require "yaml"
require_relative "import_credentials"
require_relative "private_postgres"
require_relative "../ruby/gitlab_sidekiq/router"

# GitLab's own configuration files (resque.yml, database.yml, secrets.yml, gitlab.yml) for the private services, in FOLDER.
class GitlabConfig
  URL = { "host" => "gitlab.example.com", "port" => 443, "https" => true }.freeze

  attr_reader :folder, :storage, :lfs_objects

  # storage: where the repositories of GitLab's storage "default" are. overrides: file name => content that is merged in.
  def initialize(folder, services, storage: File.join(folder, "repositories"), routing_rules: GitlabSidekiq::Router::DEFAULT_RULES,
                 overrides: {})
    @folder = folder
    @storage = storage
    @lfs_objects = File.join(folder, "lfs-objects")
    FileUtils.mkdir_p([folder, storage, uploads, lfs_objects])
    files(services, routing_rules).each do |name, content|
      content = deep_merge(content, overrides.fetch(name, {}))
      File.write(File.join(folder, name), YAML.dump("production" => content))
    end
  end

  def uploads = File.join(public_folder, "uploads")

  # A project's own folder in it.
  def uploads_of(project)
    digest = Digest::SHA256.hexdigest(project.id.to_s)
    File.join(uploads, "@hashed", digest[0, 2], digest[2, 2], digest)
  end

  private

  def public_folder = File.join(folder, "public")

  def files(services, routing_rules)
    {
      "resque.yml" => { "url" => services.redis.url },
      "database.yml" => { "main" => database(services.postgres) },
      "secrets.yml" => { "db_key_base" => ImportCredentials::DB_KEY_BASE },
      "gitlab.yml" => { "gitlab" => URL, "repositories" => { "storages" => { "default" => { "path" => storage } } },
                        "uploads" => { "storage_path" => public_folder }, "lfs" => { "enabled" => true, "storage_path" => lfs_objects },
                        "sidekiq" => { "routing_rules" => routing_rules } }
    }
  end

  def database(postgres)
    { "adapter" => "postgresql", "encoding" => "unicode", "database" => PrivatePostgres::DATABASE, "username" => PrivatePostgres::USER,
      "host" => postgres.folder, "port" => PrivatePostgres::PORT, "prepared_statements" => false }
  end

  def deep_merge(content, changes)
    content.merge(changes) { |_, old, new| old.is_a?(Hash) && new.is_a?(Hash) ? deep_merge(old, new) : new }
  end
end
