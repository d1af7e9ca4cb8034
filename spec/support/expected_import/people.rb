# frozen_string_literal: true

class ExpectedImport
  # Who is known under which login, by the fake GitHub's users.
  class People
    def initialize(users)
      @users = users.to_h { |user| [user.fetch("login"), user] }
    end

    # nil: nobody stands for them.
    def contributor_or_ghost(login) = deleted?(login) ? "ghost" : contributor(login)

    private

    def deleted?(login) = login.nil? || login == "ghost"
    def user(login) = @users.fetch(login)
  end

  # User contribution mapping: everybody is the placeholder of a source user.
  class Mapped < People
    def initialize(users)
      super
      @seen = {}
    end

    def mapped? = true

    # [user, found]
    def author(login) = [contributor(login) || "ghost", true]

    # nil: nobody.
    def contributor(login)
      return if deleted?(login)

      @seen[login] = true
      "placeholder #{user(login).fetch("id")}"
    end

    # A name of null stays null; somebody whom GitHub does not know any more is named by login.
    def source_users(hostname)
      @seen.keys.map do |login|
        name = user(login)["gone"] ? login : user(login)["name"]
        ["github", hostname, user(login).fetch("id").to_s, login, name, "0"]
      end
    end
  end

  # Without mapping, from a GitHub that is not github.com: the user who has the account's public address, else nobody.
  class Unmapped < People
    # addresses: e-mail address => username of GitLab's users. creator: username of the project's creator.
    def initialize(users, addresses:, creator:)
      super(users)
      @addresses = addresses
      @creator = "user #{creator}"
    end

    attr_reader :creator

    def mapped? = false

    def author(login)
      return ["ghost", true] if deleted?(login)

      found = contributor(login)
      [found || creator, !found.nil?]
    end

    def contributor(login)
      return if deleted?(login) || user(login)["gone"]

      name = @addresses[user(login)["email"]]
      name && "user #{name}"
    end

    def source_users(_hostname) = []
  end
end
