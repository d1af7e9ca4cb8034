/* Who is asked for a review, by the stage of GitLabs up to 17.x. */
#include "importers/objects/pull_requests/review_request.h"

#include "protocol/log.h"
#include "spec/support/captured_collection.h"
#include "spec/support/pull_request_import.h"

#include <fcntl.h>

#define CLASS "Gitlab::GithubImport::PullRequests::ImportReviewRequestWorker"
#define MONA  "{\"id\":501,\"login\":\"mona\"}"
#define REV   "{\"id\":601,\"login\":\"rev\"}"
#define REVIEWERS                                                                                            \
    "SELECT coalesce(string_agg(u.username, ',' ORDER BY r.id), '') FROM"                                    \
    " merge_request_reviewers r JOIN users u ON u.id = r.user_id"

static int create(void **state)
{
    *state = pull_request_import_new(CLASS, &review_request_importer, "{}");
    return 0;
}

static int clear(void **state)
{
    pull_request_import_clear(*state);
    return 0;
}

/* A job for the merge request with this id; `users` is a JSON array. (transfer full) */
static char *request(gint64 merge_request_id, const char *users)
{
    return g_strdup_printf("{\"merge_request_id\":%" G_GINT64_FORMAT
                           ",\"merge_request_iid\":15,\"users\":%s}",
                           merge_request_id, users);
}

static void succeeds(ObjectImport *import, const char *users)
{
    g_autofree char *job = request(pull_request_import_id(), users);
    object_import_succeeds(import, job);
}

static void everybody_asked_is_a_reviewer_who_has_not_reviewed(void **state)
{
    succeeds(*state, "[" REV "," MONA "]");
    assert_sql(REVIEWERS, "rev,mona");
    assert_sql("SELECT DISTINCT merge_request_id = (SELECT id FROM merge_requests), state, project_id ="
               " (SELECT id FROM projects), created_at > now() - interval '1 hour', updated_at = created_at"
               " FROM merge_request_reviewers",
               "t|0|t|t|t");
    timeline_import_assert_references(
        *state, "MergeRequestReviewer.user_id of mona,MergeRequestReviewer.user_id of rev");
    object_import_assert_counted(*state, "pull_request_review_request", "1");
}

static void nobody_asked_is_done_without_effect(void **state)
{
    succeeds(*state, "[]");
    assert_sql(REVIEWERS, "");
    assert_redis("1", "LLEN", OBJECT_WAITER);
}

static void deleted_accounts_are_no_reviewers(void **state)
{
    succeeds(*state, "[null,{\"id\":10137,\"login\":\"ghost\"}," MONA "]");
    assert_sql(REVIEWERS, "mona");
}

static void who_is_a_reviewer_already_stays_as_they_are(void **state)
{
    g_autofree char *already = private_gitlab_sql(
        "INSERT INTO merge_request_reviewers (merge_request_id, user_id, state, created_at)"
        " SELECT m.id, u.id, 1, now() FROM merge_requests m, users u WHERE u.username = 'rev'");
    succeeds(*state, "[" REV "," MONA "]");
    assert_sql("SELECT string_agg(state::text, ',' ORDER BY id) FROM merge_request_reviewers", "1,0");
    timeline_import_assert_references(*state, "MergeRequestReviewer.user_id of mona");
}

static void somebody_asked_twice_is_one_reviewer(void **state)
{
    succeeds(*state, "[" REV "," REV "]");
    assert_sql(REVIEWERS, "rev");
}

/* As GitLab's GitHub importer before 16.1 wrote it. */
static void a_job_may_lack_the_iid(void **state)
{
    g_autofree char *job = g_strdup_printf("{\"merge_request_id\":%" G_GINT64_FORMAT ",\"users\":[" REV "]}",
                                           pull_request_import_id());
    object_import_succeeds(*state, job);
    assert_sql(REVIEWERS, "rev");
}

/* GitLab's trigger finds no project for it. */
static void a_merge_request_that_is_gone_fails_alone(void **state)
{
    g_autofree char *gone = request(999999, "[" REV "]");
    g_autofree char *there = request(pull_request_import_id(), "[" REV "]");
    const char *const jobs[] = {gone, there, NULL};
    g_autoptr(GPtrArray) errors = object_import_perform_batch(*state, jobs);
    assert_non_null(errors->pdata[0]);
    assert_null(errors->pdata[1]);
    assert_sql(REVIEWERS, "rev");
    assert_sql("SELECT exception_class, external_identifiers FROM import_failures",
               "ActiveRecord::StatementInvalid|{\"object_type\": \"pull_request_review_request\","
               " \"merge_request_iid\": 15, \"requested_reviewers\": [\"rev\"]}");
}

static void a_redelivered_job_does_not_write_again(void **state)
{
    ObjectImport *import = *state;
    for (guint i = 0; i < 2; i++) {
        import->n_jobs = 0;
        succeeds(import, "[" REV "]");
    }
    assert_sql(REVIEWERS, "rev");
    object_import_assert_counted(import, "pull_request_review_request", "1");
    assert_redis("1", "LLEN", OBJECT_WAITER);
}

/* --- the collection --- */

#define FROM_GITHUB                                                                                          \
    "{\"users\":[{\"id\":6,\"login\":\"bob\",\"type\":\"User\"}],\"teams\":[{\"id\":1,\"name\":\"crew\"}]}"

static void requests_travel_as_ruby_writes_them_without_teams(G_GNUC_UNUSED void **state)
{
    capture(review_requests_schedule);
    assert_represented(FROM_GITHUB, "15",
                       "{\"merge_request_id\":501,\"merge_request_iid\":15,\"users\":[{\"id\":6,\"login\":"
                       "\"bob\"}]}");
    assert_represented("{\"users\":[],\"teams\":[]}", "15",
                       "{\"merge_request_id\":501,\"merge_request_iid\":15,\"users\":[]}");
    assert_people(FROM_GITHUB, "bob ");
    assert_string_equal(captured.collection->worker, CLASS);
    assert_null(captured.collection->fetched_as);
}

static void every_merge_request_is_asked_for(void **state)
{
    pull_request_import_add(*state, 16, 2);
    capture(review_requests_schedule);
    assert_parents(*state, 0, "15 16 ");
    assert_true(captured.parents->single);
    assert_string_equal(captured.collection->path, "pulls/%s/requested_reviewers");
    assert_string_equal(captured.collection->name, "pull_request_review_requests");
    assert_string_equal(captured.parents->done_set,
                        "github-importer/pull_requests/pull_request_review_requests/already-imported/"
                        "%" G_GINT64_FORMAT);
}

#define TEST(name) cmocka_unit_test_setup(name, clear)

int main(void)
{
    log_configure(open("/dev/null", O_WRONLY | O_CLOEXEC), LOG_INFO);
    const struct CMUnitTest tests[] = {
        TEST(everybody_asked_is_a_reviewer_who_has_not_reviewed),
        TEST(nobody_asked_is_done_without_effect),
        TEST(deleted_accounts_are_no_reviewers),
        TEST(who_is_a_reviewer_already_stays_as_they_are),
        TEST(somebody_asked_twice_is_one_reviewer),
        TEST(a_job_may_lack_the_iid),
        TEST(a_merge_request_that_is_gone_fails_alone),
        TEST(a_redelivered_job_does_not_write_again),
        TEST(requests_travel_as_ruby_writes_them_without_teams),
        TEST(every_merge_request_is_asked_for),
    };
    return cmocka_run_group_tests_name("review_request", tests, create, object_import_tear_down);
}
