# frozen_string_literal: true

# What programs print and files hold is UTF-8, also on a machine without a locale.
Encoding.default_external = Encoding::UTF_8

# Where things are: the project, and the build directory whose programs are tested (environment HUBFERRY_BUILD).
module Paths
  ROOT = File.expand_path("../..", __dir__)
  SPEC = File.join(ROOT, "spec")
  BUILD = File.expand_path(ENV.fetch("HUBFERRY_BUILD", File.join(ROOT, "build", "asan")))
end
