/* Protected branches as they are scheduled: which branches, and the argument that their protection becomes.
 * GitHub is the spec's own. */
#include "importers/objects/protected_branch.h"
#include "importers/stages/stages.h"
#include "protocol/json.h"
#include "protocol/log.h"
#include "spec/support/cmocka_glib.h"

#define SOURCE "repos/acme/rocket"
#define URL    "\"url\":\"https://api.github.com/repos/acme/rocket/branches/main/protection\""

static struct {
    const char *protection;  /* the answer to the request for it */
    GithubErrorCode refusal; /* or this */
    gboolean stopping;
    GString *steps; /* what happened, in order */
} now;

gboolean __wrap_stage_perform(Session *session, const Job *job, StageImport import, GError **error);
gboolean __wrap_stage_advance_to(Stage *stage, json_t *waiters, const char *next_stage, GError **error);
json_t *__wrap_github_get(GithubClient *client, const char *path, GError **error);
const char *__wrap_github_client_repository_path(const GithubClient *client);
gboolean __wrap_session_check_stopping(const Session *session, GError **error);
gboolean __wrap_parallel_scheduling_run(Stage *stage, const ObjectCollection *collection, json_t *waiters,
                                        GError **error);

gboolean __wrap_stage_perform(Session *session, G_GNUC_UNUSED const Job *job, StageImport import,
                              GError **error)
{
    Stage stage = {.session = session};
    return import(&stage, error);
}

gboolean __wrap_stage_advance_to(G_GNUC_UNUSED Stage *stage, json_t *waiters, const char *next_stage,
                                 G_GNUC_UNUSED GError **error)
{
    g_autoptr(json_t) owned = waiters;
    g_autofree char *text = json_dump(owned);
    g_string_append_printf(now.steps, "advance %s %s", text, next_stage);
    return TRUE;
}

json_t *__wrap_github_get(G_GNUC_UNUSED GithubClient *client, const char *path, GError **error)
{
    g_string_append_printf(now.steps, "get %s", path);
    if (now.protection)
        return json_loads(now.protection, 0, NULL);
    g_set_error_literal(error, GITHUB_ERROR, (int)now.refusal, "refused");
    return NULL;
}

const char *__wrap_github_client_repository_path(G_GNUC_UNUSED const GithubClient *client)
{
    return SOURCE;
}

gboolean __wrap_session_check_stopping(G_GNUC_UNUSED const Session *session, GError **error)
{
    if (now.stopping)
        g_set_error_literal(error, JOB_ERROR, JOB_ERROR_INTERRUPTED, "stopping");
    return !now.stopping;
}

gboolean __wrap_parallel_scheduling_run(G_GNUC_UNUSED Stage *stage, const ObjectCollection *collection,
                                        json_t *waiters, G_GNUC_UNUSED GError **error)
{
    assert_ptr_equal(collection, &protected_branches_collection);
    json_object_set_new(waiters, "w", json_integer(2));
    return TRUE;
}

static int set_up(G_GNUC_UNUSED void **state)
{
    log_configure(-1, LOG_FATAL);
    memset(&now, 0, sizeof now);
    now.refusal = GITHUB_ERROR_BRANCH_NOT_PROTECTED;
    now.steps = g_string_new(NULL);
    return 0;
}

static int tear_down(G_GNUC_UNUSED void **state)
{
    g_string_free(now.steps, TRUE);
    return 0;
}

/* The argument of the branch's job. NULL: none, and perhaps *error. (transfer full) */
static json_t *argument_of(const char *branch, GError **error)
{
    Stage stage = {0};
    g_autoptr(json_t) object = json_pack("{s:s}", "name", branch);
    return protected_branches_collection.representation(&stage, object, NULL, error);
}

static void assert_argument(const char *protection, const char *expected)
{
    now.protection = protection;
    g_autoptr(GError) error = NULL;
    g_autoptr(json_t) argument = argument_of("main", &error);
    assert_no_error(error);
    g_autofree char *text = json_dump(argument);
    assert_string_equal(text, expected);
}

/* `member` as `protection` has it. */
static void assert_member(const char *protection, const char *member, const char *expected)
{
    now.protection = protection;
    g_autoptr(json_t) argument = argument_of("main", NULL);
    g_autofree char *text = json_dumps(json_object_get(argument, member), JSON_COMPACT | JSON_ENCODE_ANY);
    assert_string_equal(text, expected);
}

static void assert_id(const char *branch, const char *expected)
{
    g_autoptr(json_t) object = json_loads(branch, 0, NULL);
    g_autofree char *id = protected_branches_collection.id(object, NULL);
    assert_int_equal(g_strcmp0(id, expected), 0);
}

/* --- which branches --- */

static void the_branches_of_the_repository_are_listed(G_GNUC_UNUSED void **state)
{
    assert_string_equal(protected_branches_collection.name, "protected_branches");
    assert_string_equal(protected_branches_collection.path, "branches");
    assert_string_equal(protected_branches_collection.query, "protected=true");
    assert_string_equal(protected_branches_collection.worker,
                        "Gitlab::GithubImport::ImportProtectedBranchWorker");
}

static void protected_ones_alone_are_scheduled_by_their_names(G_GNUC_UNUSED void **state)
{
    assert_id("{\"name\":\"rel/1\",\"protected\":true,\"protection\":{\"enabled\":true}}", "rel/1");
    assert_id("{\"name\":\"rel/1\",\"protected\":false,\"protection\":{\"enabled\":false}}", NULL);
    assert_id("{\"name\":\"rel/1\",\"protected\":true}", NULL);
}

static void they_are_counted_as_protected_branches(G_GNUC_UNUSED void **state)
{
    assert_string_equal(protected_branches_collection.fetched_as(NULL), "protected_branch");
}

static void each_branch_s_protection_is_asked_for(G_GNUC_UNUSED void **state)
{
    now.protection = "{" URL "}";
    g_autoptr(json_t) argument = argument_of("rel/1", NULL);
    assert_non_null(argument);
    assert_string_equal(now.steps->str, "get " SOURCE "/branches/rel/1/protection");
}

static void a_branch_whose_protection_is_not_shown_is_left_out(G_GNUC_UNUSED void **state)
{
    const GithubErrorCode hidden[] = {GITHUB_ERROR_BRANCH_NOT_PROTECTED, GITHUB_ERROR_NOT_FOUND};
    for (guint i = 0; i < G_N_ELEMENTS(hidden); i++) {
        g_autoptr(GError) error = NULL;
        now.refusal = hidden[i];
        assert_null(argument_of("main", &error));
        assert_no_error(error);
    }
}

static void any_other_refusal_fails_the_stage(G_GNUC_UNUSED void **state)
{
    g_autoptr(GError) error = NULL;
    now.refusal = GITHUB_ERROR_FORBIDDEN;
    assert_null(argument_of("main", &error));
    assert_error(error, GITHUB_ERROR, GITHUB_ERROR_FORBIDDEN);
}

static void a_process_that_stops_asks_no_more(G_GNUC_UNUSED void **state)
{
    g_autoptr(GError) error = NULL;
    now.stopping = TRUE;
    assert_null(argument_of("main", &error));
    assert_error(error, JOB_ERROR, JOB_ERROR_INTERRUPTED);
    assert_string_equal(now.steps->str, "");
}

/* --- the argument --- */

static void a_protection_becomes_ruby_s_argument(G_GNUC_UNUSED void **state)
{
    assert_argument(
        "{" URL ",\"required_pull_request_reviews\":{\"required_approving_review_count\":1,"
        "\"require_code_owner_reviews\":true,\"bypass_pull_request_allowances\":{\"users\":["
        "{\"id\":1042,\"login\":\"mira\",\"type\":\"User\"}],\"teams\":[]}},"
        "\"required_signatures\":{\"enabled\":false},\"allow_force_pushes\":{\"enabled\":true},"
        "\"required_conversation_resolution\":{\"enabled\":true},\"enforce_admins\":{\"enabled\":true}}",
        "{\"id\":\"main\",\"allow_force_pushes\":true,\"required_conversation_resolution\":true,"
        "\"required_signatures\":false,\"required_pull_request_reviews\":true,"
        "\"require_code_owner_reviews\":true,\"allowed_to_push_users\":[{\"id\":1042,\"login\":\"mira\"}]}");
}

static void what_github_leaves_out_is_null_false_or_empty(G_GNUC_UNUSED void **state)
{
    assert_argument("{" URL "}", "{\"id\":\"main\",\"allow_force_pushes\":null,"
                                 "\"required_conversation_resolution\":null,\"required_signatures\":null,"
                                 "\"required_pull_request_reviews\":false,"
                                 "\"require_code_owner_reviews\":false,\"allowed_to_push_users\":[]}");
}

static void empty_requirements_of_reviews_are_none(G_GNUC_UNUSED void **state)
{
    assert_member("{" URL ",\"required_pull_request_reviews\":{}}", "required_pull_request_reviews", "false");
    assert_member("{" URL ",\"required_pull_request_reviews\":{\"require_code_owner_reviews\":false}}",
                  "required_pull_request_reviews", "true");
}

static void the_name_is_what_the_address_says(G_GNUC_UNUSED void **state)
{
    assert_member("{\"url\":\"https://h/repos/a/b/branches/rel/1/protection\"}", "id", "\"rel/1\"");
    assert_member("{\"url\":\"https://h/repos/a/b/branches/f%C3%BC/protection\"}", "id", "\"f%C3%BC\"");
    assert_member("{\"url\":\"https://h/repos/a/b/branches/protection/protection\"}", "id", "\"protection\"");
    assert_member("{\"url\":\"https://h/repos/a/b/branches/x/branches/y/protection\"}", "id",
                  "\"x/branches/y\"");
}

static void assert_no_name(const char *protection)
{
    g_autoptr(GError) error = NULL;
    now.protection = protection;
    assert_null(argument_of("main", &error));
    assert_error(error, OBJECT_ERROR, OBJECT_ERROR_NO_METHOD);
}

static void an_address_without_name_fails_the_stage(G_GNUC_UNUSED void **state)
{
    g_autofree char *name = g_strnfill(256, 'n');
    g_autofree char *too_long = g_strdup_printf("{\"url\":\"https://h/branches/%s/protection\"}", name);
    assert_no_name("{\"url\":\"https://h/repos/a/b/branches//protection\"}");
    assert_no_name("{\"url\":\"https://h/repos/a/b/branches/a b/protection\"}");
    assert_no_name("{\"url\":\"https://h/repos/a/b/branches/main/protection/x\"}");
    assert_no_name("{}");
    assert_no_name(too_long);
}

/* --- the stage --- */

static void after_the_branches_come_the_lfs_objects(G_GNUC_UNUSED void **state)
{
    g_autoptr(GError) error = NULL;
    assert_true(import_protected_branches_perform(NULL, NULL, &error));
    assert_no_error(error);
    assert_string_equal(now.steps->str, "advance {\"w\":2} lfs_objects");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_branches_of_the_repository_are_listed),
        TEST(protected_ones_alone_are_scheduled_by_their_names),
        TEST(they_are_counted_as_protected_branches),
        TEST(each_branch_s_protection_is_asked_for),
        TEST(a_branch_whose_protection_is_not_shown_is_left_out),
        TEST(any_other_refusal_fails_the_stage),
        TEST(a_process_that_stops_asks_no_more),
        TEST(a_protection_becomes_ruby_s_argument),
        TEST(what_github_leaves_out_is_null_false_or_empty),
        TEST(empty_requirements_of_reviews_are_none),
        TEST(the_name_is_what_the_address_says),
        TEST(an_address_without_name_fails_the_stage),
        TEST(after_the_branches_come_the_lfs_objects),
    };
    return cmocka_run_group_tests_name("protected_branch_collection", tests, NULL, NULL);
}
