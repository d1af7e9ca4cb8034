/* Who stands for a GitHub user: source users, placeholder users, import users, the ghost; and placeholder
 * references. */
#include "importers/gitlab/user_finder.h"

#include "importers/gitlab/exclusive_lease.h"
#include "protocol/error_class.h"
#include "protocol/log.h"
#include "spec/support/private_gitlab.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define NAME_LEASE   "gitlab:exclusive_lease:gitlab:github_import:user_finder:mira"
#define N_THREADS    8
#define PLACEHOLDERS "SELECT count(*) FROM users WHERE user_type = 15"

/* GitHub as the finder sees it. */
static struct {
    GMutex lock;
    char *answer; /* JSON; NULL: 404 */
    char *path;   /* last asked for */
    guint n_requests;
} github;

json_t *__wrap_github_get(GithubClient *client, const char *path, GError **error);
json_t *__wrap_github_get(G_GNUC_UNUSED GithubClient *client, const char *path, GError **error)
{
    g_mutex_lock(&github.lock);
    github.n_requests++;
    g_free(github.path);
    github.path = g_strdup(path);
    json_t *user = github.answer ? json_loads(github.answer, 0, NULL) : NULL;
    g_mutex_unlock(&github.lock);
    if (!user)
        g_set_error_literal(error, GITHUB_ERROR, GITHUB_ERROR_NOT_FOUND, "Not Found");
    return user;
}

static void github_answers(const char *answer)
{
    g_free(github.answer);
    github.answer = g_strdup(answer);
    github.n_requests = 0;
}

typedef struct Fixture {
    Schema *schema;
    Session *session;
    Project *project;
} Fixture;

static Project *create_project(Session *session, const char *namespace_path)
{
    Project *project;
    gint64 id = private_gitlab_integer("SELECT spec.create_project('%s', 'rocket', 'acme/rocket', "
                                       "'https://github.com/acme/rocket.git', '{}',"
                                       " NULL, NULL, NULL)",
                                       namespace_path);
    assert_true(project_find(session, id, &project, NULL));
    return project;
}

static int set_up(void **state)
{
    private_gitlab_reset();
    github_answers("{\"login\":\"mira\",\"name\":\"Mira Example\"}");
    Fixture *fixture = g_new0(Fixture, 1);
    fixture->session = session_new(private_gitlab_configuration(), NULL, NULL, NULL);
    fixture->schema = schema_read(session_database(fixture->session), NULL);
    fixture->session->schema = fixture->schema;
    fixture->project = create_project(fixture->session, "imports");
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    Fixture *fixture = *state;
    project_free(fixture->project);
    session_free(fixture->session);
    schema_free(fixture->schema);
    g_free(fixture);
    return 0;
}

static UserFinder *finder_of(const Fixture *fixture)
{
    return user_finder_new(fixture->session, NULL, fixture->project, NULL);
}

static FoundUser find(Session *session, const Project *project, const char *user_text)
{
    FoundUser found;
    g_autoptr(GError) error = NULL;
    g_autoptr(json_t) user = json_loads(user_text, JSON_DECODE_ANY, NULL);
    g_autoptr(UserFinder) finder = user_finder_new(session, NULL, project, NULL);
    gboolean succeeded = user_finder_find(finder, user, TRUE, &found, &error);
    assert_null(error);
    assert_true(succeeded);
    return found;
}

static FoundUser find_mira(const Fixture *fixture)
{
    return find(fixture->session, fixture->project, "{\"id\":1042,\"login\":\"mira\"}");
}

static void assert_find_fails(const Fixture *fixture, GQuark domain, int code, const char *ruby_class)
{
    FoundUser found;
    g_autoptr(GError) error = NULL;
    g_autoptr(json_t) user = json_pack("{s:i, s:s}", "id", 1042, "login", "mira");
    g_autoptr(UserFinder) finder = finder_of(fixture);
    assert_false(user_finder_find(finder, user, TRUE, &found, &error));
    assert_true(g_error_matches(error, domain, code));
    if (ruby_class)
        assert_string_equal(error_class(error), ruby_class);
}

static void a_missing_user_is_the_ghost(void **state)
{
    const Fixture *fixture = *state;
    gint64 ghost = private_gitlab_integer("SELECT id FROM users WHERE user_type = 5");
    const char *const nobody[] = {"null", "{}", "{\"id\":10137,\"login\":\"ghost\"}"};
    for (guint i = 0; i < G_N_ELEMENTS(nobody); i++) {
        FoundUser found = find(fixture->session, fixture->project, nobody[i]);
        assert_int_equal(found.user_id, ghost);
        assert_int_equal(found.source_user_id, 0);
    }
    assert_int_equal(github.n_requests, 0);
}

static void an_organization_without_ghost_needs_ruby(void **state)
{
    const Fixture *fixture = *state;
    FoundUser found;
    g_autoptr(GError) error = NULL;
    g_autofree char *deleted = private_gitlab_sql("UPDATE users SET user_type = 0 WHERE user_type = 5");
    g_autoptr(UserFinder) finder = finder_of(fixture);
    assert_false(user_finder_find(finder, NULL, TRUE, &found, &error));
    assert_true(g_error_matches(error, JOB_ERROR, JOB_ERROR_HAND_OVER));
}

static void in_a_personal_namespace_everybody_is_its_owner(void **state)
{
    const Fixture *fixture = *state;
    g_autoptr(Project) project = create_project(fixture->session, "root");
    FoundUser found = find(fixture->session, project, "{\"id\":1042,\"login\":\"mira\"}");
    assert_int_equal(found.user_id, project->root_owner_id);
    assert_int_equal(found.source_user_id, 0);
    assert_sql("SELECT count(*) FROM import_source_users", "0");
}

static void a_new_user_gets_a_source_user_and_a_placeholder(void **state)
{
    const Fixture *fixture = *state;
    FoundUser found = find_mira(fixture);
    assert_false(found.accepted);
    assert_string_equal(github.path, "users/mira");
    g_autofree char *source_user =
        g_strdup_printf("%" G_GINT64_FORMAT "|%" G_GINT64_FORMAT
                        "|github|https://github.com|1042|mira|Mira Example|%" G_GINT64_FORMAT "|0",
                        found.source_user_id, fixture->project->root_namespace_id, found.user_id);
    assert_sql(
        "SELECT id, namespace_id, import_type, source_hostname, source_user_identifier, source_username,"
        " source_name, placeholder_user_id, status FROM import_source_users",
        source_user);
    g_autofree char *suffix =
        private_gitlab_sql("SELECT substring(username FROM 18) FROM users WHERE user_type = 15");
    g_autofree char *user = g_strdup_printf("Placeholder Mira Example|mira_placeholder_%s|"
                                            "mira_placeholder_%s@noreply.gitlab.example.com|active|1|100000|",
                                            suffix, suffix);
    assert_sql("SELECT name, username, email, state, organization_id, projects_limit, confirmed_at FROM users"
               " WHERE user_type = 15",
               user);
}

static void a_placeholder_has_all_rows_of_a_user(void **state)
{
    FoundUser found = find_mira(*state);
    g_autofree char *rows = g_strdup_printf(
        "SELECT n.type, n.traversal_ids = ARRAY[n.id], r.path = u.username, r.source_type, n.organization_id,"
        " (SELECT count(*) FROM namespace_settings s WHERE s.namespace_id = n.id),"
        " (SELECT count(*) FROM namespace_details d WHERE d.namespace_id = n.id),"
        " (SELECT count(*) FROM user_details d WHERE d.user_id = u.id),"
        " (SELECT access_level FROM organization_users o WHERE o.user_id = u.id),"
        " (SELECT username = u.username FROM organization_user_details o WHERE o.user_id = u.id)"
        " FROM users u JOIN namespaces n ON n.owner_id = u.id JOIN routes r ON r.namespace_id = n.id WHERE "
        "u.id = %" G_GINT64_FORMAT,
        found.user_id);
    assert_sql(rows, "User|t|t|Namespace|1|1|1|1|10|t");
}

static void the_same_user_is_found_again_without_asking(void **state)
{
    FoundUser first = find_mira(*state);
    github_answers(NULL);
    FoundUser second = find_mira(*state);
    assert_int_equal(first.user_id, second.user_id);
    assert_int_equal(first.source_user_id, second.source_user_id);
    assert_int_equal(github.n_requests, 0);
}

static void assert_name(const Fixture *fixture, const char *answer, const char *user, const char *expected)
{
    github_answers(answer);
    find(fixture->session, fixture->project, user);
    assert_sql("SELECT coalesce(source_name, 'NULL') || '|' || u.name FROM import_source_users s"
               " JOIN users u ON u.id = s.placeholder_user_id ORDER BY s.id DESC LIMIT 1",
               expected);
}

static void names_are_taken_as_github_gives_them(void **state)
{
    assert_name(*state, NULL, "{\"id\":1,\"login\":\"gone\"}", "gone|Placeholder gone");
    assert_name(*state, "{\"name\":null}", "{\"id\":2,\"login\":\"nameless\"}",
                "NULL|Placeholder github Source User");
    assert_name(*state, "{}", "{\"id\":3,\"login\":\"dependabot[bot]\"}",
                "dependabot[bot]|Placeholder dependabot[bot]");
    assert_string_equal(github.path, "users/dependabot[bot]");
}

static void long_names_are_cut(void **state)
{
    g_autofree char *name = g_strnfill(200, 'n'), *cut = g_strnfill(127, 'n');
    g_autofree char *answer = g_strdup_printf("{\"name\":\"%s\"}", name);
    g_autofree char *expected = g_strdup_printf("%s|Placeholder %s", name, cut);
    assert_name(*state, answer, "{\"id\":1,\"login\":\"long\"}", expected);
}

static void a_taken_username_gets_a_number(void **state)
{
    const Fixture *fixture = *state;
    find_mira(fixture);
    g_autofree char *forgotten = private_gitlab_sql("DELETE FROM import_source_users");
    find_mira(fixture);
    g_autofree char *again = private_gitlab_sql("DELETE FROM import_source_users");
    find_mira(fixture);
    assert_sql("SELECT string_agg(right(username, 1), ',' ORDER BY id) FROM"
               " (SELECT id, username FROM users WHERE user_type = 15 ORDER BY id OFFSET 1) later",
               "1,2");
}

static void who_accepted_is_the_user(void **state)
{
    const Fixture *fixture = *state;
    FoundUser before = find_mira(fixture);
    gint64 real = private_gitlab_integer("SELECT spec.create_user('mira', 'Mira')");
    const int accepted[] = {2, 4, 5};
    for (guint i = 0; i < G_N_ELEMENTS(accepted); i++) {
        private_gitlab_integer(
            "UPDATE import_source_users SET status = %d, reassign_to_user_id = %" G_GINT64_FORMAT,
            accepted[i], real);
        FoundUser after = find_mira(fixture);
        assert_int_equal(after.user_id, real);
        assert_true(after.accepted);
    }
    private_gitlab_integer("UPDATE import_source_users SET status = 1");
    assert_int_equal(find_mira(fixture).user_id, before.user_id);
}

static void a_source_user_whose_user_was_deleted_is_repaired(void **state)
{
    const Fixture *fixture = *state;
    FoundUser before = find_mira(fixture);
    private_gitlab_integer("UPDATE import_source_users SET status = 5, placeholder_user_id = NULL,"
                           " reassignment_token = 'x'");
    FoundUser after = find_mira(fixture);
    assert_int_equal(after.source_user_id, before.source_user_id);
    assert_int_not_equal(after.user_id, before.user_id);
    assert_false(after.accepted);
    assert_sql("SELECT status, reassignment_token, reassign_to_user_id FROM import_source_users", "0||");
}

typedef struct Finding {
    const Fixture *fixture;
    FoundUser found;
} Finding;

static gpointer find_in_thread(gpointer data)
{
    Finding *finding = data;
    g_autoptr(Session) session =
        session_new(private_gitlab_configuration(), NULL, finding->fixture->schema, NULL);
    finding->found = find(session, finding->fixture->project, "{\"id\":1042,\"login\":\"mira\"}");
    return NULL;
}

static void concurrent_jobs_create_one_user(void **state)
{
    GThread *threads[N_THREADS];
    Finding findings[N_THREADS] = {0};
    for (guint i = 0; i < N_THREADS; i++) {
        findings[i].fixture = *state;
        threads[i] = g_thread_new("find", find_in_thread, &findings[i]);
    }
    for (guint i = 0; i < N_THREADS; i++)
        g_thread_join(threads[i]);
    for (guint i = 1; i < N_THREADS; i++)
        assert_int_equal(findings[i].found.user_id, findings[0].found.user_id);
    assert_sql(PLACEHOLDERS, "1");
    assert_int_equal(github.n_requests, 1);
}

static void leases_are_given_back(void **state)
{
    const Fixture *fixture = *state;
    find_mira(fixture);
    g_autofree char *lease =
        g_strdup_printf("gitlab:exclusive_lease:import:source_user_mapper:%" G_GINT64_FORMAT
                        ":github:https://github.com:1042",
                        fixture->project->root_namespace_id);
    assert_redis("0", "EXISTS", lease, NAME_LEASE);
}

static void a_lease_is_not_taken_from_its_new_holder(void **state)
{
    const Fixture *fixture = *state;
    gboolean waited;
    const LeaseTerms terms = {.expiry = 60, .retries = 0, .pause = 0};
    g_autoptr(ExclusiveLease) lease = exclusive_lease_obtain(fixture->session, "spec", &terms, &waited, NULL);
    assert_false(waited);
    assert_ttl("gitlab:exclusive_lease:spec", 60);
    assert_redis("OK", "SET", "gitlab:exclusive_lease:spec", "another");
    g_clear_pointer(&lease, exclusive_lease_free);
    assert_redis("another", "GET", "gitlab:exclusive_lease:spec");
}

static void a_name_lease_that_stays_taken_reschedules_the_job(void **state)
{
    assert_redis("OK", "SET", NAME_LEASE, "another");
    assert_find_fails(*state, USER_FINDER_ERROR, USER_FINDER_ERROR_LOCK,
                      "Gitlab::GithubImport::UserFinder::FailedToObtainLockError");
    assert_redis("another", "GET", NAME_LEASE);
}

static void a_stopping_process_does_not_wait_for_leases(void **state)
{
    const Fixture *fixture = *state;
    const gint stopping = 1;
    fixture->session->stopping = &stopping;
    assert_find_fails(fixture, JOB_ERROR, JOB_ERROR_INTERRUPTED, NULL);
    fixture->session->stopping = NULL;
}

static void a_placeholder_that_was_made_without_lease_is_found(void **state)
{
    const Fixture *fixture = *state;
    g_autofree char *conflict = private_gitlab_sql(
        "CREATE FUNCTION conflict() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " RAISE unique_violation; END $$; CREATE TRIGGER conflict BEFORE INSERT ON import_source_users"
        " FOR EACH ROW EXECUTE FUNCTION conflict()");
    assert_find_fails(fixture, USER_FINDER_ERROR, USER_FINDER_ERROR_DUPLICATED,
                      "Gitlab::Import::SourceUserMapper::DuplicatedUserError");
    assert_sql(PLACEHOLDERS, "0");
    g_autofree char *undone =
        private_gitlab_sql("DROP TRIGGER conflict ON import_source_users; DROP FUNCTION conflict()");
}

static void details_and_limits_are_served_where_gitlab_has_them(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *created = private_gitlab_sql(
        "CREATE TABLE import_placeholder_user_details (id bigserial PRIMARY KEY, placeholder_user_id bigint "
        "NOT NULL,"
        "  namespace_id bigint, deletion_attempts int NOT NULL DEFAULT 0, organization_id bigint NOT NULL,"
        "  last_deletion_attempt_at timestamptz, created_at timestamptz NOT NULL, updated_at timestamptz NOT "
        "NULL);"
        "CREATE TABLE plan_limits (id bigserial PRIMARY KEY, plan_id bigint NOT NULL,"
        "  import_placeholder_user_limit_tier_1 int NOT NULL DEFAULT 0);"
        "INSERT INTO plan_limits (plan_id, import_placeholder_user_limit_tier_1) SELECT id, 2 FROM plans");
    g_autoptr(Schema) schema = schema_read(session_database(fixture->session), NULL);
    fixture->session->schema = schema;
    for (int id = 1; id <= 4; id++) {
        g_autofree char *user = g_strdup_printf("{\"id\":%d,\"login\":\"u%d\"}", id, id);
        find(fixture->session, fixture->project, user);
    }
    fixture->session->schema = fixture->schema;
    assert_sql("SELECT string_agg(u.user_type::text, ',' ORDER BY s.id) FROM import_source_users s"
               " JOIN users u ON u.id = s.placeholder_user_id",
               "15,15,17,17");
    assert_sql("SELECT count(*), min(organization_id) FROM import_placeholder_user_details", "2|1");
    assert_sql(
        "SELECT u.name, u.username ~ '^import_user_imports_[A-Za-z0-9]{4}$' FROM namespace_import_users i"
        " JOIN users u ON u.id = i.user_id",
        "Import User|t");
    g_autofree char *dropped = private_gitlab_sql("DROP TABLE import_placeholder_user_details, plan_limits");
}

static void references_are_pushed_in_gitlabs_form(void **state)
{
    const Fixture *fixture = *state;
    FoundUser found = find_mira(fixture);
    g_autofree char *key = g_strdup_printf("cache:gitlab:placeholder-references:github:%" G_GINT64_FORMAT,
                                           fixture->project->import_state_id);
    for (guint i = 0; i < 2; i++)
        assert_true(placeholder_reference_push(fixture->session, fixture->project, &found, "Issue", 1234,
                                               "author_id", NULL));
    g_autofree char *numeric =
        g_strdup_printf("[null,\"Issue\",%" G_GINT64_FORMAT ",1234,%" G_GINT64_FORMAT ",\"author_id\",1]",
                        fixture->project->root_namespace_id, found.source_user_id);
    assert_redis(numeric, "SMEMBERS", key);
    assert_ttl(key, 86400);
    json_t *composite_key = json_pack("{s:i, s:i}", "user_id", 900, "issue_id", 1234);
    g_autofree char *composite =
        placeholder_reference_composite(fixture->project, &found, "IssueAssignee", composite_key, "user_id");
    g_autofree char *expected =
        g_strdup_printf("[{\"user_id\":900,\"issue_id\":1234},\"IssueAssignee\",%" G_GINT64_FORMAT
                        ",null,%" G_GINT64_FORMAT ",\"user_id\",1]",
                        fixture->project->root_namespace_id, found.source_user_id);
    assert_string_equal(composite, expected);
    gint64 pending;
    assert_true(placeholder_reference_pending(fixture->session, fixture->project, &pending, NULL));
    assert_int_equal(pending, 1);
}

static void references_that_are_not_due_are_not_pushed(void **state)
{
    const Fixture *fixture = *state;
    const FoundUser ghost = {.user_id = 2}, accepted = {.user_id = 3, .source_user_id = 4, .accepted = TRUE};
    gint64 pending;
    assert_true(placeholder_reference_push(fixture->session, fixture->project, &ghost, "Issue", 1,
                                           "author_id", NULL));
    assert_true(placeholder_reference_push(fixture->session, fixture->project, &accepted, "Issue", 1,
                                           "author_id", NULL));
    assert_null(placeholder_reference_composite(fixture->project, &accepted, "IssueAssignee", json_object(),
                                                "user_id"));
    assert_true(placeholder_reference_pending(fixture->session, fixture->project, &pending, NULL));
    assert_int_equal(pending, 0);
}

static gboolean preload(UserFinder *finder, const char *users_text)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(json_t) users = json_loads(users_text, 0, NULL);
    gboolean succeeded = user_finder_preload(finder, users, &error);
    assert_null(error);
    return succeeded;
}

static FoundUser find_with(UserFinder *finder, const char *user_text)
{
    FoundUser found;
    g_autoptr(json_t) user = json_loads(user_text, 0, NULL);
    assert_true(user_finder_find(finder, user, TRUE, &found, NULL));
    return found;
}

static void known_people_are_found_in_one_query(void **state)
{
    const Fixture *fixture = *state;
    FoundUser mira = find_mira(fixture);
    FoundUser otto = find(fixture->session, fixture->project, "{\"id\":7,\"login\":\"otto\"}");
    g_autoptr(UserFinder) finder = finder_of(fixture);
    assert_true(preload(finder, "[{\"id\":1042,\"login\":\"mira\"},{\"id\":7,\"login\":\"otto\"},null,"
                                "{\"id\":7,\"login\":\"otto\"},{\"id\":8,\"login\":\"nora\"}]"));
    g_autofree char *gone = private_gitlab_sql("DELETE FROM import_source_users");
    FoundUser found = find_with(finder, "{\"id\":1042,\"login\":\"mira\"}");
    assert_int_equal(found.user_id, mira.user_id);
    assert_int_equal(found.source_user_id, mira.source_user_id);
    assert_int_equal(find_with(finder, "{\"id\":7,\"login\":\"otto\"}").user_id, otto.user_id);
}

static void preloading_creates_nobody_and_asks_nothing(void **state)
{
    g_autoptr(UserFinder) finder = finder_of(*state);
    assert_true(preload(finder, "[{\"id\":1042,\"login\":\"mira\"},{\"id\":10137,\"login\":\"ghost\"}]"));
    assert_sql("SELECT count(*) FROM import_source_users", "0");
    assert_int_equal(github.n_requests, 0);
    find_with(finder, "{\"id\":1042,\"login\":\"mira\"}");
    assert_sql(PLACEHOLDERS, "1");
}

static void preloading_leaves_a_row_whose_user_was_deleted_to_the_repair(void **state)
{
    const Fixture *fixture = *state;
    FoundUser before = find_mira(fixture);
    private_gitlab_integer("UPDATE import_source_users SET placeholder_user_id = NULL");
    g_autoptr(UserFinder) finder = finder_of(fixture);
    assert_true(preload(finder, "[{\"id\":1042,\"login\":\"mira\"}]"));
    FoundUser after = find_with(finder, "{\"id\":1042,\"login\":\"mira\"}");
    assert_int_equal(after.source_user_id, before.source_user_id);
    assert_int_not_equal(after.user_id, before.user_id);
    assert_sql("SELECT name FROM users WHERE user_type = 15 ORDER BY id DESC LIMIT 1",
               "Placeholder Mira Example");
}

static void a_finder_remembers_whom_it_found(void **state)
{
    g_autoptr(UserFinder) finder = finder_of(*state);
    FoundUser first = find_with(finder, "{\"id\":1042,\"login\":\"mira\"}");
    FoundUser ghost = find_with(finder, "{}");
    g_autofree char *gone = private_gitlab_sql("DELETE FROM import_source_users");
    g_autofree char *keys = private_gitlab_redis("FLUSHALL", NULL);
    assert_int_equal(find_with(finder, "{\"id\":1042,\"login\":\"mira\"}").user_id, first.user_id);
    assert_int_equal(find_with(finder, "{}").user_id, ghost.user_id);
    assert_redis("0", "DBSIZE");
}

static void a_ghost_that_is_not_wanted_is_nobody(void **state)
{
    FoundUser found;
    g_autoptr(UserFinder) finder = finder_of(*state);
    assert_true(user_finder_find(finder, NULL, FALSE, &found, NULL));
    assert_int_equal(found.user_id, 0);
}

static void with_mapping_every_author_is_found(void **state)
{
    FoundUser found;
    gboolean is_found;
    g_autoptr(UserFinder) finder = finder_of(*state);
    g_autoptr(json_t) mira = json_pack("{s:i, s:s}", "id", 1042, "login", "mira");
    assert_true(user_finder_author(finder, mira, &found, &is_found, NULL));
    assert_true(is_found);
    assert_true(user_finder_author(finder, NULL, &found, &is_found, NULL));
    assert_true(is_found);
    assert_int_equal(found.user_id, private_gitlab_integer("SELECT id FROM users WHERE user_type = 5"));
}

static void a_name_that_was_cached_needs_no_lease(void **state)
{
    const Fixture *fixture = *state;
    g_autofree char *key = g_strdup_printf(
        "cache:gitlab:github-import/user-finder/%" G_GINT64_FORMAT "/source-name/mira", fixture->project->id);
    assert_redis("OK", "SET", key, "Mira Cached");
    assert_redis("OK", "SET", NAME_LEASE, "another");
    find_mira(fixture);
    assert_sql("SELECT source_name FROM import_source_users", "Mira Cached");
    assert_int_equal(github.n_requests, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    log_configure(open("/dev/null", O_WRONLY | O_CLOEXEC), LOG_INFO);
    const struct CMUnitTest tests[] = {
        TEST(a_missing_user_is_the_ghost),
        TEST(an_organization_without_ghost_needs_ruby),
        TEST(in_a_personal_namespace_everybody_is_its_owner),
        TEST(a_new_user_gets_a_source_user_and_a_placeholder),
        TEST(a_placeholder_has_all_rows_of_a_user),
        TEST(the_same_user_is_found_again_without_asking),
        TEST(names_are_taken_as_github_gives_them),
        TEST(long_names_are_cut),
        TEST(a_taken_username_gets_a_number),
        TEST(who_accepted_is_the_user),
        TEST(a_source_user_whose_user_was_deleted_is_repaired),
        TEST(concurrent_jobs_create_one_user),
        TEST(leases_are_given_back),
        TEST(a_lease_is_not_taken_from_its_new_holder),
        TEST(a_name_lease_that_stays_taken_reschedules_the_job),
        TEST(a_stopping_process_does_not_wait_for_leases),
        TEST(a_placeholder_that_was_made_without_lease_is_found),
        TEST(details_and_limits_are_served_where_gitlab_has_them),
        TEST(references_are_pushed_in_gitlabs_form),
        TEST(references_that_are_not_due_are_not_pushed),
        TEST(known_people_are_found_in_one_query),
        TEST(preloading_creates_nobody_and_asks_nothing),
        TEST(preloading_leaves_a_row_whose_user_was_deleted_to_the_repair),
        TEST(a_finder_remembers_whom_it_found),
        TEST(a_ghost_that_is_not_wanted_is_nobody),
        TEST(with_mapping_every_author_is_found),
        TEST(a_name_that_was_cached_needs_no_lease),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
