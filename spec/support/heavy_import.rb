# frozen_string_literal: true

require_relative "heavy_history"
require_relative "import_scenario"

# The whole import of a generated repository that the block makes heavy (see HeavyHistory), and the memory that it takes.
class HeavyImport
  OBJECTS = { labels: 2, issues: 1, pulls: 21, branches: 1, users: 3, seed: 5 }.freeze

  attr_reader :scenario, :project, :memory_before

  def initialize(services, concurrency:, environment: {}, &heavy)
    # A repository of its own, as it is changed.
    objects = OBJECTS.merge(seed: Random.rand(1_000_000))
    HeavyHistory.new(File.join(ImportScenario.git_root(objects), "#{ImportScenario::REPOSITORY}.git"), &heavy)
    @scenario = ImportScenario.new(services, objects: objects)
    @hubferry = scenario.start_hubferry(concurrency: concurrency, environment: environment)
    @memory_before = memory
  end

  # Runs it to its end.
  def run(path = "heavy", timeout: 300)
    @project = scenario.schedule_import(path)
    status = scenario.database.wait_for_import(project, timeout: timeout, details: -> { @hubferry.tail })
    raise "the import is #{status}\n#{@hubferry.tail}" unless status == "finished"

    failures = scenario.database.import_failures(project)
    raise "some objects are missing: #{failures}" unless failures.empty?

    self
  end

  # The most that the process has had at any time, in megabytes: the kernel's own figure.
  def memory = Integer(File.read("/proc/#{@hubferry.pid}/status")[/VmHWM:\s+(\d+)/, 1]) / 1024
end
