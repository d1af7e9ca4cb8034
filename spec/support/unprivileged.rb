# frozen_string_literal: true

require "etc"
require "fileutils"

# PostgreSQL refuses to run as root. `Unprivileged.command` prefixes a command so that it runs as another user when the
# caller is root; `Unprivileged.own` gives that user a file tree. Both do nothing for any other caller.
module Unprivileged
  USER = %w[postgres nobody].find { |name| Etc.passwd { |entry| break true if entry.name == name } }

  module_function

  def needed? = Process.uid.zero?

  def command(*argv)
    return argv unless needed?

    ["setpriv", "--reuid=#{USER}", "--regid=#{Etc.getpwnam(USER).gid}", "--clear-groups", *argv]
  end

  def own(folder)
    FileUtils.chown_R(USER, nil, folder) if needed?
  end
end
