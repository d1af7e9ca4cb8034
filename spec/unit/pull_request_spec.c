/* A pull request's job: the merge request's rows, what happens when it exists already, and its branch. The
 * rules are those of importer/pull_request_importer.rb and lib/gitlab/import/merge_request_helpers.rb. */
#include "spec/support/repository_import.h"
#include "spec/support/rival.h"

#define EVE_S_FORK "\"source_repository_id\":900,\"source_repository_owner\":\"eve\""
#define NO_RECEIPT "DELETE FROM hubferry.receipts"

static void the_sample_becomes_its_row(void **state)
{
    RepositoryImport *import = *state;
    import_succeeds(import, "\"milestone_number\":3,\"assignee\":" JUNO);
    assert_sql("SELECT m.iid, m.title, m.description, u.username, milestones.iid, state_id, source_branch,"
               " target_branch, source_project_id = target_project_id, m.created_at, m.updated_at,"
               " imported_from FROM merge_requests m JOIN users u ON u.id = author_id"
               " JOIN milestones ON milestones.id = milestone_id",
               "7|Fix it|Closes #3|mira|3|1|fix|main|t|2024-01-02 03:04:05|2024-01-03 03:04:05|4");
}

/* Which version of Ruby's JSON has written the job decides. */
static void times_may_be_iso_8601(void **state)
{
    import_succeeds(*state, "\"created_at\":\"2024-01-02T03:04:05Z\","
                            "\"updated_at\":\"2024-01-03T05:04:05.000+02:00\"");
    assert_sql("SELECT created_at, updated_at FROM merge_requests",
               "2024-01-02 03:04:05|2024-01-03 03:04:05");
}

static void what_ruby_leaves_to_the_defaults_has_them(void **state)
{
    import_succeeds(*state, "\"title\":\"Draft: not yet\"");
    assert_sql(
        "SELECT merge_status, draft, lock_version, time_estimate, squash, merge_when_pipeline_succeeds,"
        " retargeted, override_requested_changes, allow_maintainer_to_push FROM merge_requests",
        "unchecked|f|0|0|f|f|f|f|t");
    assert_sql("SELECT num_nonnulls(title_html, description_html, cached_markdown_version, merge_params,"
               " merge_commit_sha, squash_commit_sha, merged_commit_sha, merge_user_id, merge_error,"
               " assignee_id, prepared_at, head_pipeline_id) FROM merge_requests",
               "0");
}

static void nothing_is_written_beside_it(void **state)
{
    import_succeeds(*state, "");
    assert_sql("SELECT (SELECT count(*) FROM merge_request_metrics), (SELECT count(*) FROM internal_ids),"
               " (SELECT count(*) FROM events), (SELECT count(*) FROM merge_requests_merge_data),"
               " (SELECT count(*) FROM merge_request_user_mentions), (SELECT count(*) FROM notes),"
               " (SELECT count(*) FROM merge_requests_closing_issues), (SELECT count(*) FROM todos),"
               " (SELECT count(*) FROM resource_state_events)",
               "0|0|0|0|0|0|0|0|0");
}

static void a_long_title_is_cut_to_255_characters(void **state)
{
    g_autofree char *title = g_strnfill(256, 't');
    g_autofree char *fields = g_strdup_printf("\"title\":\"%s\"", title);
    import_succeeds(*state, fields);
    assert_sql("SELECT length(title), right(title, 4) FROM merge_requests", "255|t...");
}

static void a_merge_time_makes_it_merged_whatever_the_state_says(void **state)
{
    import_succeeds(*state, "\"state\":\"closed\",\"merged_at\":\"2024-01-03 03:04:05 UTC\"");
    import_succeeds(*state, "\"iid\":8,\"state\":\"closed\"");
    assert_sql("SELECT string_agg(state_id::text, ',' ORDER BY iid) FROM merge_requests", "3,2");
}

static void a_fork_s_branch_is_named_after_it(void **state)
{
    import_succeeds(*state, EVE_S_FORK);
    assert_sql("SELECT source_branch FROM merge_requests", "github/fork/eve/fix");
}

static void a_milestone_that_is_missing_is_none(void **state)
{
    import_succeeds(*state, "\"milestone_number\":4");
    assert_sql("SELECT milestone_id IS NULL FROM merge_requests", "t");
}

static void a_deleted_author_is_the_ghost(void **state)
{
    import_succeeds(*state, "\"author\":null");
    assert_sql("SELECT u.user_type FROM merge_requests JOIN users u ON u.id = author_id", "5");
}

static void mentions_and_links_are_rewritten(void **state)
{
    import_succeeds(*state, "\"description\":\"ask @mira, see https://github.com/acme/rocket/pull/3\"");
    assert_sql("SELECT description FROM merge_requests",
               "ask `@mira`, see https://gitlab.example.com/imports/rocket/-/merge_requests/3");
}

/* The reference to the only row of `table`, without the alias version; of the source user `login`. (transfer
 * full) */
static char *reference(const char *table, const char *model, const char *column, const char *login)
{
    g_autofree char *sql = g_strdup_printf(
        "SELECT concat_ws(',', '[null', '\"%s\"', n.id, t.id, s.id, '\"%s\"') FROM %s t,"
        " import_source_users s, namespaces n WHERE s.source_username = '%s' AND n.path = 'imports'",
        model, column, table, login);
    return private_gitlab_sql(sql);
}

static void the_references_are_those_of_author_and_assignee(void **state)
{
    RepositoryImport *import = *state;
    import_succeeds(import, "\"assignee\":" JUNO);
    g_autofree char *references = object_import_references(import->object_import);
    g_auto(GStrv) lines = g_strsplit(references, "\n", -1);
    g_autofree char *author = reference("merge_requests", "MergeRequest", "author_id", "mira");
    g_autofree char *assignee =
        reference("merge_request_assignees", "MergeRequestAssignee", "user_id", "juno");
    assert_int_equal(g_strv_length(lines), 2);
    assert_true(g_str_has_prefix(lines[0], author));
    assert_true(g_str_has_prefix(lines[1], assignee));
}

static void without_an_author_only_the_assignee_is_referred_to(void **state)
{
    RepositoryImport *import = *state;
    import_succeeds(import, "\"author\":null,\"assignee\":" JUNO);
    g_autofree char *references = object_import_references(import->object_import);
    g_autofree char *assignee =
        reference("merge_request_assignees", "MergeRequestAssignee", "user_id", "juno");
    assert_null(strchr(references, '\n'));
    assert_true(g_str_has_prefix(references, assignee));
}

static void the_assignee_is_one_row(void **state)
{
    import_succeeds(*state, "\"assignee\":" JUNO);
    assert_sql("SELECT u.username, a.created_at IS NOT NULL, a.project_id = m.target_project_id"
               " FROM merge_request_assignees a JOIN users u ON u.id = user_id"
               " JOIN merge_requests m ON m.id = merge_request_id",
               "juno|t|t");
}

static void a_ghost_is_no_assignee(void **state)
{
    import_succeeds(*state, "\"assignee\":{\"id\":10137,\"login\":\"ghost\"}");
    assert_sql("SELECT count(*) FROM merge_request_assignees", "0");
}

static void a_blank_title_is_a_failure(void **state)
{
    import_succeeds(*state, "\"title\":\" \"");
    assert_sql("SELECT exception_class, exception_message, source, external_identifiers ->> 'iid',"
               " (SELECT count(*) FROM merge_requests) FROM import_failures",
               "ActiveRecord::RecordInvalid|Validation failed: Title can't be blank|" SOURCE "|7|0");
}

static void a_missing_branch_is_a_failure(void **state)
{
    import_succeeds(*state, "\"source_branch\":null");
    import_succeeds(*state, "\"iid\":8,\"target_branch\":null");
    assert_sql("SELECT string_agg(exception_message, '|' ORDER BY id) FROM import_failures",
               "Validation failed: Source branch can't be blank|"
               "Validation failed: Target branch can't be blank");
}

static void a_representation_of_another_shape_is_a_failure(void **state)
{
    import_succeeds(*state, "\"iid\":null");
    assert_sql("SELECT exception_class FROM import_failures", "NoMethodError");
}

static void a_milestone_that_vanishes_skips_it_without_a_word(void **state)
{
    RepositoryImport *import = *state;
    g_autofree char *key = object_import_key(import->object_import, "github-import/milestone-finder", "4");
    g_autofree char *set = private_gitlab_redis("SET", key, "4711", NULL);
    import_succeeds(import, "\"milestone_number\":4");
    assert_sql("SELECT (SELECT count(*) FROM merge_requests), (SELECT count(*) FROM import_failures)", "0|0");
}

static void assert_found_by_its_number(const RepositoryImport *import)
{
    g_autofree char *key =
        object_import_key(import->object_import, "github-import/issuable-finder", "MergeRequest/7");
    g_autofree char *id = private_gitlab_sql("SELECT id FROM merge_requests");
    assert_redis(id, "GET", key);
}

static void notes_find_it_by_its_number(void **state)
{
    import_succeeds(*state, "");
    assert_found_by_its_number(*state);
}

static void it_is_counted(void **state)
{
    RepositoryImport *import = *state;
    import_succeeds(import, "");
    object_import_assert_counted(import->object_import, "pull_request", "1");
}

/* --- its diff --- */

static void the_diff_is_the_latest_one(void **state)
{
    import_succeeds(*state, "");
    assert_sql("SELECT d.state, d.real_size, d.commits_count, d.files_count, d.sorted, d.diff_type,"
               " d.external_diff_store, d.stored_externally IS NULL, m.latest_merge_request_diff_id = d.id,"
               " d.project_id = m.target_project_id"
               " FROM merge_request_diffs d JOIN merge_requests m ON m.id = merge_request_id",
               "collected|2|2|2|t|1|1|t|t|t");
}

static void the_diff_names_start_head_and_what_they_grew_from(void **state)
{
    RepositoryImport *import = *state;
    import_succeeds(import, "");
    g_autofree char *base = sha_of(import, "base"), *start = sha_of(import, "main"),
                    *head = sha_of(import, "fix");
    g_autofree char *expected = g_strdup_printf("%s|%s|%s", base, start, head);
    assert_sql("SELECT base_commit_sha, start_commit_sha, head_commit_sha FROM merge_request_diffs",
               expected);
}

static void the_diff_has_git_s_patch_id(void **state)
{
    RepositoryImport *import = *state;
    import_succeeds(import, "");
    g_autofree char *expected =
        in_repository(import, "git diff --full-index base fix | git patch-id --verbatim | cut -c1-40");
    assert_sql("SELECT encode(patch_id_sha, 'hex') FROM merge_request_diffs", expected);
}

static void the_diff_s_times_are_those_of_the_import(void **state)
{
    import_succeeds(*state, "");
    assert_sql("SELECT created_at = updated_at, created_at BETWEEN localtimestamp - interval '1 minute'"
               " AND localtimestamp FROM merge_request_diffs",
               "t|t");
}

static void its_files_are_compared_with_the_merge_base(void **state)
{
    import_succeeds(*state, "");
    assert_sql("SELECT string_agg(concat_ws(' ', f.relative_order, old_path, new_path, a_mode, b_mode,"
               " new_file, renamed_file, deleted_file, too_large, f.binary, replace(diff, E'\\n', '~')), '|'"
               " ORDER BY relative_order) FROM merge_request_diff_files f",
               "0 README README 100644 100644 f f f f f @@ -1 +1,2 @@~ hello~+more~"
               "|1 lib lib 0 100644 t f f f f @@ -0,0 +1 @@~+new~");
}

static void its_files_are_the_project_s_and_kept_in_the_database(void **state)
{
    import_succeeds(*state, "");
    assert_sql("SELECT bool_and(f.project_id = m.target_project_id), num_nonnulls(max(generated::int),"
               " max(external_diff_offset), max(external_diff_size)), bool_or(encoded_file_path)"
               " FROM merge_request_diff_files f, merge_requests m",
               "t|0|f");
    assert_sql("SELECT external_diff IS NULL FROM merge_request_diffs", "t");
}

static void its_commits_are_the_newest_first(void **state)
{
    import_succeeds(*state, "");
    assert_sql("SELECT string_agg(concat_ws(' ', c.relative_order, rtrim(m.message, E'\\n'), a.name, "
               "a.email, b.name, b.email,"
               " m.authored_date, m.committed_date), '|' ORDER BY c.relative_order)"
               " FROM merge_request_diff_commits c"
               " JOIN merge_request_commits_metadata m ON m.id = c.merge_request_commits_metadata_id"
               "  AND m.project_id = c.project_id"
               " JOIN merge_request_diff_commit_users a ON a.id = m.commit_author_id"
               " JOIN merge_request_diff_commit_users b ON b.id = m.committer_id",
               "0 two Ann ann@example.com Bob bob@example.com 2020-01-01 00:00:00 2020-01-02 00:00:00"
               "|1 one Ann ann@example.com Bob bob@example.com 2020-01-01 00:00:00 2020-01-02 00:00:00");
}

static void a_commit_that_is_missing_makes_an_empty_diff(void **state)
{
    import_succeeds(*state, "\"source_branch_sha\":\"1111111111111111111111111111111111111111\"");
    assert_sql("SELECT state, real_size IS NULL, base_commit_sha IS NULL, commits_count, files_count, sorted,"
               " patch_id_sha IS NULL, head_commit_sha FROM merge_request_diffs",
               "empty|t|t|0|0|f|t|1111111111111111111111111111111111111111");
}

/* Newer schemas refuse them. */
static void a_sha_that_is_no_commit_id_is_left_out(void **state)
{
    import_succeeds(*state, "\"source_branch_sha\":\"fix\",\"target_branch_sha\":null");
    assert_sql("SELECT state, head_commit_sha IS NULL, start_commit_sha IS NULL FROM merge_request_diffs",
               "empty|t|t");
}

static void a_head_without_own_commits_makes_an_empty_diff(void **state)
{
    RepositoryImport *import = *state;
    g_autofree char *base = sha_of(import, "base");
    g_autofree char *fields = g_strdup_printf("\"source_branch_sha\":\"%s\"", base);
    import_succeeds(import, fields);
    assert_sql("SELECT state, real_size IS NULL, commits_count, base_commit_sha = head_commit_sha,"
               " patch_id_sha IS NULL FROM merge_request_diffs",
               "empty|t|0|t|t");
}

static void commits_that_change_nothing_make_an_empty_diff_of_size_0(void **state)
{
    change_repository(*state, "git update-ref refs/heads/fix $(git commit-tree -m m -p base 'base^{tree}')");
    import_succeeds(*state, "");
    assert_sql("SELECT state, real_size, commits_count, files_count, sorted, patch_id_sha IS NULL"
               " FROM merge_request_diffs",
               "empty|0|1|0|f|t");
}

static void without_common_history_everything_is_new(void **state)
{
    change_repository(*state, "git update-ref refs/heads/fix $(git commit-tree -m m 'fix^{tree}')");
    import_succeeds(*state, "");
    assert_sql("SELECT state, real_size, commits_count, base_commit_sha IS NULL, patch_id_sha IS NULL,"
               " (SELECT bool_and(new_file) FROM merge_request_diff_files) FROM merge_request_diffs",
               "collected|2|1|t|t|t");
}

/* `setting` is an assignment of a column. */
static void limit(const char *setting)
{
    g_autofree char *sql = g_strconcat("UPDATE application_settings SET ", setting, NULL);
    g_autofree char *changed = private_gitlab_sql(sql);
}

static void assert_files(const char *expected)
{
    assert_sql("SELECT d.state, real_size, files_count, string_agg(concat_ws(' ', new_path, too_large,"
               " length(diff)), ',' ORDER BY relative_order) FROM merge_request_diffs d"
               " JOIN merge_request_diff_files ON merge_request_diff_id = d.id GROUP BY d.id",
               expected);
}

static void files_beyond_the_setting_are_left_out(void **state)
{
    limit("diff_max_files = 1");
    import_succeeds(*state, "");
    assert_files("overflow|1+|1|README f 27");
}

static void lines_beyond_the_setting_are_left_out(void **state)
{
    limit("diff_max_lines = 3");
    import_succeeds(*state, "");
    assert_files("overflow|1+|1|README f 27");
}

static void a_patch_beyond_the_setting_is_too_large(void **state)
{
    limit("diff_max_patch_bytes = 20");
    import_succeeds(*state, "");
    assert_files("collected|2|2|README t 0,lib f 19");
}

/* --- once more --- */

static void a_second_execution_changes_nothing(void **state)
{
    import_succeeds(*state, "\"assignee\":" JUNO);
    g_autofree char *before = private_gitlab_sql("SELECT id FROM merge_request_diffs");
    import_succeeds(*state, "\"assignee\":" JUNO);
    assert_sql("SELECT id FROM merge_request_diffs", before);
    assert_sql("SELECT count(*) FROM merge_requests", "1");
}

static void one_that_ruby_wrote_gets_its_diff_anew(void **state)
{
    import_succeeds(*state, "\"assignee\":" JUNO);
    g_autofree char *before = private_gitlab_sql("SELECT id FROM merge_request_diffs");
    g_autofree char *changed =
        private_gitlab_sql("DELETE FROM hubferry.receipts; UPDATE merge_requests SET title = 'kept'");
    import_succeeds(*state, "\"assignee\":" MIRA);
    g_autofree char *now = private_gitlab_sql("SELECT id FROM merge_request_diffs");
    assert_true(g_ascii_strtoll(now, NULL, 10) > g_ascii_strtoll(before, NULL, 10));
    /* as in Ruby, nothing deletes the commits of the diff that is gone */
    assert_sql("SELECT (SELECT count(*) FROM merge_request_diff_files),"
               " (SELECT count(*) FROM merge_request_diff_commits)",
               "2|4");
    assert_sql("SELECT m.title, latest_merge_request_diff_id = d.id, string_agg(u.username, ',')"
               " FROM merge_requests m JOIN merge_request_diffs d ON merge_request_id = m.id"
               " JOIN merge_request_assignees a ON a.merge_request_id = m.id JOIN users u ON u.id = user_id"
               " GROUP BY m.id, d.id",
               "kept|t|mira");
}

static void one_that_ruby_inserts_at_the_same_time_gets_its_diff(void **state)
{
    Rival *ruby = rival_begin("INSERT INTO merge_requests (iid, title, source_branch, target_branch,"
                              " source_project_id, target_project_id, author_id, imported_from) SELECT 7,"
                              " 'Ruby''s', 'fix', 'main', p.id, p.id, min(u.id), 4 FROM projects p, users u"
                              " GROUP BY p.id");
    import_succeeds(*state, "\"assignee\":" JUNO);
    rival_end(ruby);
    assert_sql("SELECT title, (SELECT count(*) FROM merge_request_diffs), (SELECT count(*) FROM"
               " merge_request_assignees), (SELECT count(*) FROM import_failures) FROM merge_requests",
               "Ruby's|1|1|0");
}

static void a_later_diff_stays_the_latest_one(void **state)
{
    import_succeeds(*state, "");
    import_succeeds(*state, "\"iid\":8");
    g_autofree char *changed = private_gitlab_sql(
        NO_RECEIPT ";INSERT INTO merge_request_diffs (id, merge_request_id, project_id, external_diff_store,"
                   " created_at, updated_at) SELECT 1000000, id, target_project_id, 1, now(), now()"
                   " FROM merge_requests WHERE iid = 8;"
                   "UPDATE merge_requests SET latest_merge_request_diff_id = 1000000 WHERE iid = 7");
    import_succeeds(*state, "");
    assert_sql("SELECT latest_merge_request_diff_id FROM merge_requests WHERE iid = 7", "1000000");
}

static void the_assignee_who_is_there_stays(void **state)
{
    import_succeeds(*state, "\"assignee\":" JUNO);
    g_autofree char *before = private_gitlab_sql("SELECT id FROM merge_request_assignees");
    g_autofree char *changed = private_gitlab_sql(NO_RECEIPT);
    import_succeeds(*state, "\"assignee\":" JUNO);
    assert_sql("SELECT id FROM merge_request_assignees", before);
}

static void the_assignee_who_is_there_is_referred_to_again(void **state)
{
    RepositoryImport *import = *state;
    import_succeeds(import, "\"assignee\":" JUNO);
    g_autofree char *before = object_import_references(import->object_import);
    g_autofree char *changed = private_gitlab_sql(NO_RECEIPT);
    g_autofree char *taken = private_gitlab_redis("FLUSHALL", NULL);
    import_succeeds(import, "\"assignee\":" JUNO);
    g_autofree char *after = object_import_references(import->object_import);
    assert_string_equal(after, before);
}

static void nobody_as_assignee_changes_nothing(void **state)
{
    import_succeeds(*state, "\"assignee\":" JUNO);
    g_autofree char *changed = private_gitlab_sql(NO_RECEIPT);
    import_succeeds(*state, "");
    assert_sql("SELECT count(*) FROM merge_request_assignees", "1");
}

static void one_that_no_import_has_written_is_left_alone(void **state)
{
    import_succeeds(*state, "");
    g_autofree char *before = private_gitlab_sql("SELECT id FROM merge_request_diffs");
    g_autofree char *changed =
        private_gitlab_sql("DELETE FROM hubferry.receipts; UPDATE merge_requests SET imported_from = 0");
    import_succeeds(*state, "");
    assert_sql("SELECT id FROM merge_request_diffs", before);
}

static void two_share_their_commits(void **state)
{
    RepositoryImport *import = *state;
    g_autofree char *one = pull_request(import, ""), *two = pull_request(import, "\"iid\":8");
    const char *const both[] = {one, two, NULL};
    g_autoptr(GPtrArray) errors = object_import_perform_batch(import->object_import, both);
    assert_null(errors->pdata[0]);
    assert_null(errors->pdata[1]);
    assert_sql("SELECT (SELECT count(*) FROM merge_request_diff_commits),"
               " (SELECT count(*) FROM merge_request_commits_metadata),"
               " (SELECT count(*) FROM merge_request_diff_commit_users)",
               "4|2|2");
}

static void a_guilty_one_fails_alone(void **state)
{
    RepositoryImport *import = *state;
    g_autofree char *one = pull_request(import, ""), *two = pull_request(import, "\"iid\":8");
    g_autofree char *bad = pull_request(import, "\"iid\":9,\"title\":null");
    const char *const all[] = {one, bad, two, NULL};
    g_autoptr(GPtrArray) errors = object_import_perform_batch(import->object_import, all);
    assert_null(errors->pdata[0]);
    assert_sql("SELECT (SELECT string_agg(iid::text, ',' ORDER BY iid) FROM merge_requests),"
               " (SELECT count(*) FROM import_failures)",
               "7,8|1");
}

/* --- its branch --- */

static void an_open_one_gets_its_source_branch(void **state)
{
    RepositoryImport *import = *state;
    import_succeeds(import, EVE_S_FORK);
    g_autofree char *branch = sha_of(import, "refs/heads/github/fork/eve/fix"), *head = sha_of(import, "fix");
    assert_string_equal(branch, head);
}

static void a_closed_one_gets_none(void **state)
{
    RepositoryImport *import = *state;
    import_succeeds(import, "\"state\":\"closed\"," EVE_S_FORK);
    g_autofree char *branches = in_repository(import, "git for-each-ref refs/heads/github");
    assert_string_equal(branches, "");
}

static void its_state_in_the_database_decides(void **state)
{
    RepositoryImport *import = *state;
    import_succeeds(import, "");
    g_autofree char *merged = private_gitlab_sql(NO_RECEIPT "; UPDATE merge_requests SET state_id = 3");
    import_succeeds(import, EVE_S_FORK);
    g_autofree char *branches = in_repository(import, "git for-each-ref refs/heads/github");
    assert_string_equal(branches, "");
}

static void no_other_ref_is_written(void **state)
{
    RepositoryImport *import = *state;
    import_succeeds(import, EVE_S_FORK);
    g_autofree char *refs = in_repository(import, "git for-each-ref --format='%(refname)'");
    assert_string_equal(refs, "refs/heads/fix\nrefs/heads/github/fork/eve/fix\nrefs/heads/main\n"
                              "refs/merge-requests/7/head\nrefs/tags/base");
}

static void a_branch_that_fails_is_made_by_the_retry(void **state)
{
    RepositoryImport *import = *state;
    g_autofree char *representation = pull_request(import, EVE_S_FORK);
    change_repository(import,
                      "mkdir -p refs/heads/github/fork/eve; touch refs/heads/github/fork/eve/fix.lock");
    g_autoptr(GError) error = object_import_perform(import->object_import, representation);
    assert_non_null(error);
    assert_found_by_its_number(import);

    change_repository(import, "rm -f refs/heads/github/fork/eve/fix.lock");
    import_succeeds(import, EVE_S_FORK);
    g_autofree char *branch = sha_of(import, "refs/heads/github/fork/eve/fix"), *head = sha_of(import, "fix");
    assert_string_equal(branch, head);
    assert_sql("SELECT count(*) FROM merge_request_diffs", "1");
}

static void a_branch_that_exists_stays(void **state)
{
    RepositoryImport *import = *state;
    change_repository(import, "git update-ref refs/heads/github/fork/eve/fix base");
    import_succeeds(import, EVE_S_FORK);
    g_autofree char *branch = sha_of(import, "refs/heads/github/fork/eve/fix"),
                    *base = sha_of(import, "base");
    assert_string_equal(branch, base);
}

static void a_branch_that_cannot_be_made_is_no_failure(void **state)
{
    RepositoryImport *import = *state;
    change_repository(import, "git update-ref refs/heads/github/fork base");
    import_succeeds(import, EVE_S_FORK);
    assert_sql("SELECT count(*), (SELECT count(*) FROM import_failures) FROM merge_requests GROUP BY 2",
               "1|0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        REPOSITORY_TEST(the_sample_becomes_its_row),
        REPOSITORY_TEST(times_may_be_iso_8601),
        REPOSITORY_TEST(what_ruby_leaves_to_the_defaults_has_them),
        REPOSITORY_TEST(nothing_is_written_beside_it),
        REPOSITORY_TEST(a_long_title_is_cut_to_255_characters),
        REPOSITORY_TEST(a_merge_time_makes_it_merged_whatever_the_state_says),
        REPOSITORY_TEST(a_fork_s_branch_is_named_after_it),
        REPOSITORY_TEST(a_milestone_that_is_missing_is_none),
        REPOSITORY_TEST(a_deleted_author_is_the_ghost),
        REPOSITORY_TEST(mentions_and_links_are_rewritten),
        REPOSITORY_TEST(the_references_are_those_of_author_and_assignee),
        REPOSITORY_TEST(without_an_author_only_the_assignee_is_referred_to),
        REPOSITORY_TEST(the_assignee_is_one_row),
        REPOSITORY_TEST(a_ghost_is_no_assignee),
        REPOSITORY_TEST(a_blank_title_is_a_failure),
        REPOSITORY_TEST(a_missing_branch_is_a_failure),
        REPOSITORY_TEST(a_representation_of_another_shape_is_a_failure),
        REPOSITORY_TEST(a_milestone_that_vanishes_skips_it_without_a_word),
        REPOSITORY_TEST(notes_find_it_by_its_number),
        REPOSITORY_TEST(it_is_counted),
        REPOSITORY_TEST(the_diff_is_the_latest_one),
        REPOSITORY_TEST(the_diff_names_start_head_and_what_they_grew_from),
        REPOSITORY_TEST(the_diff_has_git_s_patch_id),
        REPOSITORY_TEST(the_diff_s_times_are_those_of_the_import),
        REPOSITORY_TEST(its_files_are_compared_with_the_merge_base),
        REPOSITORY_TEST(its_files_are_the_project_s_and_kept_in_the_database),
        REPOSITORY_TEST(its_commits_are_the_newest_first),
        REPOSITORY_TEST(a_commit_that_is_missing_makes_an_empty_diff),
        REPOSITORY_TEST(a_sha_that_is_no_commit_id_is_left_out),
        REPOSITORY_TEST(a_head_without_own_commits_makes_an_empty_diff),
        REPOSITORY_TEST(commits_that_change_nothing_make_an_empty_diff_of_size_0),
        REPOSITORY_TEST(without_common_history_everything_is_new),
        REPOSITORY_TEST(files_beyond_the_setting_are_left_out),
        REPOSITORY_TEST(lines_beyond_the_setting_are_left_out),
        REPOSITORY_TEST(a_patch_beyond_the_setting_is_too_large),
        REPOSITORY_TEST(a_second_execution_changes_nothing),
        REPOSITORY_TEST(one_that_ruby_wrote_gets_its_diff_anew),
        REPOSITORY_TEST(one_that_ruby_inserts_at_the_same_time_gets_its_diff),
        REPOSITORY_TEST(a_later_diff_stays_the_latest_one),
        REPOSITORY_TEST(the_assignee_who_is_there_stays),
        REPOSITORY_TEST(the_assignee_who_is_there_is_referred_to_again),
        REPOSITORY_TEST(nobody_as_assignee_changes_nothing),
        REPOSITORY_TEST(one_that_no_import_has_written_is_left_alone),
        REPOSITORY_TEST(two_share_their_commits),
        REPOSITORY_TEST(a_guilty_one_fails_alone),
        REPOSITORY_TEST(an_open_one_gets_its_source_branch),
        REPOSITORY_TEST(a_closed_one_gets_none),
        REPOSITORY_TEST(its_state_in_the_database_decides),
        REPOSITORY_TEST(no_other_ref_is_written),
        REPOSITORY_TEST(a_branch_that_fails_is_made_by_the_retry),
        REPOSITORY_TEST(a_branch_that_exists_stays),
        REPOSITORY_TEST(a_branch_that_cannot_be_made_is_no_failure),
    };
    return cmocka_run_group_tests(tests, set_up_group, tear_down_group);
}
