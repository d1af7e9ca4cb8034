/* Looking up many people with one call of GitHub's. */
#include "importers/gitlab/user_preload.h"

#include "importers/github/error.h"
#include "protocol/json.h"
#include "protocol/log.h"
#include "spec/support/older_gitlab.h"

#include <fcntl.h>

#define CACHE "cache:gitlab:github-import/user-finder/"

/* GraphQL as the preload sees it: everybody has the name "Name of LOGIN" and the address LOGIN@example.com,
 * but the logins below. "gone..." is nobody's, "hidden" is null for another reason. */
static struct {
    guint n_calls;
    char *query;   /* of the last call */
    guint n_asked; /* logins of the last call */
    GError *failure;
} graphql;

static json_t *answer_for(const char *login)
{
    if (g_str_has_prefix(login, "gone") || g_str_equal(login, "hidden"))
        return json_null();
    if (g_str_equal(login, "shy"))
        return json_pack("{s:n, s:s}", "name", "email", "");
    g_autofree char *name = g_strconcat("Name of ", login, NULL);
    g_autofree char *email = g_strconcat(login, "@example.com", NULL);
    return json_pack("{s:s, s:s}", "name", name, "email", email);
}

static json_t *error_for(const char *login, const char *alias)
{
    return json_pack("{s:s, s:[s]}", "type", g_str_equal(login, "hidden") ? "FORBIDDEN" : "NOT_FOUND", "path",
                     alias);
}

json_t *__wrap_github_graphql(GithubClient *client, const char *query, json_t *variables, json_t **errors,
                              GError **error);
json_t *__wrap_github_graphql(G_GNUC_UNUSED GithubClient *client, const char *query, json_t *variables,
                              json_t **errors, GError **error)
{
    g_autoptr(json_t) owned = variables;
    graphql.n_calls++;
    g_free(graphql.query);
    graphql.query = g_strdup(query);
    graphql.n_asked = (guint)json_object_size(variables);
    if (graphql.failure) {
        g_propagate_error(error, g_error_copy(graphql.failure));
        return NULL;
    }
    json_t *data = json_object();
    *errors = json_array();
    for (guint i = 0; i < graphql.n_asked; i++) {
        g_autofree char *alias = g_strdup_printf("u%u", i), *variable = g_strdup_printf("l%u", i);
        const char *login = json_string_field(variables, variable);
        json_t *answer = answer_for(login);
        json_object_set_new(data, alias, answer);
        if (json_is_null(answer))
            json_array_append_new(*errors, error_for(login, alias));
    }
    return data;
}

typedef struct Preloading {
    GitlabContext *context;
    ImportData data;
    Stage stage;
    UserPreload *preload;
} Preloading;

static int begin(void **state, gboolean older)
{
    Preloading *preloading = g_new0(Preloading, 1);
    (older ? older_gitlab_setup : gitlab_context_setup)((void **)&preloading->context);
    preloading->data.mapping_refused = older;
    preloading->stage = (Stage){.session = preloading->context->session,
                                .project = preloading->context->project,
                                .data = &preloading->data};
    preloading->preload = user_preload_new(&preloading->stage);
    g_clear_error(&graphql.failure);
    graphql.n_calls = 0;
    *state = preloading;
    return 0;
}

static int end(void **state, gboolean older)
{
    Preloading *preloading = *state;
    user_preload_free(preloading->preload);
    (older ? older_gitlab_teardown : gitlab_context_teardown)((void **)&preloading->context);
    g_free(preloading);
    return 0;
}

static int begin_mapping(void **state)
{
    return begin(state, FALSE);
}

static int end_mapping(void **state)
{
    return end(state, FALSE);
}

static int begin_legacy(void **state)
{
    return begin(state, TRUE);
}

static int end_legacy(void **state)
{
    return end(state, TRUE);
}

static void add(Preloading *preloading, const char *users_text)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(json_t) users = json_loads(users_text, 0, NULL);
    assert_non_null(users);
    assert_true(user_preload_add(preloading->preload, users, &error));
    assert_null(error);
}

/* Users with the ids and logins `from`, "u<from>" ... below `to`. */
static void add_range(Preloading *preloading, int from, int to)
{
    g_autoptr(json_t) users = json_array();
    for (int id = from; id < to; id++)
        json_array_append_new(users, json_pack("{s:i, s:o}", "id", id, "login", json_sprintf("u%d", id)));
    assert_true(user_preload_add(preloading->preload, users, NULL));
}

static void resolve(Preloading *preloading)
{
    g_autoptr(GError) error = NULL;
    gboolean succeeded = user_preload_resolve(preloading->preload, &error);
    assert_null(error);
    assert_true(succeeded);
    assert_int_equal(user_preload_pending(preloading->preload), 0);
}

static void assert_pending(Preloading *preloading, guint expected)
{
    assert_int_equal(user_preload_pending(preloading->preload), expected);
}

/* `key` is "source-name/mira", of the project. (transfer full) */
static char *project_key(const Preloading *preloading, const char *key)
{
    return g_strdup_printf(CACHE "%" G_GINT64_FORMAT "/%s", preloading->context->project->id, key);
}

static void github_fails_with(int code)
{
    if (code == GITHUB_ERROR_RATE_LIMIT)
        github_set_rate_limit_error(&graphql.failure, 30, "API rate limit exceeded");
    else
        graphql.failure = g_error_new_literal(GITHUB_ERROR, code, "no");
}

static void ghosts_and_those_met_before_are_not_pending(void **state)
{
    add(*state, "[null,{},{\"id\":1},{\"id\":10137,\"login\":\"ghost\"},{\"id\":1042,\"login\":\"mira\"},"
                "{\"id\":1042,\"login\":\"mira\"}]");
    add(*state, "[{\"id\":1042,\"login\":\"mira\"}]");
    assert_pending(*state, 1);
    resolve(*state);
    g_autofree char *keys = private_gitlab_redis("FLUSHALL", NULL);
    add(*state, "[{\"id\":1042,\"login\":\"mira\"}]");
    assert_pending(*state, 0);
}

static void source_users_and_cached_names_are_not_pending(void **state)
{
    const Preloading *preloading = *state;
    const GitlabContext *context = preloading->context;
    g_autofree char *key = project_key(preloading, "source-name/otto");
    private_gitlab_integer(
        "INSERT INTO import_source_users (namespace_id, import_type, source_hostname, source_user_identifier,"
        " created_at, updated_at) VALUES (%" G_GINT64_FORMAT
        ", 'github', 'https://github.com', '1042', now(), now()) RETURNING id",
        context->project->root_namespace_id);
    assert_redis("OK", "SET", key, "");
    add(*state,
        "[{\"id\":1042,\"login\":\"mira\"},{\"id\":7,\"login\":\"otto\"},{\"id\":8,\"login\":\"nora\"}]");
    assert_pending(*state, 1);
}

static void nobody_is_pending_in_a_users_own_namespace(void **state)
{
    Preloading *preloading = *state;
    preloading->context->project->root_is_user_namespace = TRUE;
    add(preloading, "[{\"id\":1042,\"login\":\"mira\"}]");
    assert_pending(preloading, 0);
}

static void names_are_cached_as_if_asked_for_one_by_one(void **state)
{
    g_autofree char *mira = project_key(*state, "source-name/mira");
    g_autofree char *shy = project_key(*state, "source-name/shy");
    add(*state, "[{\"id\":1042,\"login\":\"mira\"},{\"id\":7,\"login\":\"shy\"}]");
    resolve(*state);
    assert_redis("Name of mira", "GET", mira);
    assert_ttl(mira, 86400);
    assert_redis("1", "EXISTS", shy);
    assert_redis("", "GET", shy);
    assert_redis("2", "DBSIZE");
}

static void one_call_asks_for_the_one_field_that_is_needed(void **state)
{
    add(*state, "[{\"id\":1042,\"login\":\"mira\"},{\"id\":7,\"login\":\"otto\"}]");
    resolve(*state);
    assert_string_equal(graphql.query,
                        "query($l0:String!,$l1:String!){u0:user(login:$l0){name}u1:user(login:$l1){name}}");
}

static void a_hundred_are_asked_for_in_a_call(void **state)
{
    add_range(*state, 1, 151);
    add_range(*state, 100, 251);
    assert_pending(*state, 250);
    resolve(*state);
    assert_int_equal(graphql.n_calls, 3);
    assert_int_equal(graphql.n_asked, 50);
    assert_redis("250", "DBSIZE");
}

static void apps_have_no_name_and_are_not_asked_for(void **state)
{
    g_autofree char *renovate = project_key(*state, "source-name/renovate");
    g_autofree char *dependabot = project_key(*state, "source-name/dependabot[bot]");
    add(*state, "[{\"id\":6,\"login\":\"renovate\",\"type\":\"Bot\"},"
                "{\"id\":7,\"login\":\"dependabot[bot]\"}]");
    assert_pending(*state, 0);
    assert_int_equal(graphql.n_calls, 0);
    assert_redis("", "GET", renovate);
    assert_redis("", "GET", dependabot);
    assert_ttl(renovate, 86400);
    assert_redis("2", "DBSIZE");
}

static void an_apps_name_in_the_cache_stays(void **state)
{
    g_autofree char *renovate = project_key(*state, "source-name/renovate");
    assert_redis("OK", "SET", renovate, "Renovate");
    add(*state, "[{\"id\":6,\"login\":\"renovate\",\"type\":\"Bot\"}]");
    assert_redis("Renovate", "GET", renovate);
}

/* As after a 404 of REST's. */
static void a_user_who_is_gone_is_named_by_login(void **state)
{
    g_autofree char *gone = project_key(*state, "source-name/gone");
    add(*state, "[{\"id\":1042,\"login\":\"mira\",\"type\":\"User\"},"
                "{\"id\":7,\"login\":\"gone\",\"type\":\"User\"}]");
    resolve(*state);
    assert_redis("gone", "GET", gone);
    assert_redis("2", "DBSIZE");
}

static void what_else_graphql_does_not_answer_is_left_to_rest(void **state)
{
    add(*state, "[{\"id\":1,\"login\":\"gone-org\",\"type\":\"Organization\"},{\"id\":2,\"login\":\"gone\"},"
                "{\"id\":3,\"login\":\"hidden\",\"type\":\"User\"}]");
    resolve(*state);
    assert_redis("0", "DBSIZE");
}

static void only_full_calls_are_made_when_asked_so(void **state)
{
    Preloading *preloading = *state;
    add_range(preloading, 1, 251);
    assert_true(user_preload_resolve_full(preloading->preload, NULL));
    assert_int_equal(graphql.n_calls, 2);
    assert_pending(preloading, 50);
    assert_true(user_preload_asked(preloading->preload) == 200);
    resolve(preloading);
    assert_true(user_preload_asked(preloading->preload) == 250);
}

static void a_server_without_graphql_is_asked_once(void **state)
{
    const int refusals[] = {GITHUB_ERROR_UNAUTHORIZED, GITHUB_ERROR_FORBIDDEN, GITHUB_ERROR_NOT_FOUND,
                            GITHUB_ERROR_DEPRECATED, GITHUB_ERROR_GRAPHQL};
    Preloading *preloading = *state;
    for (guint i = 0; i < G_N_ELEMENTS(refusals); i++) {
        g_autoptr(UserPreload) preload = user_preload_new(&preloading->stage);
        g_autoptr(json_t) users = json_loads("[{\"id\":1042,\"login\":\"mira\"}]", 0, NULL);
        g_autoptr(json_t) others = json_loads("[{\"id\":7,\"login\":\"otto\"}]", 0, NULL);
        g_clear_error(&graphql.failure);
        github_fails_with(refusals[i]);
        graphql.n_calls = 0;
        assert_true(user_preload_add(preload, users, NULL));
        assert_true(user_preload_resolve(preload, NULL));
        assert_true(user_preload_add(preload, others, NULL));
        assert_int_equal(user_preload_pending(preload), 0);
        assert_true(user_preload_resolve(preload, NULL));
        assert_int_equal(graphql.n_calls, 1);
    }
}

static void after_a_server_error_the_next_call_is_made(void **state)
{
    add_range(*state, 1, 202);
    github_fails_with(GITHUB_ERROR_BAD_GATEWAY);
    resolve(*state);
    assert_int_equal(graphql.n_calls, 1);
    assert_true(user_preload_asked(((const Preloading *)*state)->preload) == 201);
    g_clear_error(&graphql.failure);
    add_range(*state, 300, 301);
    resolve(*state);
    assert_int_equal(graphql.n_calls, 2);
    assert_redis("1", "DBSIZE");
}

static void a_rate_limit_stops_the_stage_and_keeps_who_is_pending(void **state)
{
    Preloading *preloading = *state;
    g_autoptr(GError) error = NULL;
    add(preloading, "[{\"id\":1042,\"login\":\"mira\"}]");
    github_fails_with(GITHUB_ERROR_RATE_LIMIT);
    assert_false(user_preload_resolve(preloading->preload, &error));
    assert_true(github_error_reset_in(error) == 30);
    assert_pending(preloading, 1);
}

static void a_stopping_process_stops_asking(void **state)
{
    Preloading *preloading = *state;
    g_autoptr(GError) error = NULL;
    add(preloading, "[{\"id\":1042,\"login\":\"mira\"}]");
    graphql.failure = g_error_new_literal(JOB_ERROR, JOB_ERROR_INTERRUPTED, "stop");
    assert_false(user_preload_resolve(preloading->preload, &error));
    assert_true(g_error_matches(error, JOB_ERROR, JOB_ERROR_INTERRUPTED));
}

static void legacy_addresses_are_cached_as_if_asked_for_one_by_one(void **state)
{
    g_autofree char *mira_fetched = project_key(*state, "email-fetched/mira");
    g_autofree char *shy_fetched = project_key(*state, "email-fetched/shy");
    add(*state, "[{\"id\":1042,\"login\":\"mira\"},{\"id\":7,\"login\":\"shy\"}]");
    assert_pending(*state, 2);
    resolve(*state);
    assert_string_equal(graphql.query,
                        "query($l0:String!,$l1:String!){u0:user(login:$l0){email}u1:user(login:$l1){email}}");
    assert_redis("mira@example.com", "GET", CACHE "email-for-username/mira");
    assert_redis("0", "EXISTS", mira_fetched);
    assert_redis("", "GET", CACHE "email-for-username/shy");
    assert_redis("1", "GET", shy_fetched);
    assert_redis("3", "DBSIZE"); /* neither an ETag nor an id */
}

static void legacy_addresses_in_the_cache_are_not_pending(void **state)
{
    g_autofree char *fetched = project_key(*state, "email-fetched/otto");
    assert_redis("OK", "SET", CACHE "email-for-username/mira", "mira@example.com");
    assert_redis("OK", "SET", CACHE "email-for-username/nora", "");
    assert_redis("OK", "SET", fetched, "1");
    add(*state,
        "[{\"id\":1042,\"login\":\"mira\"},{\"id\":7,\"login\":\"otto\"},{\"id\":8,\"login\":\"nora\"}]");
    assert_pending(*state, 1);
}

static void legacy_apps_and_users_who_are_gone_have_no_address(void **state)
{
    g_autofree char *robot_fetched = project_key(*state, "email-fetched/robot[bot]");
    g_autofree char *gone_fetched = project_key(*state, "email-fetched/gone");
    add(*state, "[{\"id\":6,\"login\":\"robot[bot]\",\"type\":\"Bot\"},"
                "{\"id\":7,\"login\":\"gone\",\"type\":\"User\"}]");
    assert_pending(*state, 1);
    resolve(*state);
    assert_redis("", "GET", CACHE "email-for-username/robot[bot]");
    assert_redis("1", "GET", robot_fetched);
    assert_redis("", "GET", CACHE "email-for-username/gone");
    assert_redis("1", "GET", gone_fetched);
    assert_redis("4", "DBSIZE");
}

#define MAPPING(name) cmocka_unit_test_setup_teardown(name, begin_mapping, end_mapping)
#define LEGACY(name)  cmocka_unit_test_setup_teardown(name, begin_legacy, end_legacy)

int main(void)
{
    log_configure(open("/dev/null", O_WRONLY | O_CLOEXEC), LOG_INFO);
    const struct CMUnitTest tests[] = {
        MAPPING(ghosts_and_those_met_before_are_not_pending),
        MAPPING(source_users_and_cached_names_are_not_pending),
        MAPPING(nobody_is_pending_in_a_users_own_namespace),
        MAPPING(names_are_cached_as_if_asked_for_one_by_one),
        MAPPING(one_call_asks_for_the_one_field_that_is_needed),
        MAPPING(a_hundred_are_asked_for_in_a_call),
        MAPPING(apps_have_no_name_and_are_not_asked_for),
        MAPPING(an_apps_name_in_the_cache_stays),
        MAPPING(a_user_who_is_gone_is_named_by_login),
        MAPPING(what_else_graphql_does_not_answer_is_left_to_rest),
        MAPPING(only_full_calls_are_made_when_asked_so),
        MAPPING(a_server_without_graphql_is_asked_once),
        MAPPING(after_a_server_error_the_next_call_is_made),
        MAPPING(a_rate_limit_stops_the_stage_and_keeps_who_is_pending),
        MAPPING(a_stopping_process_stops_asking),
        LEGACY(legacy_addresses_are_cached_as_if_asked_for_one_by_one),
        LEGACY(legacy_addresses_in_the_cache_are_not_pending),
        LEGACY(legacy_apps_and_users_who_are_gone_have_no_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
