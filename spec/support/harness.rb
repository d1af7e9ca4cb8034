# frozen_string_literal: true

# Everything an integration spec needs:
#
#   require_relative "../support/harness"
#
#   describe "the import of labels" do
#     let(:services) { shared_services }                      # private Redis and PostgreSQL, as new for each test
#     it "..." do
#       github = FakeGithub.new(services.folder, "--generate", "octo/demo:labels=3,seed=1")
#       database = GitlabDatabase.new(services.postgres)
#       project = database.create_import("demo", import_source: "octo/demo", import_url: github.import_url("octo/demo"))
#       sidekiq = SidekiqSide.new(services.redis)
#       sidekiq.push_import(project, database)
#       HubferryProcess.new(services)
#       _(import_to_end(project, database, sidekiq)).must_equal "finished"
#     end
#   end
#
# All processes that a test starts end with it, also when it fails.

require "minitest/autorun"
require "minitest/spec"
require_relative "everything"

module Harness
  include WaitUntil

  # The Redis and PostgreSQL of this spec file, emptied and seeded again for each test that asks.
  def shared_services
    @@shared_services&.reset || (@@shared_services = PrivateServices.start)
  end
  @@shared_services = nil
  Minitest.after_run { @@shared_services&.stop }

  # Servers for this test alone, for tests that need them set up differently.
  def start_services(**options)
    PrivateServices.start(**options).tap { |services| (@started_services ||= []) << services }
  end

  # Waits for the end of an import without waiting for its timers: whatever is scheduled is pushed at once. Returns the status.
  def import_to_end(project, database, sidekiq, **options)
    database.wait_for_import(project, **options) { sidekiq.enqueue_all }
  end

  def after_teardown
    super
  ensure
    ChildProcess.kill_all
    @started_services&.each(&:stop)
  end
end

Minitest::Spec.include(Harness)
