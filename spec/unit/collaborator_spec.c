/* Collaborators as members and placeholder memberships: every rule of CollaboratorImporter. */
#include "importers/objects/collaborator.h"

#include "protocol/error_class.h"
#include "spec/support/object_import.h"

#define CLASS  "Gitlab::GithubImport::ImportCollaboratorWorker"
#define MIRA   "{\"id\":1042,\"login\":\"mira\",\"role_name\":\"write\"}"
#define LEVELS "SELECT coalesce(string_agg(access_level::text, ',' ORDER BY id), '') FROM "

static const char *github_answer; /* to GET /users/LOGIN; NULL: 404 */

json_t *__wrap_github_get(GithubClient *client, const char *path, GError **error);
json_t *__wrap_github_get(G_GNUC_UNUSED GithubClient *client, G_GNUC_UNUSED const char *path, GError **error)
{
    if (github_answer)
        return json_loads(github_answer, 0, NULL);
    g_set_error_literal(error, GITHUB_ERROR, GITHUB_ERROR_NOT_FOUND, "Not Found");
    return NULL;
}

static const WorkerClass others[] = {
    {.name = "AuthorizedProjectUpdate::ProjectRecalculatePerUserWorker"},
    {.name = "AuthorizedProjectUpdate::UserRefreshFromReplicaWorker"},
    {NULL},
};

static int set_up(void **state)
{
    github_answer = "{\"login\":\"mira\",\"name\":\"Mira\"}";
    *state = object_import_new(CLASS, &collaborator_importer, others, "{}");
    return 0;
}

/* Whoever has the given GitHub account is a real user, who has accepted the contributions. */
static gint64 accept_user(const char *id, const char *login)
{
    gint64 user = private_gitlab_integer("SELECT spec.create_user('%s', '%s')", login, login);
    private_gitlab_integer(
        "INSERT INTO import_source_users (namespace_id, import_type, source_hostname, source_user_identifier,"
        " source_username, source_name, placeholder_user_id, reassign_to_user_id, status, created_at, "
        "updated_at)"
        " SELECT id, 'github', 'https://github.com', '%s', '%s', '%s',"
        " spec.create_user('%s_placeholder', 'P', 15::smallint), %" G_GINT64_FORMAT ", 5, now(), now()"
        " FROM namespaces WHERE path = 'imports' RETURNING id",
        id, login, login, login, user);
    return user;
}

static gint64 accept_mira(void)
{
    return accept_user("1042", "mira");
}

static void assert_nothing_written(void)
{
    assert_sql("SELECT (SELECT count(*) FROM members WHERE source_type = 'Project') +"
               " (SELECT count(*) FROM import_placeholder_memberships)",
               "0");
}

static void assert_failure(const char *class_name, const char *message)
{
    g_autofree char *expected = g_strdup_printf("%s|%s|{\"id\": 1042, \"login\": \"mira\", "
                                                "\"object_type\": \"collaborator\"}",
                                                class_name, message);
    assert_sql("SELECT exception_class, exception_message, external_identifiers FROM import_failures",
               expected);
}

static void who_has_not_accepted_gets_a_placeholder_membership_and_no_authorizations(void **state)
{
    const ObjectImport *import = *state;
    object_import_succeeds(*state, MIRA);
    g_autofree char *expected = g_strdup_printf("%" G_GINT64_FORMAT "|%" G_GINT64_FORMAT "||30||1042|t",
                                                import->project->root_namespace_id, import->project->id);
    assert_sql("SELECT m.namespace_id, m.project_id, m.group_id, m.access_level, m.expires_at,"
               " s.source_user_identifier, m.created_at > now() - interval '1 minute'"
               " FROM import_placeholder_memberships m JOIN import_source_users s ON s.id = m.source_user_id",
               expected);
    assert_sql("SELECT count(*) FROM members WHERE source_type = 'Project'", "0");
    assert_redis("0", "EXISTS", "queue:default");
    assert_redis("0", "EXISTS", "schedule");
    assert_redis("1", "LLEN", OBJECT_WAITER);
}

static void a_placeholder_membership_that_exists_is_kept(void **state)
{
    object_import_succeeds(*state, MIRA);
    object_import_succeeds(*state, "{\"id\":1042,\"login\":\"mira\",\"role_name\":\"admin\"}");
    private_gitlab_configuration()->receipts = FALSE;
    object_import_succeeds(*state, "{\"id\":1042,\"login\":\"mira\",\"role_name\":\"admin\"}");
    assert_sql(LEVELS "import_placeholder_memberships", "30");
    assert_sql("SELECT count(*) FROM import_failures", "0");
}

static void who_has_accepted_becomes_a_member(void **state)
{
    const ObjectImport *import = *state;
    gint64 user = accept_mira();
    object_import_succeeds(*state, MIRA);
    g_autofree char *expected = g_strdup_printf(
        "ProjectMember|Project|%" G_GINT64_FORMAT "|%" G_GINT64_FORMAT "|30|%" G_GINT64_FORMAT
        "|%" G_GINT64_FORMAT "|3|0|f|f|t||||",
        import->project->id, user, import->project->project_namespace_id, import->project->creator_id);
    assert_sql("SELECT type, source_type, source_id, user_id, access_level, member_namespace_id,"
               " created_by_id, notification_level, state, ldap, override, created_at = updated_at,"
               " invite_email, requested_at, expires_at, member_role_id"
               " FROM members WHERE source_type = 'Project'",
               expected);
    assert_sql("SELECT count(*) FROM import_placeholder_memberships", "0");
}

/* `payload` has the class and the arguments. */
static void assert_job(const char *payload, const char *class_name, const char *args)
{
    g_autoptr(json_t) job = json_loads(payload, 0, NULL);
    g_autofree char *arguments = json_dump(json_object_get(job, "args"));
    assert_string_equal(json_string_field(job, "class"), class_name);
    assert_string_equal(arguments, args);
}

static void rubys_follow_up_jobs_of_a_member_are_enqueued_once(void **state)
{
    ObjectImport *import = *state;
    gint64 user = accept_mira();
    for (guint i = 0; i < 2; i++) {
        import->n_jobs = 0; /* the same job, executed again */
        object_import_succeeds(import, MIRA);
    }
    g_autofree char *both =
        g_strdup_printf("[%" G_GINT64_FORMAT ",%" G_GINT64_FORMAT "]", import->project->id, user);
    g_autofree char *one = g_strdup_printf("[%" G_GINT64_FORMAT "]", user);
    assert_redis("1", "LLEN", "queue:default");
    assert_redis("1", "ZCARD", "schedule");
    g_autofree char *pushed = private_gitlab_redis("LINDEX", "queue:default", "0", NULL);
    assert_job(pushed, others[0].name, both);
    g_autofree char *scheduled = private_gitlab_redis("ZRANGE", "schedule", "0", "-1", "WITHSCORES", NULL);
    char *score = strrchr(scheduled, '\n');
    assert_non_null(score);
    *score = '\0';
    assert_job(scheduled, others[1].name, one);
    double delay = g_ascii_strtod(score + 1, NULL) - job_now();
    assert_true(delay > 3500 && delay <= 3600);
}

/* The kill that matters: rows are committed, jobs are not pushed. */
static void follow_up_jobs_are_enqueued_after_a_kill_between_commit_and_push(void **state)
{
    accept_mira();
    object_import_succeeds(*state, MIRA);
    g_autofree char *forgotten = private_gitlab_redis("FLUSHALL", NULL);
    object_import_succeeds(*state, MIRA);
    assert_redis("1", "LLEN", "queue:default");
    assert_sql(LEVELS "members WHERE source_type = 'Project'", "30");
}

static void every_role_has_its_access_level(void **state)
{
    const char *const jobs[] = {"{\"id\":1,\"login\":\"a\",\"role_name\":\"read\"}",
                                "{\"id\":2,\"login\":\"b\",\"role_name\":\"triage\"}",
                                "{\"id\":3,\"login\":\"c\",\"role_name\":\"write\"}",
                                "{\"id\":4,\"login\":\"d\",\"role_name\":\"maintain\"}",
                                "{\"id\":5,\"login\":\"e\",\"role_name\":\"admin\"}",
                                NULL};
    g_autoptr(GPtrArray) errors = object_import_perform_batch(*state, jobs);
    for (guint i = 0; i < errors->len; i++)
        assert_null(errors->pdata[i]);
    assert_sql("SELECT string_agg(m.access_level::text, ',' ORDER BY s.source_user_identifier)"
               " FROM import_placeholder_memberships m JOIN import_source_users s ON s.id = m.source_user_id",
               "10,20,30,40,50");
}

static void an_unknown_role_is_recorded_and_not_retried(void **state)
{
    object_import_succeeds(*state, "{\"id\":1042,\"login\":\"mira\",\"role_name\":\"auditor\"}");
    assert_failure("Gitlab::GithubImport::ObjectImporter::NotRetriableError", "Unknown GitHub role: auditor");
    assert_nothing_written();
    assert_redis("1", "LLEN", OBJECT_WAITER);
}

static void a_bot_of_another_project_becomes_no_member(void **state)
{
    private_gitlab_integer("UPDATE users SET user_type = 6 WHERE id = %" G_GINT64_FORMAT " RETURNING id",
                           accept_mira());
    object_import_succeeds(*state, MIRA);
    assert_nothing_written();
    assert_sql("SELECT count(*) FROM import_failures", "0");
    assert_redis("0", "EXISTS", "queue:default");
}

static void add_member(const char *source_type, gint64 source_id, gint64 user_id, int access_level)
{
    private_gitlab_integer(
        "INSERT INTO members (type, source_type, source_id, member_namespace_id, user_id, access_level,"
        " notification_level, created_at, updated_at) SELECT '%sMember', '%s', %" G_GINT64_FORMAT
        ", id, %" G_GINT64_FORMAT ", %d, 3, now(), now() FROM namespaces WHERE path = 'imports' RETURNING id",
        g_str_equal(source_type, "Project") ? "Project" : "Group", source_type, source_id, user_id,
        access_level);
}

static void a_member_with_the_same_or_more_access_is_left_alone(void **state)
{
    const ObjectImport *import = *state;
    gint64 user = accept_mira(), other = accept_user("7", "rui");
    add_member("Project", import->project->id, user, 30);
    add_member("Project", import->project->id, other, 40);
    object_import_succeeds(*state, MIRA);
    object_import_succeeds(*state, "{\"id\":7,\"login\":\"rui\",\"role_name\":\"write\"}");
    assert_sql(LEVELS "members WHERE source_type = 'Project'", "30,40");
    assert_sql("SELECT count(*) FROM import_failures", "0");
}

static void a_member_with_less_access_is_a_recorded_failure(void **state)
{
    const ObjectImport *import = *state;
    add_member("Project", import->project->id, accept_mira(), 10);
    object_import_succeeds(*state, MIRA);
    assert_failure("ActiveRecord::RecordInvalid", "Validation failed: User already exists in source");
    assert_sql(LEVELS "members WHERE source_type = 'Project'", "10");
}

static void more_access_from_a_group_above_is_enough(void **state)
{
    const ObjectImport *import = *state;
    add_member("Namespace", import->project->namespace_id, accept_mira(), 40);
    object_import_succeeds(*state, MIRA);
    assert_nothing_written();
}

static void the_same_access_from_a_group_above_becomes_a_membership_too(void **state)
{
    const ObjectImport *import = *state;
    add_member("Namespace", import->project->namespace_id, accept_mira(), 30);
    object_import_succeeds(*state, MIRA);
    assert_sql(LEVELS "members WHERE source_type = 'Project'", "30");
}

static void an_older_gitlab_is_content_with_the_same_access(void **state)
{
    ObjectImport *import = *state;
    object_import_make_older(import);
    add_member("Namespace", import->project->namespace_id, accept_mira(), 30);
    object_import_succeeds(*state, MIRA);
    assert_nothing_written();
}

#define LINK_TABLES                                                                                          \
    "CREATE TABLE project_group_links (project_id bigint, group_id bigint, group_access int, expires_at "    \
    "date);"                                                                                                 \
    "CREATE TABLE group_group_links (shared_group_id bigint, shared_with_group_id bigint, group_access int," \
    " expires_at date)"

/* Runs with the tables of shared groups, which are dropped again. */
static void with_links(ObjectImport *import, const char *insert, const char *expected)
{
    object_import_change_schema(import, LINK_TABLES);
    g_autofree char *group = private_gitlab_sql("SELECT spec.create_group('friends', 1)");
    add_member("Namespace", g_ascii_strtoll(group, NULL, 10), accept_mira(), 40);
    g_autofree char *linked = private_gitlab_sql(insert);
    object_import_succeeds((ObjectImport *)import, MIRA);
    g_autofree char *dropped = private_gitlab_sql("DROP TABLE project_group_links, group_group_links");
    assert_sql(LEVELS "members WHERE source_type = 'Project'", expected);
}

#define FRIENDS "(SELECT id FROM namespaces WHERE path = 'friends')"
#define IMPORTS "(SELECT id FROM namespaces WHERE path = 'imports')"

static void more_access_from_an_invited_group_is_enough(void **state)
{
    with_links(*state, "INSERT INTO project_group_links SELECT id, " FRIENDS ", 50, NULL FROM projects", "");
}

static void more_access_from_a_group_invited_above_is_enough(void **state)
{
    with_links(*state, "INSERT INTO group_group_links VALUES (" IMPORTS ", " FRIENDS ", 50, NULL)", "");
}

static void an_invited_group_gives_no_more_than_the_invitation(void **state)
{
    with_links(*state, "INSERT INTO project_group_links SELECT id, " FRIENDS ", 20, NULL FROM projects",
               "30");
}

static void an_invitation_that_is_over_gives_nothing(void **state)
{
    with_links(*state,
               "INSERT INTO project_group_links SELECT id, " FRIENDS ", 50, current_date - 1 FROM projects",
               "30");
}

static void the_account_named_ghost_has_a_source_user_of_its_own(void **state)
{
    object_import_succeeds(*state, "{\"id\":10137,\"login\":\"ghost\",\"role_name\":\"read\"}");
    assert_sql("SELECT s.source_user_identifier, s.source_username, m.access_level"
               " FROM import_placeholder_memberships m JOIN import_source_users s ON s.id = m.source_user_id",
               "10137|ghost|10");
}

static void nobody_is_no_collaborator(void **state)
{
    object_import_succeeds(*state, "{\"id\":null,\"login\":null,\"role_name\":\"read\"}");
    assert_nothing_written();
}

static void the_argument_has_three_keys(G_GNUC_UNUSED void **state)
{
    g_autoptr(json_t) object =
        json_loads("{\"login\":\"mira\",\"id\":1042,\"type\":\"User\",\"permissions\":{},"
                   "\"role_name\":\"maintain\"}",
                   0, NULL);
    g_autoptr(json_t) argument = collaborators_collection.representation(NULL, object, NULL, NULL);
    g_autofree char *text = json_dump(argument), *id = collaborators_collection.id(object, NULL);
    assert_string_equal(text, "{\"id\":1042,\"login\":\"mira\",\"role_name\":\"maintain\"}");
    assert_string_equal(id, "1042");
    assert_string_equal(collaborators_collection.fetched_as(object), "collaborator");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, object_import_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(who_has_not_accepted_gets_a_placeholder_membership_and_no_authorizations),
        TEST(a_placeholder_membership_that_exists_is_kept),
        TEST(who_has_accepted_becomes_a_member),
        TEST(rubys_follow_up_jobs_of_a_member_are_enqueued_once),
        TEST(follow_up_jobs_are_enqueued_after_a_kill_between_commit_and_push),
        TEST(every_role_has_its_access_level),
        TEST(an_unknown_role_is_recorded_and_not_retried),
        TEST(a_bot_of_another_project_becomes_no_member),
        TEST(a_member_with_the_same_or_more_access_is_left_alone),
        TEST(a_member_with_less_access_is_a_recorded_failure),
        TEST(more_access_from_a_group_above_is_enough),
        TEST(the_same_access_from_a_group_above_becomes_a_membership_too),
        TEST(an_older_gitlab_is_content_with_the_same_access),
        TEST(more_access_from_an_invited_group_is_enough),
        TEST(more_access_from_a_group_invited_above_is_enough),
        TEST(an_invited_group_gives_no_more_than_the_invitation),
        TEST(an_invitation_that_is_over_gives_nothing),
        TEST(the_account_named_ghost_has_a_source_user_of_its_own),
        TEST(nobody_is_no_collaborator),
        cmocka_unit_test(the_argument_has_three_keys),
    };
    return cmocka_run_group_tests_name("collaborator", tests, NULL, NULL);
}
