# frozen_string_literal: true

# A whole import with many people, comments and events of every kind, pull requests with reviews and threads, attached files, LFS objects,
# and texts that importers stumble over: every row must be what an independent reading of GitLab's rules says. script/scale does the same at full size.

require_relative "../support/harness"
require_relative "../support/big_import"

describe "a big import" do
  USERS = 120
  OBJECTS = { issues: 150, pulls: 60, reviews: 2, review_comments: 4, users: USERS, attachments: 60, lfs: 10 }.freeze
  # Rows in all tables, one of them wrong or gone.
  DAMAGES = {
    "issues" => "UPDATE issues SET title = 'Wrong' WHERE iid = (SELECT min(iid) FROM issues)",
    "resource_state_events" => "DELETE FROM resource_state_events WHERE id = (SELECT min(id) FROM resource_state_events)",
    "merge_requests" => "UPDATE merge_requests SET draft = true WHERE id = (SELECT min(id) FROM merge_requests)",
    "merge_request_diff_files" => "UPDATE merge_request_diff_files SET diff = diff || ' ' WHERE ctid = (SELECT min(ctid) FROM merge_request_diff_files)",
    "merge_request_diff_commits" => "DELETE FROM merge_request_diff_commits WHERE ctid = (SELECT min(ctid) FROM merge_request_diff_commits)",
    "merge_request_metrics" => "UPDATE merge_request_metrics SET merged_at = now() WHERE id = (SELECT min(id) FROM merge_request_metrics)",
    "diff_notes" => <<~SQL,
      UPDATE notes SET discussion_id = md5('another')
       WHERE id = (SELECT max(reply.id) FROM notes reply
                     JOIN notes first ON first.discussion_id = reply.discussion_id AND first.created_at < reply.created_at
                    WHERE reply.type = 'LegacyDiffNote')
    SQL
    "releases" => <<~SQL,
      UPDATE releases SET description = replace(description, '/uploads/', '/upload/')
       WHERE id = (SELECT min(id) FROM releases WHERE description LIKE '%/uploads/%')
    SQL
    "uploads" => "UPDATE uploads SET version = 1 WHERE id = (SELECT min(id) FROM uploads)",
    "lfs_objects" => "DELETE FROM lfs_objects_projects WHERE id = (SELECT min(id) FROM lfs_objects_projects)",
    "suggestions" => "UPDATE suggestions SET lines_above = 9 WHERE id = (SELECT min(id) FROM suggestions)"
  }.freeze

  def import(mapped:)
    big = BigImport.new(shared_services, BigImport.objects(**OBJECTS), mapped: mapped)
    project = big.schedule
    hubferry = big.scenario.start_hubferry
    _(big.scenario.database.wait_for_import(project, timeout: 240, details: -> { hubferry.tail(5) })).must_equal "finished"
    big
  end

  # One byte more, and one file less.
  def damage_files(big)
    config = big.scenario.config
    File.write(Dir.glob("#{config.uploads_of(big.project)}/*/*").min, "x", mode: "a")
    File.delete(Dir.glob("#{config.lfs_objects}/*/*/*").min)
  end

  # GraphQL answers for 100 people at a time; each of the four collections that name people ends with a call that is not full. Nobody
  # is asked for alone, neither apps nor those who are gone, but the few who made the releases.
  def assert_users_looked_up_together(big)
    requests = big.scenario.github.counters["requests"]
    _(requests["POST /graphql"]).must_be :<=, USERS / 100 + 4
    _(requests["GET /users/:login"]).must_be :<=, big.scenario.github.counts(ImportScenario::REPOSITORY)["releases"]
  end

  it "leaves the rows that GitLab's rules give, contributed by placeholders; and the comparison would show it if it did not" do
    big = import(mapped: true)
    _(big.difference).must_be_empty
    assert_users_looked_up_together(big)

    DAMAGES.each_value { |damage| big.scenario.database.query(damage) }
    damage_files(big)
    shown = big.difference
    DAMAGES.each_key { |table| _(shown).must_match(/^#{table}: 1 missing, [01] not expected$/) }
    _(shown).must_match(/^  \+ 1 x "1", "Wrong", /)
    _(shown).must_match(/^upload files: 1 missing, 1 not expected$/)
    _(shown).must_match(/^lfs files: 1 missing, 0 not expected$/)
    _(shown).must_match(/^import_source_user_placeholder_references: 1 missing, 1 not expected$/)
  end

  it "leaves the rows that GitLab's rules give, contributed by existing users where contributions are not mapped" do
    big = import(mapped: false)
    _(big.difference).must_be_empty
    assert_users_looked_up_together(big)
  end
end
