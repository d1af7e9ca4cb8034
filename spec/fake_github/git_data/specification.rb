# frozen_string_literal: true

# What a generated GitHub repository's specification says about its Git data (see generator.h).
Specification = Struct.new(:issues, :pulls, :branches, :releases, :late, :lfs) do
  def self.parse(text)
    given = text.split(",").to_h { |member| member.split("=", 2) }
    new(*members.map { |name| given.fetch(name.to_s, name == :branches ? 1 : 0).to_i })
  end

  # As generator_pull_number() counts.
  def pull_number(ordinal)
    (ordinal * (issues + pulls) + pulls - 1) / pulls
  end

  # The hour of the last object.
  def last_hour = issues + pulls
end
