/* The commits of merge request diffs, in the tables of each generation of GitLab (app/models/
 * merge_request_diff_commit.rb, merge_request/commits_metadata.rb, merge_request/diff_commit_user.rb). */
#include "spec/support/repository_import.h"
#include "spec/support/rival.h"

/* Moves the branch fix to a commit with these header lines and message. `author` as git writes it. */
static void commit_as(const RepositoryImport *import, const char *author, const char *committer,
                      const char *message)
{
    g_autofree char *script = g_strdup_printf(
        "tree=$(git rev-parse 'fix^{tree}'); parent=$(git rev-parse base)\n"
        "git update-ref refs/heads/fix $(printf 'tree %%s\\nparent %%s\\nauthor %s\\ncommitter %s\\n\\n%s'"
        " $tree $parent | git hash-object -t commit -w --literally --stdin)",
        author, committer, message);
    change_repository(import, script);
}

#define ANN "Ann <ann@example.com> 1577836800 +0000"

static void assert_author(const char *expected)
{
    assert_sql("SELECT coalesce(u.name, 'NULL'), coalesce(u.email, 'NULL'), length(u.name)"
               " FROM merge_request_commits_metadata m"
               " JOIN merge_request_diff_commit_users u ON u.id = m.commit_author_id",
               expected);
}

static void users_belong_to_the_project_s_organization(void **state)
{
    import_succeeds(*state, "");
    assert_sql("SELECT string_agg(DISTINCT u.name || (u.organization_id = p.organization_id), ',')"
               " FROM merge_request_diff_commit_users u, projects p",
               "Anntrue,Bobtrue");
}

static void long_names_are_cut_to_512_characters(void **state)
{
    g_autofree char *name = g_strnfill(600, 'n');
    g_autofree char *author = g_strconcat(name, " <n@example.com> 1577836800 +0000", NULL);
    commit_as(*state, author, ANN, "m");
    import_succeeds(*state, "");
    name[512] = '\0';
    g_autofree char *expected = g_strconcat(name, "|n@example.com|512", NULL);
    assert_author(expected);
}

static void a_blank_name_is_null(void **state)
{
    commit_as(*state, " <n@example.com> 1577836800 +0000", ANN, "m");
    import_succeeds(*state, "");
    assert_author("NULL|n@example.com|");
}

static void a_blank_address_is_null(void **state)
{
    commit_as(*state, "Eve <> 1577836800 +0000", ANN, "m");
    import_succeeds(*state, "");
    assert_author("Eve|NULL|3");
}

/* GitLab's table refuses them; Ruby fails the whole pull request. */
static void who_has_neither_is_unknown(void **state)
{
    commit_as(*state, " <> 1577836800 +0000", ANN, "m");
    import_succeeds(*state, "");
    assert_author("unknown|NULL|7");
}

static void half_empty_users_are_found_again(void **state)
{
    RepositoryImport *import = *state;
    commit_as(import, "Eve <> 1577836800 +0000", " <n@example.com> 1577836800 +0000", "m");
    import_succeeds(import, "");
    commit_as(import, "Eve <> 1577836800 +0000", " <n@example.com> 1577836800 +0000", "another");
    import_succeeds(import, "\"iid\":8");
    assert_sql("SELECT count(*), (SELECT count(*) FROM merge_request_commits_metadata)"
               " FROM merge_request_diff_commit_users GROUP BY 2",
               "2|2");
}

/* Gitaly takes a date before 1970, or none, for one that is far away. */
static void times_end_in_2038(void **state)
{
    commit_as(*state, "Ann <ann@example.com> 4102444800 +0000", "Ann <ann@example.com> -86400 +0000", "m");
    import_succeeds(*state, "");
    assert_sql("SELECT authored_date, committed_date FROM merge_request_commits_metadata",
               "2038-01-19 03:14:07|2038-01-19 03:14:07");
}

static void more_commits_than_a_slice_has_are_all_there(void **state)
{
    change_repository(*state, "{ for i in $(seq 1001); do printf 'commit refs/heads/fix\n"
                              "committer Ann <ann%s@example.com> %s +0000\ndata 1\nm\n' $i $i\n"
                              "[ $i != 1 ] || echo from base; echo; done; } |"
                              " git fast-import --quiet --force");
    import_succeeds(*state, "");
    assert_sql("SELECT count(*), count(merge_request_commits_metadata_id), (SELECT count(*) FROM"
               " merge_request_diff_commit_users), (SELECT commits_count FROM merge_request_diffs)"
               " FROM merge_request_diff_commits",
               "1001|1001|1001|1001");
}

#define INSERT_USER                                                                                          \
    "INSERT INTO merge_request_diff_commit_users (name, email, organization_id)"                             \
    " SELECT 'Bob', 'bob@example.com', organization_id FROM projects"

static void a_user_whom_another_inserts_at_the_same_time_is_found(void **state)
{
    Rival *rival = rival_begin(INSERT_USER);
    import_succeeds(*state, "");
    rival_end(rival);
    assert_sql("SELECT count(*), (SELECT count(*) FROM merge_request_diff_commit_users)"
               " FROM merge_request_commits_metadata m"
               " JOIN merge_request_diff_commit_users u ON u.id = m.committer_id WHERE u.name = 'Bob'",
               "2|2");
}

static void metadata_that_another_inserts_at_the_same_time_are_found(void **state)
{
    RepositoryImport *import = *state;
    g_autofree char *user = private_gitlab_sql(INSERT_USER), *head = sha_of(import, "fix");
    g_autofree char *sql = g_strdup_printf(
        "INSERT INTO merge_request_commits_metadata (project_id, sha, commit_author_id, committer_id, "
        "message)"
        " SELECT p.id, '\\x%s', u.id, u.id, 'theirs' FROM projects p, merge_request_diff_commit_users u",
        head);
    Rival *rival = rival_begin(sql);
    import_succeeds(import, "");
    rival_end(rival);
    assert_sql("SELECT string_agg(rtrim(m.message, E'\\n'), ',' ORDER BY relative_order)"
               " FROM merge_request_diff_commits"
               " JOIN merge_request_commits_metadata m ON m.id = merge_request_commits_metadata_id",
               "theirs,one");
}

static void metadata_that_exist_are_never_changed(void **state)
{
    import_succeeds(*state, "");
    g_autofree char *changed =
        private_gitlab_sql("UPDATE merge_request_commits_metadata SET message = 'kept'");
    import_succeeds(*state, "\"iid\":8");
    assert_sql("SELECT string_agg(DISTINCT message, ','), count(*) FROM merge_request_commits_metadata",
               "kept|2");
}

static void the_newest_gitlab_has_four_columns(void **state)
{
    import_succeeds(*state, "");
    assert_sql("SELECT count(*), count(project_id), count(merge_request_commits_metadata_id), count(sha),"
               " count(message), count(commit_author_id), (SELECT count(*) FROM"
               " merge_request_diff_commits_b5377a7a34) FROM merge_request_diff_commits",
               "2|2|2|0|0|0|2");
}

/* Up to 18.x sha must not be NULL. Gitaly tells no trailers. */
static void before_each_diff_has_its_own_copy(void **state)
{
    RepositoryImport *import = *state;
    object_import_change_schema(import->object_import,
                                "ALTER TABLE merge_request_diff_commits ALTER sha SET NOT NULL");
    commit_as(import, ANN, ANN, "m\\n\\nSigned-off-by: Ann <ann@example.com>\\n");
    import_succeeds(import, "");
    g_autofree char *head = sha_of(import, "fix");
    g_autofree char *expected =
        g_strdup_printf("%s|2020-01-01 00:00:00|2020-01-01 00:00:00|Ann|Ann|{}|m Signed-off-by: Ann"
                        " <ann@example.com>|t",
                        head);
    assert_sql("SELECT encode(sha, 'hex'), authored_date, committed_date, a.name, b.name, trailers,"
               " regexp_replace(trim(E'\\n' FROM message), '\\s+', ' '),"
               " merge_request_commits_metadata_id IS NOT NULL FROM merge_request_diff_commits"
               " JOIN merge_request_diff_commit_users a ON a.id = commit_author_id"
               " JOIN merge_request_diff_commit_users b ON b.id = committer_id",
               expected);
    g_autofree char *restored =
        private_gitlab_sql("ALTER TABLE merge_request_diff_commits ALTER sha DROP NOT NULL");
}

static void before_metadata_there_is_only_the_copy(void **state)
{
    RepositoryImport *import = *state;
    object_import_change_schema(import->object_import,
                                "ALTER TABLE merge_request_commits_metadata RENAME TO spare_metadata");
    import_succeeds(import, "");
    object_import_change_schema(import->object_import,
                                "ALTER TABLE spare_metadata RENAME TO merge_request_commits_metadata");
    assert_sql("SELECT count(*), count(sha), count(commit_author_id), count(committer_id), count(message),"
               " count(merge_request_commits_metadata_id), (SELECT count(*) FROM"
               " merge_request_commits_metadata) FROM merge_request_diff_commits",
               "2|2|2|2|2|0|0");
}

static void before_organizations_users_belong_to_all(void **state)
{
    RepositoryImport *import = *state;
    object_import_change_schema(
        import->object_import,
        "ALTER TABLE merge_request_diff_commit_users ALTER organization_id DROP NOT NULL;"
        "ALTER TABLE merge_request_diff_commit_users RENAME organization_id TO spare");
    import_succeeds(import, "");
    import_succeeds(import, "\"iid\":8");
    assert_sql("SELECT string_agg(concat_ws(' ', name, email, spare), ',' ORDER BY name)"
               " FROM merge_request_diff_commit_users",
               "Ann ann@example.com,Bob bob@example.com");
    object_import_change_schema(
        import->object_import,
        "DELETE FROM merge_request_diff_commit_users;"
        "ALTER TABLE merge_request_diff_commit_users RENAME spare TO organization_id;"
        "ALTER TABLE merge_request_diff_commit_users ALTER organization_id SET NOT NULL");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        REPOSITORY_TEST(users_belong_to_the_project_s_organization),
        REPOSITORY_TEST(long_names_are_cut_to_512_characters),
        REPOSITORY_TEST(a_blank_name_is_null),
        REPOSITORY_TEST(a_blank_address_is_null),
        REPOSITORY_TEST(who_has_neither_is_unknown),
        REPOSITORY_TEST(half_empty_users_are_found_again),
        REPOSITORY_TEST(times_end_in_2038),
        REPOSITORY_TEST(more_commits_than_a_slice_has_are_all_there),
        REPOSITORY_TEST(a_user_whom_another_inserts_at_the_same_time_is_found),
        REPOSITORY_TEST(metadata_that_another_inserts_at_the_same_time_are_found),
        REPOSITORY_TEST(metadata_that_exist_are_never_changed),
        REPOSITORY_TEST(the_newest_gitlab_has_four_columns),
        REPOSITORY_TEST(before_each_diff_has_its_own_copy),
        REPOSITORY_TEST(before_metadata_there_is_only_the_copy),
        REPOSITORY_TEST(before_organizations_users_belong_to_all),
    };
    return cmocka_run_group_tests(tests, set_up_group, tear_down_group);
}
