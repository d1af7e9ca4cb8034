/* Who is still asked for a review: ReplayEventsImporter and ReviewRequestImporter. */
#include "importers/objects/replay_events.h"

#include "importers/gitlab/events_cache.h"
#include "spec/support/object_import.h"

#define CLASS "Gitlab::GithubImport::ReplayEventsWorker"
#define JOB   "{\"issuable_type\":\"MergeRequest\",\"issuable_iid\":15}"
#define REVIEWERS                                                                                            \
    "SELECT coalesce(string_agg(u.username, ',' ORDER BY r.id), '') FROM"                                    \
    " merge_request_reviewers r JOIN users u ON u.id = r.user_id"

/* Jobs that parent_done enqueues. */
static guint n_enqueued;
static char *enqueued;
static Stage *current_stage;

gboolean __wrap_parallel_scheduling_enqueue(Scheduling *scheduling, const char *worker, const char *name,
                                            json_t *representation, GError **error);
gboolean __wrap_parallel_scheduling_enqueue(G_GNUC_UNUSED Scheduling *scheduling, const char *worker,
                                            const char *name, json_t *representation,
                                            G_GNUC_UNUSED GError **error)
{
    g_autoptr(json_t) owned = representation;
    g_autofree char *text = json_dump(owned);
    n_enqueued++;
    g_free(enqueued);
    enqueued = g_strdup_printf("%s %s %s", worker, name, text);
    return TRUE;
}

Stage *__wrap_parallel_scheduling_stage(Scheduling *scheduling);
Stage *__wrap_parallel_scheduling_stage(G_GNUC_UNUSED Scheduling *scheduling)
{
    return current_stage;
}

/* Three GitHub users with placeholders, and merge request 15. */
static int set_up(void **state)
{
    ObjectImport *import = object_import_new(CLASS, &replay_event_importer, NULL, "{}");
    object_import_create_source_user(601, "rev");
    object_import_create_source_user(602, "amy");
    object_import_create_source_user(603, "zoe");
    private_gitlab_integer("INSERT INTO merge_requests (iid, title, target_branch, source_branch,"
                           " target_project_id, source_project_id, author_id, lock_version, created_at,"
                           " updated_at) VALUES (15, 'MR', 'main', 'topic', %1$" G_GINT64_FORMAT
                           ", %1$" G_GINT64_FORMAT ", 1, 0, now(), now()) RETURNING id",
                           import->project->id);
    n_enqueued = 0;
    *state = import;
    return 0;
}

static int tear_down(void **state)
{
    g_clear_pointer(&enqueued, g_free);
    object_import_free(*state);
    return 0;
}

static void cache(const ObjectImport *import, const char *record, const char *text)
{
    g_autoptr(json_t) event = json_loads(text, 0, NULL);
    assert_non_null(event);
    assert_true(events_cache_add(import->session, import->project->id, record, event, NULL));
}

/* An event of merge request 15. `reviewer` is a JSON text. */
static void review_event(const ObjectImport *import, const char *name, const char *reviewer, const char *time)
{
    g_autofree char *text = g_strdup_printf(
        "{\"event\":\"%s\",\"requested_reviewer\":%s,\"created_at\":\"%s\"}", name, reviewer, time);
    cache(import, "MergeRequest/15", text);
}

#define REV "{\"id\":601,\"login\":\"rev\"}"
#define AMY "{\"id\":602,\"login\":\"amy\"}"
#define ZOE "{\"id\":603,\"login\":\"zoe\"}"

static void assert_list(const ObjectImport *import, const char *record, const char *expected)
{
    g_autofree char *key = g_strdup_printf("cache:gitlab:github-importer/events/%" G_GINT64_FORMAT "/%s",
                                           import->project->id, record);
    assert_redis(expected, "LLEN", key);
}

static void reviewers_still_requested_are_written_and_the_list_is_deleted(void **state)
{
    const ObjectImport *import = *state;
    review_event(import, "review_requested", REV, "2024-05-06 08:00:00 UTC");
    review_event(import, "review_request_removed", REV, "2024-05-06 09:00:00 UTC");
    review_event(import, "review_requested", AMY, "2024-05-06 09:30:00 UTC");
    object_import_succeeds(*state, JOB);
    assert_sql(REVIEWERS, "amy");
    g_autofree char *expected = g_strdup_printf("0|%" G_GINT64_FORMAT "|t|t", import->project->id);
    assert_sql("SELECT state, project_id, created_at > now() - interval '1 minute', updated_at = created_at"
               " FROM merge_request_reviewers",
               expected);
    assert_list(import, "MergeRequest/15", "0");
    assert_redis("1", "LLEN", OBJECT_WAITER);
}

static void events_are_replayed_by_their_times(void **state)
{
    const ObjectImport *import = *state;
    review_event(import, "review_request_removed", REV, "2024-05-06 09:00:00 UTC");
    review_event(import, "review_requested", REV, "2024-05-06 08:00:00 UTC");
    review_event(import, "review_requested", ZOE, "2024-05-06 07:00:00 UTC");
    review_event(import, "review_request_removed", AMY, "2024-05-06 07:00:00 UTC");
    review_event(import, "review_requested", AMY, "2024-05-06 07:30:00 UTC");
    object_import_succeeds(*state, JOB);
    assert_sql(REVIEWERS, "zoe,amy");
}

static void teams_and_deleted_accounts_are_no_reviewers(void **state)
{
    const ObjectImport *import = *state;
    review_event(import, "review_requested", "null", "2024-05-06 08:00:00 UTC");
    review_event(import, "review_requested", "{\"id\":10137,\"login\":\"ghost\"}", "2024-05-06 08:00:00 UTC");
    review_event(import, "review_requested", AMY, "2024-05-06 08:00:00 UTC");
    object_import_succeeds(*state, JOB);
    assert_sql(REVIEWERS, "amy");
}

static void who_is_a_reviewer_already_stays_one(void **state)
{
    const ObjectImport *import = *state;
    g_autofree char *already = private_gitlab_sql(
        "INSERT INTO merge_request_reviewers (merge_request_id, user_id, state, created_at)"
        " SELECT m.id, u.id, 2, now() FROM merge_requests m, users u WHERE u.username = 'rev'");
    review_event(import, "review_requested", REV, "2024-05-06 08:00:00 UTC");
    review_event(import, "review_requested", AMY, "2024-05-06 08:00:00 UTC");
    object_import_succeeds(*state, JOB);
    assert_sql("SELECT string_agg(state::text, ',' ORDER BY id) FROM merge_request_reviewers", "2,0");
    g_autofree char *references = object_import_references(import);
    assert_null(strchr(references, '\n')); /* only the new one's */
    assert_sql("SELECT count(*) FROM import_failures", "0");
}

static void each_row_has_a_placeholder_reference(void **state)
{
    const ObjectImport *import = *state;
    review_event(import, "review_requested", AMY, "2024-05-06 08:00:00 UTC");
    object_import_succeeds(*state, JOB);
    g_autofree char *key = g_strdup_printf("cache:gitlab:placeholder-references:github:%" G_GINT64_FORMAT,
                                           import->project->import_state_id);
    g_autofree char *expected = private_gitlab_sql(
        "SELECT format('[null,\"MergeRequestReviewer\",%s,%s,%s,\"user_id\",1]', s.namespace_id, r.id, s.id)"
        " FROM merge_request_reviewers r JOIN import_source_users s ON s.placeholder_user_id = r.user_id");
    assert_redis(expected, "SMEMBERS", key);
}

static void a_replay_executed_twice_writes_once(void **state)
{
    ObjectImport *import = *state;
    for (guint i = 0; i < 2; i++) {
        import->n_jobs = 0;
        review_event(import, "review_requested", AMY, "2024-05-06 08:00:00 UTC");
        object_import_succeeds(import, JOB);
    }
    assert_sql(REVIEWERS, "amy");
    assert_list(import, "MergeRequest/15", "0");
    assert_redis("1", "LLEN", OBJECT_WAITER);
}

static void an_issue_and_an_unknown_merge_request_are_left_to_expire(void **state)
{
    const ObjectImport *import = *state;
    const char *const jobs[] = {"{\"issuable_type\":\"Issue\",\"issuable_iid\":15}",
                                "{\"issuable_type\":\"MergeRequest\",\"issuable_iid\":16}", NULL};
    cache(import, "Issue/15", "{\"event\":\"review_requested\",\"requested_reviewer\":" AMY "}");
    cache(import, "MergeRequest/16", "{\"event\":\"review_requested\",\"requested_reviewer\":" AMY "}");
    g_autoptr(GPtrArray) errors = object_import_perform_batch(*state, jobs);
    assert_null(errors->pdata[0]);
    assert_null(errors->pdata[1]);
    assert_sql(REVIEWERS, "");
    assert_list(import, "Issue/15", "1");
    assert_list(import, "MergeRequest/16", "1");
    assert_redis("2", "LLEN", OBJECT_WAITER);
}

static void a_replay_is_not_counted(void **state)
{
    const ObjectImport *import = *state;
    review_event(import, "review_requested", AMY, "2024-05-06 08:00:00 UTC");
    object_import_succeeds(*state, JOB);
    g_autofree char *key =
        g_strdup_printf("cache:gitlab:github-importer/object-counters-list/%" G_GINT64_FORMAT "/imported",
                        import->project->id);
    assert_redis("0", "EXISTS", key);
}

/* --- while the timeline is read --- */

static void a_parent_with_review_requests_is_replayed_once_its_pages_are_done(void **state)
{
    const ObjectImport *import = *state;
    Stage stage = {.session = import->session, .project = import->project};
    g_autoptr(json_t) parent = json_pack("{s:i, s:s}", "iid", 15, "issuable_type", "MergeRequest");
    g_autoptr(json_t) event = json_pack("{s:s}", "event", "review_requested");
    current_stage = &stage;
    assert_true(replay_events_parent_done(NULL, parent, NULL));
    assert_int_equal(n_enqueued, 0);
    assert_true(replay_events_cache(&stage, event, parent, NULL));
    assert_list(import, "MergeRequest/15", "1");
    assert_true(replay_events_parent_done(NULL, parent, NULL));
    assert_string_equal(enqueued, CLASS " MergeRequest/15 " JOB);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(reviewers_still_requested_are_written_and_the_list_is_deleted),
        TEST(events_are_replayed_by_their_times),
        TEST(teams_and_deleted_accounts_are_no_reviewers),
        TEST(who_is_a_reviewer_already_stays_one),
        TEST(each_row_has_a_placeholder_reference),
        TEST(a_replay_executed_twice_writes_once),
        TEST(an_issue_and_an_unknown_merge_request_are_left_to_expire),
        TEST(a_replay_is_not_counted),
        TEST(a_parent_with_review_requests_is_replayed_once_its_pages_are_done),
    };
    return cmocka_run_group_tests_name("replay_events", tests, NULL, NULL);
}
