# frozen_string_literal: true

# A whole import with many people, comments and events of every kind, and texts that importers stumble over: every row must be what
# an independent reading of GitLab's rules says. script/scale does the same with 10,000 issues.

require_relative "../support/harness"
require_relative "../support/big_import"

describe "a big import" do
  USERS = 120

  def import(mapped:)
    big = BigImport.new(shared_services, BigImport.objects(issues: 300, users: USERS), mapped: mapped)
    project = big.schedule
    hubferry = big.scenario.start_hubferry
    _(big.scenario.database.wait_for_import(project, timeout: 240, details: -> { hubferry.tail(5) })).must_equal "finished"
    big
  end

  # GraphQL answers for 100 people at a time; each of the two collections that name people ends with a call that is not full. Nobody
  # is asked for alone, neither apps nor those who are gone.
  def assert_users_looked_up_together(big)
    requests = big.scenario.github.counters["requests"]
    _(requests["POST /graphql"]).must_be :<=, USERS / 100 + 2
    _(requests.keys.grep(%r{/users/})).must_be_empty
  end

  def difference(big) = big.expected.difference(big.scenario.database, big.project)

  it "leaves the rows that GitLab's rules give, contributed by placeholders; and the comparison would show it if it did not" do
    big = import(mapped: true)
    _(difference(big)).must_be_empty
    assert_users_looked_up_together(big)

    big.scenario.database.query("UPDATE issues SET title = 'Wrong' WHERE iid = 1")
    big.scenario.database.query("DELETE FROM resource_state_events WHERE id = (SELECT min(id) FROM resource_state_events)")
    shown = difference(big)
    _(shown).must_match(/^issues: 1 missing, 1 not expected$/)
    _(shown).must_match(/^  \+ 1 x "1", "Wrong", /)
    _(shown).must_match(/^resource_state_events: 1 missing, 0 not expected$/)
    _(shown).must_match(/^import_source_user_placeholder_references: 1 missing, 1 not expected$/)
  end

  it "leaves the rows that GitLab's rules give, contributed by existing users where contributions are not mapped" do
    big = import(mapped: false)
    _(difference(big)).must_be_empty
    assert_users_looked_up_together(big)
  end
end
