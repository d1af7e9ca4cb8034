/* Who stands for a GitHub user without user contribution mapping: five cache keys, GitHub's conditional
 * answers and the order of look-ups. */
#include "importers/gitlab/legacy_user_finder.h"

#include "importers/gitlab/user_finder.h"
#include "protocol/error_class.h"
#include "protocol/log.h"
#include "spec/support/older_gitlab.h"

#include <sys/mman.h>
#include <unistd.h>

#define KEY   "cache:gitlab:github-import/user-finder/"
#define EMAIL KEY "email-for-username/mira"
#define ETAG  KEY "user-etag/mira"
#define LEASE "gitlab:exclusive_lease:gitlab:github_import:user_finder:mira"

/* GitHub as the finder sees it. */
static struct {
    const char *answer; /* JSON; NULL: 404 */
    const char *etag;   /* of the answer; sent back, it makes GitHub say 304 */
    char *path, *condition;
    guint n_requests;
    gboolean stops_redis; /* from the answer on Redis takes no writes */
} github;

static int log_fd;

static void keep(char **kept, const char *text)
{
    g_free(*kept);
    *kept = g_strdup(text);
}

json_t *__real_github_get_conditional(GithubClient *client, const char *path, char **etag,
                                      gboolean *not_modified, GError **error);
json_t *__wrap_github_get_conditional(GithubClient *client, const char *path, char **etag,
                                      gboolean *not_modified, GError **error);
json_t *__wrap_github_get_conditional(G_GNUC_UNUSED GithubClient *client, const char *path, char **etag,
                                      gboolean *not_modified, GError **error)
{
    github.n_requests++;
    keep(&github.path, path);
    keep(&github.condition, *etag);
    *not_modified = *etag && g_strcmp0(*etag, github.etag) == 0;
    if (*not_modified)
        return NULL;
    if (!github.answer) {
        g_set_error_literal(error, GITHUB_ERROR, GITHUB_ERROR_NOT_FOUND, "Not Found");
        return NULL;
    }
    keep(etag, github.etag);
    if (github.stops_redis)
        assert_redis("OK", "CONFIG", "SET", "min-replicas-to-write", "1");
    return json_loads(github.answer, 0, NULL);
}

static void github_answers(const char *answer, const char *etag)
{
    github.answer = answer;
    github.etag = etag;
    github.n_requests = 0;
    github.stops_redis = FALSE;
}

static int set_up(void **state)
{
    older_gitlab_setup(state);
    github_answers("{\"login\":\"mira\",\"email\":\"Mira@example.com\"}", "W/\"one\"");
    assert_int_equal(ftruncate(log_fd, 0), 0);
    assert_int_equal(lseek(log_fd, 0, SEEK_SET), 0);
    return 0;
}

static UserFinder *finder_of(GitlabContext *context)
{
    const ImportData refused = {.mapping_refused = TRUE};
    return user_finder_new(context->session, NULL, context->project, &refused);
}

static FoundUser find_as(GitlabContext *context, gint64 id, const char *login)
{
    FoundUser found;
    g_autoptr(GError) error = NULL;
    g_autoptr(UserFinder) finder = finder_of(context);
    g_autoptr(json_t) user = json_pack("{s:I, s:s}", "id", (json_int_t)id, "login", login);
    gboolean succeeded = user_finder_find(finder, user, TRUE, &found, &error);
    assert_null(error);
    assert_true(succeeded);
    assert_int_equal(found.source_user_id, 0);
    return found;
}

static gint64 find_mira(GitlabContext *context)
{
    return find_as(context, 1042, "mira").user_id;
}

static gint64 create_user(const char *username, const char *email)
{
    gint64 id = private_gitlab_integer("SELECT spec.create_user('%s', '%s')", username, username);
    private_gitlab_integer("UPDATE users SET email = '%s' WHERE id = %" G_GINT64_FORMAT, email, id);
    return id;
}

static void sign_in(gint64 user_id, const char *provider, const char *extern_uid)
{
    private_gitlab_integer("INSERT INTO identities (user_id, provider, extern_uid) VALUES (%" G_GINT64_FORMAT
                           ", '%s', '%s') RETURNING id",
                           user_id, provider, extern_uid);
}

static char *fetched_key(const GitlabContext *context)
{
    return g_strdup_printf(KEY "%" G_GINT64_FORMAT "/email-fetched/mira", context->project->id);
}

static void assert_logged(const char *message)
{
    char text[4096] = {0};
    assert_true(pread(log_fd, text, sizeof text - 1, 0) >= 0);
    assert_non_null(strstr(text, message));
}

static void somebody_is_found_by_account(void **state)
{
    gint64 mira = create_user("mira", "another@example.com");
    sign_in(mira, "github", "1042");
    assert_int_equal(find_mira(*state), mira);
    assert_redis("Mira@example.com", "GET", EMAIL);
    g_autofree char *cached = private_gitlab_redis("GET", KEY "user-id/1042", NULL);
    assert_int_equal(g_ascii_strtoll(cached, NULL, 10), mira);
    assert_redis("0", "EXISTS", KEY "id-for-email/Mira@example.com");
    assert_ttl(KEY "user-id/1042", 86400);
}

static void an_account_with_another_provider_is_somebody_else(void **state)
{
    sign_in(create_user("mira", "another@example.com"), "gitlab", "1042");
    assert_int_equal(find_mira(*state), 0);
}

static void somebody_is_found_by_the_primary_address_in_any_case(void **state)
{
    gint64 mira = create_user("mira", "mira@example.com");
    assert_int_equal(find_mira(*state), mira);
    assert_redis("", "GET", KEY "user-id/1042");
    g_autofree char *cached = private_gitlab_redis("GET", KEY "id-for-email/Mira@example.com", NULL);
    assert_int_equal(g_ascii_strtoll(cached, NULL, 10), mira);
}

static void somebody_is_found_by_a_secondary_address(void **state)
{
    gint64 mira = create_user("mira", "another@example.com");
    private_gitlab_integer("INSERT INTO emails (user_id, email) VALUES (%" G_GINT64_FORMAT
                           ", 'mira@example.com') RETURNING id",
                           mira);
    assert_int_equal(find_mira(*state), mira);
}

static void enterprise_ids_are_not_looked_up(void **state)
{
    GitlabContext *context = *state;
    sign_in(create_user("mira", "another@example.com"), "github", "1042");
    g_free(context->project->import_url);
    context->project->import_url = g_strdup("https://ghe.example.com/acme/rocket.git");
    assert_int_equal(find_mira(context), 0);
    assert_redis("", "GET", KEY "user-id/1042");
}

static void nobody_is_cached_by_account_and_address(void **state)
{
    assert_int_equal(find_mira(*state), 0);
    assert_redis("", "GET", KEY "user-id/1042");
    assert_redis("", "GET", KEY "id-for-email/Mira@example.com");
    create_user("mira", "mira@example.com");
    assert_int_equal(find_mira(*state), 0);
    assert_int_equal(github.n_requests, 1);
}

static void without_an_address_a_blank_account_key_does_not_end_the_search(void **state)
{
    github_answers("{\"email\":null}", NULL);
    assert_int_equal(find_mira(*state), 0);
    assert_redis("", "GET", KEY "user-id/1042");
    assert_redis("", "GET", KEY "id-for-email/");
    gint64 mira = create_user("mira", "another@example.com");
    sign_in(mira, "github", "1042");
    assert_int_equal(find_mira(*state), mira);
}

static void the_address_is_asked_for_even_when_the_account_is_cached(void **state)
{
    assert_redis("OK", "SET", KEY "user-id/1042", "77");
    assert_int_equal(find_mira(*state), 77);
    assert_int_equal(github.n_requests, 1);
    assert_string_equal(github.path, "users/mira");
}

static void a_cached_address_needs_no_lease(void **state)
{
    assert_redis("OK", "SET", EMAIL, "mira@example.com");
    assert_redis("OK", "SET", LEASE, "another");
    gint64 mira = create_user("mira", "mira@example.com");
    assert_int_equal(find_mira(*state), mira);
    assert_int_equal(github.n_requests, 0);
}

static void an_address_ends_etag_and_email_fetched(void **state)
{
    g_autofree char *fetched = fetched_key(*state);
    assert_redis("OK", "SET", ETAG, "W/\"zero\"");
    find_mira(*state);
    assert_ttl(EMAIL, 86400);
    assert_redis("0", "EXISTS", ETAG, fetched);
    assert_redis("0", "EXISTS", LEASE);
}

static void no_address_keeps_the_etag_as_it_came_and_asks_once_a_project(void **state)
{
    g_autofree char *fetched = fetched_key(*state);
    github_answers("{\"email\":null}", "W/\"one\"");
    find_mira(*state);
    find_mira(*state);
    assert_int_equal(github.n_requests, 1);
    assert_null(github.condition);
    assert_redis("", "GET", EMAIL);
    assert_redis("W/\"one\"", "GET", ETAG);
    assert_redis("1", "GET", fetched);
    assert_logged("\"Fetching email from GitHub\"");
}

static void another_project_asks_with_the_etag(void **state)
{
    g_autofree char *fetched = fetched_key(*state);
    github_answers("{\"email\":null}", "W/\"one\"");
    find_mira(*state);
    assert_redis("1", "DEL", fetched);
    find_mira(*state);
    assert_string_equal(github.condition, "W/\"one\"");
    assert_redis("", "GET", EMAIL);
    assert_redis("1", "GET", fetched);
    assert_logged("Fetching email from GitHub with ETAG header");
    assert_logged("\"username\":\"mira\"");
}

static void an_unchanged_account_of_which_nothing_is_cached_stays_so(void **state)
{
    github_answers("{\"email\":null}", "W/\"one\"");
    assert_redis("OK", "SET", ETAG, "W/\"one\"");
    find_mira(*state);
    assert_redis("0", "EXISTS", EMAIL);
}

static void a_stored_etag_is_not_replaced(void **state)
{
    github_answers("{\"email\":null}", "W/\"two\"");
    assert_redis("OK", "SET", ETAG, "W/\"one\"");
    find_mira(*state);
    assert_redis("W/\"one\"", "GET", ETAG);
}

static void an_answer_that_cannot_be_cached_fails_the_job(void **state)
{
    GitlabContext *context = *state;
    FoundUser found;
    g_autoptr(GError) error = NULL;
    g_autoptr(UserFinder) finder = finder_of(context);
    g_autoptr(json_t) user = json_pack("{s:i, s:s}", "id", 7, "login", "mira");
    github.stops_redis = TRUE;
    gboolean succeeded = user_finder_find(finder, user, TRUE, &found, &error);
    assert_redis("OK", "CONFIG", "SET", "min-replicas-to-write", "0");
    assert_false(succeeded);
    assert_error(error, REDIS_ERROR, REDIS_ERROR_REPLY);
    assert_int_equal(github.n_requests, 1);
}

static void an_unknown_account_is_asked_for_again(void **state)
{
    g_autofree char *fetched = fetched_key(*state);
    github_answers(NULL, NULL);
    assert_int_equal(find_mira(*state), 0);
    assert_redis("", "GET", EMAIL);
    assert_redis("0", "EXISTS", fetched, ETAG);
    find_mira(*state);
    assert_int_equal(github.n_requests, 2);
}

static void a_taken_lease_reschedules_the_job(void **state)
{
    FoundUser found;
    g_autoptr(GError) error = NULL;
    g_autoptr(UserFinder) finder = finder_of(*state);
    g_autoptr(json_t) user = json_pack("{s:i, s:s}", "id", 1042, "login", "mira");
    assert_redis("OK", "SET", LEASE, "another");
    assert_false(user_finder_find(finder, user, TRUE, &found, &error));
    assert_true(g_error_matches(error, USER_FINDER_ERROR, USER_FINDER_ERROR_LOCK));
}

static void nobody_gives_the_projects_creator_as_author(void **state)
{
    GitlabContext *context = *state;
    FoundUser found;
    gboolean is_found;
    g_autoptr(UserFinder) finder = finder_of(context);
    g_autoptr(json_t) user = json_pack("{s:i, s:s}", "id", 1042, "login", "mira");
    assert_true(user_finder_author(finder, user, &found, &is_found, NULL));
    assert_false(is_found);
    assert_int_equal(found.user_id, context->project->creator_id);
    assert_sql("SELECT count(*) FROM import_source_users", "0");
}

static void the_ghost_is_the_instances(void **state)
{
    GitlabContext *context = *state;
    FoundUser found;
    g_autoptr(UserFinder) finder = finder_of(context);
    context->project->organization_id = 99;
    assert_true(user_finder_find(finder, NULL, TRUE, &found, NULL));
    assert_int_equal(found.user_id, private_gitlab_integer("SELECT id FROM users WHERE user_type = 5"));
    assert_redis("1", "EXISTS", "cache:gitlab:github-import/ghost-user-id");
}

static void an_older_gitlab_that_maps_has_source_users(void **state)
{
    GitlabContext *context = *state;
    const ImportData maps = {.mapping_refused = FALSE};
    g_autofree char *name =
        g_strdup_printf(KEY "%" G_GINT64_FORMAT "/source-name/mira", context->project->id);
    assert_redis("OK", "SET", name, "Mira");
    g_autoptr(UserFinder) finder = user_finder_new(context->session, NULL, context->project, &maps);
    FoundUser found;
    g_autoptr(json_t) user = json_pack("{s:i, s:s}", "id", 1042, "login", "mira");
    assert_true(user_finder_find(finder, user, TRUE, &found, NULL));
    assert_int_not_equal(found.source_user_id, 0);
}

static void a_batch_is_found_without_asking_github(void **state)
{
    GitlabContext *context = *state;
    g_autofree char *fetched = fetched_key(context);
    gint64 mira = create_user("mira", "another@example.com"), otto = create_user("otto", "otto@example.com");
    sign_in(mira, "github", "1042");
    assert_redis("OK", "SET", fetched, "1");
    assert_redis("OK", "SET", KEY "email-for-username/otto", "otto@example.com");
    g_autoptr(json_t) users =
        json_loads("[{\"id\":1042,\"login\":\"mira\"},null,{\"id\":7,\"login\":\"otto\"},"
                   "{\"id\":8,\"login\":\"nora\"},{\"id\":7,\"login\":\"otto\"}]",
                   0, NULL);
    g_autoptr(UserFinder) finder = finder_of(context);
    assert_true(user_finder_preload(finder, users, NULL));
    g_autofree char *keys = private_gitlab_redis("FLUSHALL", NULL);
    FoundUser found;
    assert_true(user_finder_find(finder, json_array_get(users, 0), TRUE, &found, NULL));
    assert_int_equal(found.user_id, mira);
    assert_true(user_finder_find(finder, json_array_get(users, 2), TRUE, &found, NULL));
    assert_int_equal(found.user_id, otto);
    assert_int_equal(github.n_requests, 0);
    assert_true(user_finder_find(finder, json_array_get(users, 3), TRUE, &found, NULL));
    assert_int_equal(github.n_requests, 1);
}

static void the_import_without_token_asks_nobody(void **state)
{
    g_autoptr(GError) error = NULL;
    gboolean not_modified;
    char *etag = NULL;
    (void)state;
    assert_null(__real_github_get_conditional(NULL, "users/mira", &etag, &not_modified, &error));
    assert_true(g_error_matches(error, GITHUB_ERROR, GITHUB_ERROR_NO_TOKEN));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, older_gitlab_teardown)

int main(void)
{
    log_fd = memfd_create("log", MFD_CLOEXEC);
    log_configure(log_fd, LOG_INFO);
    const struct CMUnitTest tests[] = {
        TEST(somebody_is_found_by_account),
        TEST(an_account_with_another_provider_is_somebody_else),
        TEST(somebody_is_found_by_the_primary_address_in_any_case),
        TEST(somebody_is_found_by_a_secondary_address),
        TEST(enterprise_ids_are_not_looked_up),
        TEST(nobody_is_cached_by_account_and_address),
        TEST(without_an_address_a_blank_account_key_does_not_end_the_search),
        TEST(the_address_is_asked_for_even_when_the_account_is_cached),
        TEST(a_cached_address_needs_no_lease),
        TEST(an_address_ends_etag_and_email_fetched),
        TEST(no_address_keeps_the_etag_as_it_came_and_asks_once_a_project),
        TEST(another_project_asks_with_the_etag),
        TEST(an_unchanged_account_of_which_nothing_is_cached_stays_so),
        TEST(a_stored_etag_is_not_replaced),
        TEST(an_answer_that_cannot_be_cached_fails_the_job),
        TEST(an_unknown_account_is_asked_for_again),
        TEST(a_taken_lease_reschedules_the_job),
        TEST(nobody_gives_the_projects_creator_as_author),
        TEST(the_ghost_is_the_instances),
        TEST(an_older_gitlab_that_maps_has_source_users),
        TEST(a_batch_is_found_without_asking_github),
        TEST(the_import_without_token_asks_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
