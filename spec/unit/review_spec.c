/* What becomes of a review: its note, its approval and its reviewer, and what is left out. */
#include "importers/objects/pull_requests/review.h"

#include "importers/objects/issue_event.h"
#include "protocol/log.h"
#include "spec/support/captured_collection.h"
#include "spec/support/pull_request_import.h"

#include <fcntl.h>

#define CLASS  "Gitlab::GithubImport::PullRequests::ImportReviewWorker"
#define SOURCE "Gitlab::GithubImport::Importer::PullRequests::ReviewImporter"
#define MONA   "{\"id\":501,\"login\":\"mona\"}"
#define HUBOT  "{\"id\":502,\"login\":\"hubot\"}"

/* The sample of a job as Ruby writes it. */
#define SAMPLE                                                                                               \
    "{\"merge_request_id\":999999,\"merge_request_iid\":15,\"author\":" MONA ",\"note\":\"Nice, @hubot\","   \
    "\"review_type\":\"APPROVED\",\"submitted_at\":\"2024-01-05 00:01:02 UTC\",\"review_id\":77}"

static int create(void **state)
{
    *state = pull_request_import_new(CLASS, &review_importer, "{}");
    return 0;
}

static int clear(void **state)
{
    pull_request_import_clear(*state);
    return 0;
}

/* The sample with other fields: `fields` is a JSON object. (transfer full) */
static char *review_with(const char *fields_text)
{
    g_autoptr(json_t) review = json_loads(SAMPLE, 0, NULL);
    g_autoptr(json_t) fields = json_loads(fields_text, JSON_ALLOW_NUL, NULL);
    assert_non_null(fields);
    json_object_update(review, fields);
    return json_dump(review);
}

static void succeeds(ObjectImport *import, const char *fields)
{
    g_autofree char *review = review_with(fields);
    object_import_succeeds(import, review);
}

static void perform_all(ObjectImport *import, const char *const *reviews)
{
    g_autoptr(GPtrArray) errors = object_import_perform_batch(import, reviews);
    for (guint i = 0; i < errors->len; i++)
        assert_no_error((GError *)errors->pdata[i]);
}

/* --- the note --- */

static void assert_review_notes(const char *expected)
{
    assert_sql("SELECT coalesce(string_agg(note, ' // ' ORDER BY id), '') FROM notes WHERE NOT system",
               expected);
}

static void a_review_with_a_body_is_a_note(void **state)
{
    succeeds(*state, "{\"review_type\":\"COMMENTED\"}");
    assert_sql("SELECT noteable_type, noteable_id = (SELECT id FROM merge_requests), n.project_id ="
               " (SELECT id FROM projects), u.username, n.note, system, n.created_at, n.updated_at,"
               " imported_from, type, length(discussion_id) FROM notes n JOIN users u ON u.id = author_id",
               "MergeRequest|t|t|mona|**Review:** Commented\n\nNice, @hubot|f|2024-01-05 00:01:02|"
               "2024-01-05 00:01:02|4||40");
    timeline_import_assert_references(*state, "MergeRequestReviewer.user_id of mona,Note.author_id of mona");
    object_import_assert_counted(*state, "pull_request_review", "1");
}

static void types_read_as_words(void **state)
{
    static const char *const types[][2] = {{"APPROVED", "Approved"},
                                           {"CHANGES_REQUESTED", "Changes requested"},
                                           {"COMMENTED", "Commented"},
                                           {"DISMISSED", "Dismissed"},
                                           {"PENDING", "Pending"}};
    for (guint i = 0; i < G_N_ELEMENTS(types); i++) {
        g_autofree char *fields = g_strdup_printf("{\"review_type\":\"%s\",\"note\":\"x\"}", types[i][0]);
        g_autofree char *expected = g_strdup_printf("**Review:** %s\n\nx", types[i][1]);
        clear(state);
        succeeds(*state, fields);
        assert_review_notes(expected);
    }
}

static void a_review_without_body_is_no_note(void **state)
{
    succeeds(*state, "{\"note\":\"\",\"review_type\":\"COMMENTED\"}");
    assert_sql("SELECT count(*) FROM notes", "0");
    assert_sql("SELECT count(*) FROM merge_request_reviewers", "1");
}

static void a_body_of_blanks_is_a_note_without_it(void **state)
{
    succeeds(*state, "{\"note\":\" \\n\",\"review_type\":\"COMMENTED\"}");
    assert_review_notes("**Review:** Commented");
}

static void a_body_loses_nul(void **state)
{
    succeeds(*state, "{\"note\":\"a\\u0000b\",\"review_type\":\"COMMENTED\"}");
    assert_review_notes("**Review:** Commented\n\nab");
}

static void assert_failure(const char *message)
{
    g_autofree char *expected =
        g_strdup_printf(SOURCE "|NoMethodError|%s|{\"review_id\": 77, \"object_type\":"
                               " \"pull_request_review\", \"merge_request_iid\": %s}",
                        message, strstr(message, "exist") ? "16" : "15");
    assert_sql("SELECT source, exception_class, exception_message, external_identifiers FROM import_failures",
               expected);
    assert_sql("SELECT (SELECT count(*) FROM notes) + (SELECT count(*) FROM approvals)", "0");
    assert_redis("1", "LLEN", OBJECT_WAITER);
}

static void a_review_whose_body_is_null_is_recorded(void **state)
{
    succeeds(*state, "{\"note\":null}");
    assert_failure("the representation of a review has no note");
}

static void a_review_without_type_is_recorded(void **state)
{
    succeeds(*state, "{\"review_type\":null}");
    assert_failure("the representation of a review has no review_type");
}

static void a_review_of_an_unknown_merge_request_is_recorded(void **state)
{
    succeeds(*state, "{\"merge_request_iid\":16}");
    assert_failure("the review's merge request does not exist");
}

static void a_body_that_is_too_long_is_refused(void **state)
{
    g_autofree char *body = g_strnfill(1000000, 'x');
    g_autofree char *fields = g_strdup_printf("{\"note\":\"%s\"}", body);
    succeeds(*state, fields);
    assert_sql("SELECT exception_class, exception_message FROM import_failures",
               "ActiveRecord::RecordInvalid|Validation failed: Note is too long (maximum is 1000000 "
               "characters)");
    assert_sql("SELECT count(*) FROM approvals", "0");
}

static void a_review_never_submitted_is_of_the_merge_requests_last_change(void **state)
{
    succeeds(*state, "{\"submitted_at\":null}");
    assert_sql("SELECT DISTINCT created_at, updated_at FROM notes",
               "2024-03-01 10:00:00|2024-03-01 10:00:00");
    assert_sql("SELECT created_at FROM approvals", "2024-03-01 10:00:00");
    assert_sql("SELECT created_at FROM merge_request_reviewers", "2024-03-01 10:00:00+00");
}

static void a_blank_time_is_none(void **state)
{
    succeeds(*state, "{\"submitted_at\":\"\"}");
    assert_sql("SELECT created_at FROM approvals", "2024-03-01 10:00:00");
}

static void a_deleted_account_is_the_ghost(void **state)
{
    succeeds(*state, "{\"author\":null}");
    assert_sql("SELECT DISTINCT u.user_type FROM notes n JOIN users u ON u.id = n.author_id", "5");
    assert_sql("SELECT u.user_type FROM approvals a JOIN users u ON u.id = a.user_id", "5");
    timeline_import_assert_references(*state, "");
}

/* As GitLab before 16 has left in a queue. */
static void a_job_without_iid_names_the_merge_request_by_its_id(void **state)
{
    g_autofree char *fields = g_strdup_printf(
        "{\"merge_request_iid\":null,\"merge_request_id\":%" G_GINT64_FORMAT "}", pull_request_import_id());
    succeeds(*state, fields);
    assert_sql("SELECT count(*) FROM notes", "2");
}

/* --- the approval --- */

static void an_approval_is_a_row_and_a_system_note(void **state)
{
    succeeds(*state, "{\"note\":\"\"}");
    assert_sql("SELECT merge_request_id = (SELECT id FROM merge_requests), u.username, a.created_at,"
               " a.updated_at, a.project_id = (SELECT id FROM projects), patch_id_sha FROM approvals a"
               " JOIN users u ON u.id = user_id",
               "t|mona|2024-01-05 00:01:02|2024-01-05 00:01:02|t|");
    assert_sql("SELECT n.note, system, imported_from, noteable_type, u.username, n.created_at, n.updated_at,"
               " m.action, m.created_at > now() - interval '1 hour', m.updated_at = m.created_at,"
               " m.namespace_id = (SELECT project_namespace_id FROM projects) FROM notes n"
               " JOIN system_note_metadata m ON m.note_id = n.id JOIN users u ON u.id = author_id",
               "approved this merge request|t|0|MergeRequest|mona|2024-01-05 00:01:02|2024-01-05 00:01:02|"
               "approved|t|t|t");
    timeline_import_assert_references(*state, "Approval.user_id of mona,MergeRequestReviewer.user_id of "
                                              "mona,Note.author_id of mona");
}

static void the_note_and_the_system_note_are_discussions_of_their_own(void **state)
{
    succeeds(*state, "{}");
    assert_review_notes("**Review:** Approved\n\nNice, @hubot");
    assert_sql("SELECT count(*), count(DISTINCT discussion_id) FROM notes", "2|2");
    timeline_import_assert_references(*state, "Approval.user_id of mona,MergeRequestReviewer.user_id of mona,"
                                              "Note.author_id of mona,Note.author_id of mona");
}

static void only_approvals_approve(void **state)
{
    static const char *const types[] = {"CHANGES_REQUESTED", "COMMENTED", "DISMISSED", "PENDING", "approved"};
    for (guint i = 0; i < G_N_ELEMENTS(types); i++) {
        g_autofree char *fields =
            g_strdup_printf("{\"review_type\":\"%s\",\"review_id\":%u}", types[i], i + 1);
        succeeds(*state, fields);
    }
    assert_sql("SELECT count(*) FROM approvals", "0");
    assert_sql("SELECT count(*), bool_or(system) FROM notes", "5|f");
}

static void a_dismissal_takes_no_approval_back(void **state)
{
    succeeds(*state, "{}");
    succeeds(*state, "{\"review_id\":78,\"review_type\":\"DISMISSED\"}");
    assert_sql("SELECT count(*) FROM approvals", "1");
}

/* One approval, one system note and one reference to either. */
static void assert_approved_once(const ObjectImport *import)
{
    g_autofree char *references = object_import_references(import);
    guint of_approvals = 0;
    for (const char *at = references; (at = strstr(at, "\"Approval\"")); at++)
        of_approvals++;
    assert_int_equal(of_approvals, 1);
    assert_sql("SELECT count(*) FROM approvals", "1");
    assert_sql("SELECT count(*) FROM notes WHERE system", "1");
    assert_sql("SELECT count(*) FROM system_note_metadata", "1");
    assert_sql("SELECT count(*) FROM import_failures", "0");
}

static void a_second_approval_tells_nothing(void **state)
{
    succeeds(*state, "{\"note\":\"\"}");
    succeeds(*state, "{\"note\":\"\",\"review_id\":78}");
    assert_approved_once(*state);
}

static void of_two_approvals_in_a_batch_the_first_counts(void **state)
{
    g_autofree char *second = review_with("{\"review_id\":78,\"submitted_at\":\"2024-01-06 00:00:00 UTC\"}");
    g_autofree char *of_another = review_with("{\"review_id\":79,\"author\":" HUBOT "}");
    const char *const both[] = {SAMPLE, second, NULL};
    perform_all(*state, both);
    assert_approved_once(*state);
    assert_sql("SELECT created_at FROM approvals", "2024-01-05 00:01:02");
    object_import_succeeds(*state, of_another);
    assert_sql("SELECT count(*) FROM approvals", "2");
}

/* Another process's approval is committed between the look-up and the write: a trigger plays it. */
static void an_approval_that_comes_in_between_has_no_second_note(void **state)
{
    g_autofree char *trigger = private_gitlab_sql(
        "CREATE FUNCTION spec.approve() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        "  INSERT INTO approvals (merge_request_id, user_id) SELECT m.id, u.id FROM merge_requests m, users u"
        "  WHERE u.username = 'mona' ON CONFLICT DO NOTHING; RETURN NEW; END $$;"
        "CREATE TRIGGER approve BEFORE INSERT ON hubferry.receipts FOR EACH ROW"
        "  EXECUTE FUNCTION spec.approve()");
    g_autofree char *of_another = review_with("{\"review_id\":79,\"author\":" HUBOT "}");
    const char *const both[] = {SAMPLE, of_another, NULL};
    perform_all(*state, both);
    g_autofree char *dropped = private_gitlab_sql("DROP TRIGGER approve ON hubferry.receipts;"
                                                  "DROP FUNCTION spec.approve");
    assert_sql("SELECT string_agg(u.username, ',' ORDER BY u.username) FROM approvals a JOIN users u"
               " ON u.id = a.user_id",
               "hubot,mona");
    assert_sql("SELECT string_agg(u.username, ',') FROM notes n JOIN users u ON u.id = n.author_id"
               " JOIN system_note_metadata m ON m.note_id = n.id",
               "hubot");
    assert_sql("SELECT count(*) FROM import_failures", "0");
}

/* --- the reviewer --- */

static void the_author_is_a_reviewer_who_has_reviewed(void **state)
{
    succeeds(*state, "{\"note\":\"\",\"review_type\":\"CHANGES_REQUESTED\"}");
    assert_sql("SELECT merge_request_id = (SELECT id FROM merge_requests), u.username, r.state, r.created_at,"
               " r.updated_at > now() - interval '1 hour', r.project_id = (SELECT id FROM projects)"
               " FROM merge_request_reviewers r JOIN users u ON u.id = user_id",
               "t|mona|1|2024-01-05 00:01:02+00|t|t");
    timeline_import_assert_references(*state, "MergeRequestReviewer.user_id of mona");
}

static void a_reviewer_who_is_there_keeps_their_state(void **state)
{
    g_autofree char *already = private_gitlab_sql(
        "INSERT INTO merge_request_reviewers (merge_request_id, user_id, state, created_at)"
        " SELECT m.id, u.id, 0, now() FROM merge_requests m, users u WHERE u.username = 'mona'");
    succeeds(*state, "{\"note\":\"\",\"review_type\":\"COMMENTED\"}");
    assert_sql("SELECT count(*), min(state) FROM merge_request_reviewers", "1|0");
    timeline_import_assert_references(*state, "");
}

static void who_reviews_twice_is_one_reviewer(void **state)
{
    g_autofree char *second = review_with("{\"review_id\":78}");
    const char *const both[] = {SAMPLE, second, NULL};
    perform_all(*state, both);
    assert_sql("SELECT count(*) FROM merge_request_reviewers", "1");
    assert_sql("SELECT count(*) FROM notes WHERE NOT system", "2");
}

/* --- exactly once --- */

static void a_redelivered_job_does_not_write_again(void **state)
{
    ObjectImport *import = *state;
    for (guint i = 0; i < 2; i++) {
        import->n_jobs = 0;
        object_import_succeeds(import, SAMPLE);
    }
    assert_sql("SELECT count(*) FROM notes", "2");
    assert_approved_once(import);
    object_import_assert_counted(import, "pull_request_review", "1");
    assert_redis("1", "LLEN", OBJECT_WAITER);
}

static void the_same_review_from_the_timeline_is_imported_once(void **state)
{
    ObjectImport *import = *state;
    object_import_succeeds(import, SAMPLE);
    import->classes[0].importer = &issue_event_importer;
    object_import_succeeds(import, "{\"id\":77,\"event\":\"reviewed\",\"actor\":" MONA ",\"body\":\"Nice\","
                                   "\"state\":\"approved\",\"submitted_at\":\"2024-01-05 00:01:02 UTC\","
                                   "\"issue\":{\"number\":15,\"pull_request\":true}}");
    import->classes[0].importer = &review_importer;
    assert_sql("SELECT count(*) FROM notes", "2");
    assert_approved_once(import);
    assert_sql("SELECT kind, key FROM hubferry.receipts", "pull_request_review|77");
}

static void one_that_fails_leaves_the_others_alone(void **state)
{
    g_autofree char *unknown = review_with("{\"review_id\":78,\"merge_request_iid\":16}");
    g_autofree char *third = review_with("{\"review_id\":79,\"author\":" HUBOT "}");
    const char *const reviews[] = {SAMPLE, unknown, third, NULL};
    perform_all(*state, reviews);
    assert_sql("SELECT count(*) FROM approvals", "2");
    assert_sql("SELECT external_identifiers->>'review_id' FROM import_failures", "78");
}

/* --- without user mapping --- */

static int create_unmapped(void **state)
{
    ObjectImport *import =
        pull_request_import_new(CLASS, &review_importer, "{\"user_contribution_mapping_enabled\":false}");
    object_import_make_older(import);
    *state = import;
    return 0;
}

/* Nobody has mona's address. */
static int clear_unmapped(void **state)
{
    clear(state);
    assert_redis("OK", "SET", "cache:gitlab:github-import/user-finder/email-for-username/mona",
                 "mona@example.org");
    return 0;
}

static void a_reviewer_nobody_stands_for_is_named_by_the_projects_creator(void **state)
{
    succeeds(*state, "{}");
    assert_sql(
        "SELECT n.note, system, author_id = (SELECT creator_id FROM projects), n.created_at FROM notes n",
        "*Created by: mona*\n\n**Review:** Approved\n\nNice, `@hubot`|f|t|2024-01-05 00:01:02");
    assert_sql("SELECT (SELECT count(*) FROM approvals) + (SELECT count(*) FROM merge_request_reviewers)",
               "0");
    timeline_import_assert_references(*state, "");
}

static void their_approval_without_body_is_a_note_too(void **state)
{
    succeeds(*state, "{\"note\":\"\"}");
    assert_review_notes("*Created by: mona*\n\n**Review:** Approved");
}

static void their_other_reviews_without_body_are_nothing(void **state)
{
    succeeds(*state, "{\"note\":\"\",\"review_type\":\"CHANGES_REQUESTED\"}");
    assert_sql("SELECT (SELECT count(*) FROM notes) + (SELECT count(*) FROM merge_request_reviewers)", "0");
}

static void somebody_who_is_found_reviews_as_themselves(void **state)
{
    assert_redis("OK", "SET", "cache:gitlab:github-import/user-finder/email-for-username/mona",
                 "mona@example.com");
    succeeds(*state, "{}");
    assert_sql("SELECT count(*) FROM approvals", "1");
    assert_review_notes("**Review:** Approved\n\nNice, @hubot");
    timeline_import_assert_references(*state, "");
}

/* --- the collection --- */

#define FROM_GITHUB                                                                                          \
    "{\"id\":77,\"user\":{\"id\":6,\"login\":\"bob\",\"type\":\"User\"},\"state\":\"APPROVED\","             \
    "\"body\":\"Nice\",\"submitted_at\":\"2024-01-05T00:00:00Z\",\"commit_id\":\"1\"}"

static void a_review_travels_as_ruby_writes_it(G_GNUC_UNUSED void **state)
{
    capture(reviews_schedule);
    assert_represented(FROM_GITHUB, "77",
                       "{\"merge_request_id\":501,\"merge_request_iid\":15,\"author\":{\"id\":6,\"login\":"
                       "\"bob\"},\"note\":\"Nice\",\"review_type\":\"APPROVED\",\"submitted_at\":"
                       "\"2024-01-05 00:00:00 UTC\",\"review_id\":77}");
    assert_represented("{\"id\":78,\"user\":null,\"state\":\"PENDING\",\"body\":\"\"}", "78",
                       "{\"merge_request_id\":501,\"merge_request_iid\":15,\"author\":null,\"note\":\"\","
                       "\"review_type\":\"PENDING\",\"submitted_at\":null,\"review_id\":78}");
    assert_people(FROM_GITHUB, "bob ");
    assert_string_equal(captured.collection->fetched_as(NULL), "pull_request_review");
    assert_string_equal(captured.collection->worker, CLASS);
}

static void reviews_are_listed_merge_request_by_merge_request(void **state)
{
    pull_request_import_add(*state, 16, 3);
    capture(reviews_schedule);
    assert_parents(*state, 0, "15 16 ");
    assert_parents(*state, 15, "16 ");
    assert_string_equal(captured.collection->path, "pulls/%s/reviews");
    assert_string_equal(captured.collection->name, "pull_request_reviews");
}

static void merge_requests_that_are_done_are_kept_as_ruby_keeps_them(G_GNUC_UNUSED void **state)
{
    capture(reviews_schedule);
    assert_string_equal(captured.parents->done_set,
                        "github-importer/merge_request/already-imported/%" G_GINT64_FORMAT);
    assert_string_equal(captured.parents->done_set_key, "id");
    assert_string_equal(captured.parents->page_counter, "merge_request/%s/pull_request_reviews");
    assert_string_equal(captured.parents->page_counter_key, "id");
}

#define TEST(name)     cmocka_unit_test_setup(name, clear)
#define UNMAPPED(name) cmocka_unit_test_setup(name, clear_unmapped)

int main(void)
{
    log_configure(open("/dev/null", O_WRONLY | O_CLOEXEC), LOG_INFO);
    const struct CMUnitTest tests[] = {
        TEST(a_review_with_a_body_is_a_note),
        TEST(types_read_as_words),
        TEST(a_review_without_body_is_no_note),
        TEST(a_body_of_blanks_is_a_note_without_it),
        TEST(a_body_loses_nul),
        TEST(a_review_whose_body_is_null_is_recorded),
        TEST(a_review_without_type_is_recorded),
        TEST(a_review_of_an_unknown_merge_request_is_recorded),
        TEST(a_body_that_is_too_long_is_refused),
        TEST(a_review_never_submitted_is_of_the_merge_requests_last_change),
        TEST(a_blank_time_is_none),
        TEST(a_deleted_account_is_the_ghost),
        TEST(a_job_without_iid_names_the_merge_request_by_its_id),
        TEST(an_approval_is_a_row_and_a_system_note),
        TEST(the_note_and_the_system_note_are_discussions_of_their_own),
        TEST(only_approvals_approve),
        TEST(a_dismissal_takes_no_approval_back),
        TEST(a_second_approval_tells_nothing),
        TEST(of_two_approvals_in_a_batch_the_first_counts),
        TEST(an_approval_that_comes_in_between_has_no_second_note),
        TEST(the_author_is_a_reviewer_who_has_reviewed),
        TEST(a_reviewer_who_is_there_keeps_their_state),
        TEST(who_reviews_twice_is_one_reviewer),
        TEST(a_redelivered_job_does_not_write_again),
        TEST(the_same_review_from_the_timeline_is_imported_once),
        TEST(one_that_fails_leaves_the_others_alone),
        TEST(a_review_travels_as_ruby_writes_it),
        TEST(reviews_are_listed_merge_request_by_merge_request),
        TEST(merge_requests_that_are_done_are_kept_as_ruby_keeps_them),
    };
    const struct CMUnitTest unmapped[] = {
        UNMAPPED(a_reviewer_nobody_stands_for_is_named_by_the_projects_creator),
        UNMAPPED(their_approval_without_body_is_a_note_too),
        UNMAPPED(their_other_reviews_without_body_are_nothing),
        UNMAPPED(somebody_who_is_found_reviews_as_themselves),
    };
    return cmocka_run_group_tests_name("review", tests, create, object_import_tear_down) +
           cmocka_run_group_tests_name("review without user mapping", unmapped, create_unmapped,
                                       object_import_tear_down);
}
