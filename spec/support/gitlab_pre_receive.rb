# frozen_string_literal: true

# GitLab's rule for pushed LFS pointers (lib/gitlab/checks/lfs_check.rb, lfs_integrity.rb): the project has to have every object that a
# new blob points to. As a git hook: ruby gitlab_pre_receive.rb PROJECT_ID, the database in libpq's environment variables.

require "open3"
require "pg"

class GitlabPreReceive
  ERROR_MESSAGE = 'GitLab: LFS objects are missing. Ensure LFS is properly set up or try a manual "git lfs push --all".'
  MAX_POINTER = 200
  POINTER = %r{\Aversion https://git-lfs\.github\.com/spec/v1\noid sha256:(\h{64})\n}
  DELETION = /\A0+\z/

  # Makes PROJECT's repository in FOLDER, as GitLab has it before anything is pushed.
  def self.install(folder, project, postgres)
    repository = File.join(folder, "#{project.full_path}.git")
    output, status = Open3.capture2e("git", "init", "--quiet", "--bare", repository)
    raise "git init: #{output}" unless status.success?

    variables = postgres.environment.map { |name, value| "#{name}='#{value}'" }.join(" ")
    hook = File.join(repository, "hooks", "pre-receive")
    File.write(hook, "#!/bin/sh\n#{variables} exec ruby '#{__FILE__}' #{project.id}\n")
    File.chmod(0o755, hook)
  end

  def initialize(project_id, changes)
    @project_id = project_id
    @commits = changes.map { |line| line.split[1] }.grep_v(DELETION)
  end

  def objects_missing? = (new_oids - linked_oids).any?

  private

  def new_oids
    objects = git("rev-list", "--objects", "--no-object-names", *@commits, "--not", "--all")
    blobs = git("cat-file", "--batch-check", input: objects).lines.map(&:split).select { |_, type, size| type == "blob" && size.to_i <= MAX_POINTER }
    blobs.filter_map { |id, *| git("cat-file", "blob", id)[POINTER, 1] }.uniq
  end

  def linked_oids
    query = "SELECT o.oid FROM lfs_objects o JOIN lfs_objects_projects l ON l.lfs_object_id = o.id WHERE l.project_id = $1"
    PG.connect.exec_params(query, [@project_id]).column_values(0)
  end

  def git(*arguments, input: "")
    output, status = Open3.capture2("git", *arguments, stdin_data: input, binmode: true)
    raise "git #{arguments.first} failed" unless status.success?

    output
  end
end

abort GitlabPreReceive::ERROR_MESSAGE if $PROGRAM_NAME == __FILE__ && GitlabPreReceive.new(Integer(ARGV.first), $stdin.readlines).objects_missing?
