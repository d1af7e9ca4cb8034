# frozen_string_literal: true

# The whole support library without a test framework: for the demo and the benchmarks. Specs require harness.rb.

require_relative "child_process"
require_relative "fake_github"
require_relative "gitlab_config"
require_relative "gitlab_database"
require_relative "hubferry_process"
require_relative "paths"
require_relative "private_services"
require_relative "ruby_worker"
require_relative "sidekiq_side"
require_relative "sidekiq_web"
require_relative "wait_until"
