# frozen_string_literal: true

# A GitHub repository as job arguments: objects whose texts and people depend on their numbers only, so that every importer imports
# the same. issue_repository.rb and pull_repository.rb say which objects.
#
# The arguments have the form in which GitLab's representations travel (lib/gitlab/github_import/representation/).
class ImportRepository
  NAME = "acme/rocket"
  USERS = 200
  LABELS = 30
  MILESTONES = 10
  START = Time.utc(2024, 1, 1)
  WORDS = %w[the parser fails when header of request is longer than one buffer because it reads into memory that was given back and then
             `free()` called again see also our notes on timeouts in client which retries for ever with version after upgrade from
             stable release server returns error instead response body empty expected behaviour actual steps reproduce install run
             command configuration file option enabled default value changed documentation says should work but does not please
             attach log output stack trace thread queue worker process memory leak growing until killed kernel database migration
             index query slow plan lock timeout deploy cluster node network proxy certificate expired token scope permission].freeze

  def self.login(user) = "contributor-#{user}"
  def self.user_id(user) = 50_000 + user
  def self.label(number) = "area: #{number % LABELS}"

  # number: of its issues or pull requests.
  def initialize(number)
    @number = number
  end

  # Puts the project's Git repository, if it has one, where GitLab's storage has it.
  def install(_path) = nil

  private

  def each_iid = 1..@number

  # One account in USERS is deleted.
  def user(number)
    number %= USERS
    number.zero? ? nil : { "id" => self.class.user_id(number), "login" => self.class.login(number) }
  end

  def label(number) = self.class.label(number)
  def milestone_number(iid) = iid.even? ? 1 + iid % MILESTONES : nil
  def time(iid, place) = (START + iid * 60 + place).strftime("%Y-%m-%d %H:%M:%S UTC")

  # Words, a mention and a link to the repository.
  def text(seed, count)
    random = Random.new(seed)
    words = Array.new(count) { WORDS[random.rand(WORDS.size)] }
    "#{words.join(" ").capitalize}.\n\nAsk @#{self.class.login(seed % USERS)}, see https://github.com/#{NAME}/issues/#{seed}."
  end
end
