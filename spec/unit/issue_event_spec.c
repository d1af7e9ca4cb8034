/* What becomes of each kind of event: the rows, their people and times, and what is left out. */
#include "importers/objects/issue_event.h"

#include "importers/objects/note.h"
#include "protocol/log.h"
#include "spec/support/timeline_import.h"

#include <fcntl.h>

#define CLASS  "Gitlab::GithubImport::ImportIssueEventWorker"
#define SOURCE "Gitlab::GithubImport::Importer::IssueEventImporter"
#define MONA   "{\"id\":501,\"login\":\"mona\"}"
#define COMMIT "0123456789abcdef0123456789abcdef01234567"

/* The sample of a job as Ruby writes it. */
#define SAMPLE                                                                                               \
    "{\"id\":9001,\"actor\":" MONA ",\"event\":\"closed\",\"commit_id\":null,\"label_title\":null,"          \
    "\"old_title\":null,\"new_title\":null,\"milestone_title\":null,"                                        \
    "\"issue\":{\"number\":12,\"pull_request\":false},\"source\":null,\"assignee\":null,"                    \
    "\"requested_reviewer\":null,\"review_requester\":null,\"created_at\":\"2024-05-06 07:08:09 UTC\","      \
    "\"updated_at\":null,\"submitted_at\":null,\"state\":null,\"body\":null}"

static int create(void **state)
{
    *state = timeline_import_new(CLASS, &issue_event_importer, "{}");
    return 0;
}

static int clear(void **state)
{
    timeline_import_clear(*state);
    return 0;
}

/* The sample with other fields: `fields` is a JSON object. (transfer full) */
static char *event_with(const char *fields_text)
{
    g_autoptr(json_t) event = json_loads(SAMPLE, 0, NULL);
    g_autoptr(json_t) fields = json_loads(fields_text, JSON_ALLOW_NUL, NULL);
    assert_non_null(fields);
    json_object_update(event, fields);
    return json_dump(event);
}

static GError *perform(ObjectImport *import, const char *fields)
{
    g_autofree char *event = event_with(fields);
    return object_import_perform(import, event);
}

static void succeeds(ObjectImport *import, const char *fields)
{
    g_autoptr(GError) error = perform(import, fields);
    assert_no_error(error);
}

static void on_merge_request(ObjectImport *import, const char *name, const char *fields)
{
    g_autofree char *all =
        g_strdup_printf("{\"event\":\"%s\",\"issue\":{\"number\":15,\"pull_request\":true}%s}", name, fields);
    succeeds(import, all);
}

/* How many rows there are in all tables that events write. */
static void assert_rows(const char *expected)
{
    assert_sql("SELECT (SELECT count(*) FROM events) + (SELECT count(*) FROM resource_state_events)"
               " + (SELECT count(*) FROM resource_label_events) + (SELECT count(*) FROM"
               " resource_milestone_events) + (SELECT count(*) FROM notes) + (SELECT count(*) FROM"
               " system_note_metadata) + (SELECT count(*) FROM merge_request_metrics)",
               expected);
}

/* --- closed, reopened, merged --- */

static void assert_event(const char *expected)
{
    assert_sql("SELECT e.project_id = (SELECT id FROM projects), u.username, action, target_type,"
               " target_id = CASE target_type WHEN 'Issue' THEN (SELECT id FROM issues)"
               " ELSE (SELECT id FROM merge_requests) END, e.created_at, e.updated_at = e.created_at,"
               " imported_from, e.group_id, fingerprint FROM events e JOIN users u ON u.id = author_id",
               expected);
}

static void assert_state_event(const char *expected)
{
    assert_sql("SELECT u.username, issue_id = (SELECT id FROM issues), merge_request_id = (SELECT id FROM"
               " merge_requests), r.state, source_commit, close_after_error_tracking_resolve,"
               " close_auto_resolve_prometheus_alert, r.created_at, imported_from,"
               " r.namespace_id = (SELECT project_namespace_id FROM projects)"
               " FROM resource_state_events r JOIN users u ON u.id = user_id",
               expected);
}

static void closing_is_an_event_and_a_state_event(void **state)
{
    object_import_succeeds(*state, SAMPLE);
    assert_event("t|mona|3|Issue|t|2024-05-06 07:08:09+00|t|4||");
    assert_state_event("mona|t||2||f|f|2024-05-06 07:08:09+00|4|t");
    assert_rows("2");
    timeline_import_assert_references(*state, "Event.author_id of mona,ResourceStateEvent.user_id of mona");
    object_import_assert_counted(*state, "issue_event", "1");
}

static void closing_by_a_commit_names_it(void **state)
{
    succeeds(*state, "{\"commit_id\":\"" COMMIT "\"}");
    assert_state_event("mona|t||2|" COMMIT "|f|f|2024-05-06 07:08:09+00|4|t");
}

static void a_commit_of_more_than_40_characters_is_refused(void **state)
{
    succeeds(*state, "{\"commit_id\":\"" COMMIT "0\"}");
    assert_sql("SELECT exception_class FROM import_failures", "ActiveRecord::RecordInvalid");
    assert_rows("0");
}

static void reopening_names_no_commit(void **state)
{
    succeeds(*state, "{\"event\":\"reopened\",\"commit_id\":\"" COMMIT "\"}");
    assert_event("t|mona|4|Issue|t|2024-05-06 07:08:09+00|t|4||");
    assert_state_event("mona|t||5||f|f|2024-05-06 07:08:09+00|4|t");
}

static void events_of_merge_requests_name_them(void **state)
{
    on_merge_request(*state, "closed", "");
    assert_event("t|mona|3|MergeRequest|t|2024-05-06 07:08:09+00|t|4||");
    assert_state_event("mona||t|2||f|f|2024-05-06 07:08:09+00|4|t");
}

static void assert_metrics(const char *expected)
{
    assert_sql("SELECT merge_request_id = (SELECT id FROM merge_requests), target_project_id = (SELECT id"
               " FROM projects), u.username, merged_at, m.created_at > now() - interval '1 hour',"
               " m.updated_at = m.created_at FROM merge_request_metrics m LEFT JOIN users u"
               " ON u.id = merged_by_id",
               expected);
}

static void merging_is_also_a_row_of_metrics(void **state)
{
    on_merge_request(*state, "merged", ",\"commit_id\":\"" COMMIT "\"");
    assert_event("t|mona|7|MergeRequest|t|2024-05-06 07:08:09+00|t|4||");
    assert_state_event("mona||t|3|" COMMIT "|f|f|2024-05-06 07:08:09+00|4|t");
    assert_metrics("t|t|mona|2024-05-06 07:08:09|t|t");
    assert_rows("3");
    timeline_import_assert_references(*state, "Event.author_id of mona,MergeRequest::Metrics.merged_by_id of"
                                              " mona,ResourceStateEvent.user_id of mona");
    object_import_assert_counted(*state, "pull_request_merged_by", "1");
}

static void an_old_merge_keeps_its_metrics_and_its_state_event(void **state)
{
    on_merge_request(*state, "merged", ",\"created_at\":\"2012-05-06 07:08:09 UTC\"");
    assert_metrics("t|t|mona|2012-05-06 07:08:09|t|t");
    assert_rows("2");
    assert_sql("SELECT count(*) FROM events", "0");
}

static void metrics_that_exist_are_overwritten(void **state)
{
    const ObjectImport *import = *state;
    gint64 id = private_gitlab_integer(
        "INSERT INTO merge_request_metrics (merge_request_id, target_project_id, merged_at, created_at,"
        " updated_at) SELECT id, target_project_id, '2020-01-01', '2020-01-01', '2020-01-01'"
        " FROM merge_requests RETURNING id");
    on_merge_request(*state, "merged", "");
    assert_metrics("t|t|mona|2024-05-06 07:08:09|t|t");
    assert_int_equal(private_gitlab_integer("SELECT id FROM merge_request_metrics"), id);
    g_autofree char *key = g_strdup_printf("cache:gitlab:placeholder-references:github:%" G_GINT64_FORMAT,
                                           import->project->import_state_id);
    g_autofree char *references = private_gitlab_redis("SMEMBERS", key, NULL);
    g_autofree char *numeric_key = g_strdup_printf(",%" G_GINT64_FORMAT ",", id);
    const char *reference = strstr(references, "MergeRequest::Metrics");
    assert_non_null(reference);
    assert_true(strstr(reference, numeric_key) != NULL);
}

static void merged_twice_the_later_time_counts(void **state)
{
    g_autofree char *early =
        event_with("{\"id\":1,\"event\":\"merged\",\"issue\":{\"number\":15,\"pull_request\":true}}");
    g_autofree char *late =
        event_with("{\"id\":2,\"event\":\"merged\",\"issue\":{\"number\":15,\"pull_request\":true},"
                   "\"created_at\":\"2024-05-07 07:08:09 UTC\"}");
    const char *const events[] = {late, early, NULL};
    g_autoptr(GPtrArray) errors = object_import_perform_batch(*state, events);
    assert_metrics("t|t|mona|2024-05-07 07:08:09|t|t");
}

static void without_mapping_a_note_says_who_merged(G_GNUC_UNUSED void **state)
{
    ObjectImport *import =
        timeline_import_new(CLASS, &issue_event_importer, "{\"user_contribution_mapping_enabled\":false}");
    object_import_make_older(import);
    assert_redis("OK", "SET", "cache:gitlab:github-import/user-finder/email-for-username/mona",
                 "mona@example.com");
    on_merge_request(import, "merged", "");
    assert_metrics("t|t|mona|2024-05-06 07:08:09|t|t");
    assert_sql("SELECT n.note, system, author_id = (SELECT creator_id FROM projects), noteable_type,"
               " n.created_at FROM notes n",
               "*Merged by: mona at 2024-05-06 07:08:09 UTC*|f|t|MergeRequest|2024-05-06 07:08:09");
    timeline_import_assert_references(import, "");
    object_import_free(import);
}

/* --- old events --- */

/* Performs the sample as of `age` (an interval of PostgreSQL's) ago. */
static void perform_aged(ObjectImport *import, const char *age)
{
    g_autofree char *sql = g_strdup_printf(
        "SELECT to_char((now() - interval '%s') AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS \"UTC\"')", age);
    g_autofree char *time = private_gitlab_sql(sql);
    g_autofree char *fields = g_strdup_printf("{\"created_at\":\"%s\"}", time);
    succeeds(import, fields);
}

static void assert_events(const char *events, const char *state_events)
{
    assert_sql("SELECT count(*) FROM events", events);
    assert_sql("SELECT count(*) FROM resource_state_events", state_events);
}

static void events_that_gitlab_would_prune_are_left_out(void **state)
{
    perform_aged(*state, "3 years 1 day 1 minute");
    assert_events("0", "1");
}

static void younger_events_are_kept(void **state)
{
    perform_aged(*state, "3 years 23 hours");
    assert_events("1", "1");
}

static void without_pruning_old_events_are_kept(void **state)
{
    g_autofree char *off = private_gitlab_sql("INSERT INTO features (key, created_at, updated_at)"
                                              " VALUES ('ops_prune_old_events', now(), now())");
    perform_aged(*state, "5 years");
    assert_events("1", "1");
}

static void pruning_may_be_switched_on_by_hand(void **state)
{
    g_autofree char *on = private_gitlab_sql(
        "INSERT INTO features (key, created_at, updated_at) VALUES ('ops_prune_old_events', now(), now());"
        "INSERT INTO feature_gates (feature_key, key, value, created_at, updated_at)"
        " VALUES ('ops_prune_old_events', 'boolean', 'true', now(), now())");
    perform_aged(*state, "5 years");
    assert_events("0", "1");
}

/* --- labels and milestones --- */

static void assert_label_event(const char *expected)
{
    assert_sql("SELECT u.username, issue_id = (SELECT id FROM issues), merge_request_id = (SELECT id FROM"
               " merge_requests), label_id = (SELECT id FROM labels), action, r.created_at, imported_from,"
               " reference, r.namespace_id = (SELECT project_namespace_id FROM projects)"
               " FROM resource_label_events r JOIN users u ON u.id = user_id",
               expected);
}

static void labels_are_added_and_removed(void **state)
{
    succeeds(*state, "{\"id\":1,\"event\":\"labeled\",\"label_title\":\"bug\"}");
    assert_label_event("mona|t||t|1|2024-05-06 07:08:09+00|4||t");
    g_autofree char *deleted = private_gitlab_sql("DELETE FROM resource_label_events");
    on_merge_request(*state, "unlabeled", ",\"id\":2,\"label_title\":\"bug\"");
    assert_label_event("mona||t|t|2|2024-05-06 07:08:09+00|4||t");
    timeline_import_assert_references(
        *state, "ResourceLabelEvent.user_id of mona,ResourceLabelEvent.user_id of mona");
}

static void an_unknown_label_leaves_its_event(void **state)
{
    succeeds(*state, "{\"event\":\"labeled\",\"label_title\":\"gone\"}");
    assert_label_event("mona|t|||1|2024-05-06 07:08:09+00|4||t");
}

static void a_label_event_without_title_is_one_without_label(void **state)
{
    succeeds(*state, "{\"event\":\"labeled\"}");
    assert_label_event("mona|t|||1|2024-05-06 07:08:09+00|4||t");
}

static void assert_milestone_event(const char *expected)
{
    assert_sql("SELECT u.username, issue_id = (SELECT id FROM issues), merge_request_id = (SELECT id FROM"
               " merge_requests), milestone_id = (SELECT id FROM milestones), action, r.state, r.created_at,"
               " imported_from, r.namespace_id = (SELECT project_namespace_id FROM projects)"
               " FROM resource_milestone_events r JOIN users u ON u.id = user_id",
               expected);
}

static void milestones_are_found_by_title(void **state)
{
    succeeds(*state, "{\"id\":1,\"event\":\"milestoned\",\"milestone_title\":\"v1\"}");
    assert_milestone_event("mona|t||t|1|1|2024-05-06 07:08:09+00|4|t");
    g_autofree char *deleted = private_gitlab_sql("DELETE FROM resource_milestone_events");
    on_merge_request(*state, "demilestoned", ",\"id\":2,\"milestone_title\":\"v1\"");
    assert_milestone_event("mona||t|t|2|1|2024-05-06 07:08:09+00|4|t");
    timeline_import_assert_references(
        *state, "ResourceMilestoneEvent.user_id of mona,ResourceMilestoneEvent.user_id of mona");
}

static void an_unknown_milestone_writes_nothing(void **state)
{
    succeeds(*state, "{\"event\":\"milestoned\",\"milestone_title\":\"gone\"}");
    assert_rows("0");
    assert_sql("SELECT count(*) FROM import_failures", "0");
    object_import_assert_counted(*state, "issue_event", "1");
}

/* --- system notes --- */

#define SYSTEM_NOTE                                                                                          \
    "SELECT noteable_type, noteable_id = CASE noteable_type WHEN 'Issue' THEN (SELECT id FROM issues)"       \
    " ELSE (SELECT id FROM merge_requests) END, u.username, n.note, system, type, imported_from, action,"    \
    " discussion_id ~ '^[0-9a-f]{40}$', n.namespace_id, m.namespace_id = (SELECT project_namespace_id FROM"  \
    " projects), commit_count FROM notes n JOIN system_note_metadata m ON m.note_id = n.id"                  \
    " JOIN users u ON u.id = author_id"

#define SYSTEM_NOTE_TEXT                                                                                     \
    "SELECT action || ': ' || n.note FROM notes n JOIN system_note_metadata m ON m.note_id = n.id"

/* The times of a note and its metadata, all the event's own. */
static void assert_times_of_event(void)
{
    assert_sql("SELECT n.created_at, n.updated_at = n.created_at, m.created_at = n.created_at,"
               " m.updated_at = n.created_at FROM notes n JOIN system_note_metadata m ON m.note_id = n.id",
               "2024-05-06 07:08:09|t|t|t");
}

static void assert_note_text(ObjectImport *import, const char *fields, const char *expected)
{
    g_autofree char *deleted = private_gitlab_sql("DELETE FROM system_note_metadata; DELETE FROM notes; "
                                                  "DELETE FROM hubferry.receipts");
    succeeds(import, fields);
    assert_sql(SYSTEM_NOTE_TEXT, expected);
}

static void renaming_is_a_system_note_with_change_marks(void **state)
{
    succeeds(*state, "{\"event\":\"renamed\",\"old_title\":\"Fix login bug\","
                     "\"new_title\":\"Fix logout bug\"}");
    assert_sql(SYSTEM_NOTE, "Issue|t|mona|changed title from **Fix log{-in-} bug** to **Fix log{+out+} bug**"
                            "|t||4|title|t||t|");
    assert_times_of_event();
    timeline_import_assert_references(*state, "Note.author_id of mona");
}

static void titles_lose_nul_and_keep_emoji(void **state)
{
    assert_note_text(*state,
                     "{\"event\":\"renamed\",\"old_title\":\"a\\u0000 \xf0\x9f\x9a\x80\","
                     "\"new_title\":\"b \xf0\x9f\x9a\x80\"}",
                     "title: changed title from **{-a-} \xf0\x9f\x9a\x80** to **{+b+} \xf0\x9f\x9a\x80**");
}

/* There the model itself fills it in. */
static void an_older_gitlab_has_the_namespace_in_system_notes_too(G_GNUC_UNUSED void **state)
{
    ObjectImport *import = timeline_import_new(CLASS, &issue_event_importer, "{}");
    object_import_make_older(import);
    succeeds(import, "{\"event\":\"assigned\",\"assignee\":" MONA "}");
    assert_sql("SELECT n.namespace_id = p.project_namespace_id FROM notes n JOIN projects p"
               " ON p.id = n.project_id",
               "t");
    object_import_free(import);
}

static void assignees_are_named_by_their_github_login(void **state)
{
    assert_note_text(*state, "{\"event\":\"assigned\",\"assignee\":{\"id\":502,\"login\":\"hubot\"}}",
                     "assignee: assigned to `@hubot`");
    assert_times_of_event();
    assert_note_text(*state, "{\"event\":\"unassigned\",\"assignee\":{\"id\":502,\"login\":\"hubot\"}}",
                     "assignee: unassigned `@hubot`");
    assert_note_text(*state, "{\"event\":\"assigned\"}", "assignee: assigned to `@ghost`");
}

#define REVIEW_REQUEST                                                                                       \
    ",\"review_requester\":{\"id\":502,\"login\":\"hubot\"},"                                                \
    "\"requested_reviewer\":{\"id\":601,\"login\":\"rev\"}"

static void review_requests_are_by_the_requester(void **state)
{
    on_merge_request(*state, "review_requested", REVIEW_REQUEST);
    assert_sql(SYSTEM_NOTE, "MergeRequest|t|hubot|requested review from `@rev`|t||4|reviewer|t||t|");
    assert_times_of_event();
    timeline_import_assert_references(*state, "Note.author_id of hubot");
    assert_note_text(*state, "{\"event\":\"review_request_removed\"" REVIEW_REQUEST "}",
                     "reviewer: removed review request for `@rev`");
}

static void a_team_that_is_asked_for_review_reads_as_the_ghost(void **state)
{
    assert_note_text(*state, "{\"event\":\"review_requested\"}", "reviewer: requested review from `@ghost`");
}

#define FROM(number, pull_request)                                                                           \
    "{\"id\":\"cross-reference#12-in-880011\",\"event\":\"cross-referenced\",\"source\":{\"type\":"          \
    "\"issue\","                                                                                             \
    "\"issue\":{\"id\":880011,\"number\":" number "," pull_request                                           \
    "\"repository\":{\"full_name\":\"acme/rocket\"}}}}"

static void a_cross_reference_names_the_merge_request_it_comes_from(void **state)
{
    succeeds(*state, FROM("15", "\"pull_request\":{\"url\":\"https://api.github.com/x\"},"));
    assert_sql(SYSTEM_NOTE, "Issue|t|mona|mentioned in merge request !15|t||4|cross_reference|t||t|");
}

static void a_cross_reference_names_the_issue_it_comes_from(void **state)
{
    assert_note_text(*state, FROM("12", ""), "cross_reference: mentioned in issue #12");
}

static void a_cross_reference_is_changed_at_the_time_of_the_import(void **state)
{
    succeeds(*state, FROM("12", ""));
    assert_sql("SELECT n.created_at, n.updated_at > now() - interval '1 hour', m.created_at = n.updated_at,"
               " m.updated_at = n.updated_at FROM notes n JOIN system_note_metadata m ON m.note_id = n.id",
               "2024-05-06 07:08:09|t|t|t");
}

static void a_cross_reference_from_elsewhere_writes_nothing(void **state)
{
    succeeds(*state, FROM("99", ""));
    succeeds(*state, "{\"id\":\"x\",\"event\":\"cross-referenced\",\"source\":null}");
    assert_rows("0");
    assert_sql("SELECT count(*) FROM import_failures", "0");
}

/* Ruby does not look at the repository of the source. */
static void a_cross_reference_from_another_repository_is_read_as_one_from_here(void **state)
{
    succeeds(*state,
             "{\"id\":\"cross-reference#12-in-5\",\"event\":\"cross-referenced\",\"source\":{\"type\":"
             "\"issue\",\"issue\":{\"id\":5,\"number\":12,\"repository\":{\"full_name\":\"other/repo\"}}}}");
    assert_sql("SELECT note FROM notes", "mentioned in issue #12");
}

static void cross_references_are_told_apart_by_their_composed_id(void **state)
{
    succeeds(*state, FROM("12", ""));
    succeeds(*state, FROM("12", ""));
    assert_sql("SELECT count(*), min(key) FROM hubferry.receipts WHERE kind = 'issue_event'",
               "1|cross-reference#12-in-880011");
    assert_sql("SELECT count(*) FROM notes", "1");
}

/* --- comments and reviews --- */

#define COMMENT                                                                                              \
    "{\"id\":991,\"event\":\"commented\",\"body\":\"done, @hubot\",\"updated_at\":\"2024-05-08 01:02:03 "    \
    "UTC\"}"

static void a_comment_is_a_note(void **state)
{
    succeeds(*state, COMMENT);
    assert_sql("SELECT noteable_type, noteable_id = (SELECT id FROM issues), u.username, n.note, system,"
               " n.created_at, n.updated_at, imported_from FROM notes n JOIN users u ON u.id = author_id",
               "Issue|t|mona|done, `@hubot`|f|2024-05-06 07:08:09|2024-05-08 01:02:03|4");
    assert_rows("1");
    timeline_import_assert_references(*state, "Note.author_id of mona");
    object_import_assert_counted(*state, "note", "1");
}

static void the_same_comment_from_the_notes_stage_is_imported_once(void **state)
{
    ObjectImport *import = *state;
    succeeds(import, COMMENT);
    import->classes[0].importer = &note_importer;
    object_import_succeeds(import, "{\"noteable_type\":\"Issue\",\"noteable_id\":12,\"author\":" MONA ","
                                   "\"note\":\"done\",\"created_at\":\"2024-05-06 07:08:09 UTC\","
                                   "\"updated_at\":\"2024-05-06 07:08:09 UTC\",\"note_id\":991}");
    import->classes[0].importer = &issue_event_importer;
    assert_sql("SELECT count(*) FROM notes", "1");
}

static void an_event_with_the_number_of_a_comment_is_another_object(void **state)
{
    succeeds(*state, COMMENT);
    succeeds(*state, "{\"id\":991,\"event\":\"assigned\"}");
    assert_sql("SELECT count(*), count(DISTINCT discussion_id) FROM notes", "2|2");
}

static void a_blank_comment_is_refused(void **state)
{
    succeeds(*state, "{\"event\":\"commented\",\"body\":\"\"}");
    assert_sql("SELECT source, exception_class, exception_message, external_identifiers FROM import_failures",
               SOURCE "|ActiveRecord::RecordInvalid|Validation failed: Note can't be blank|{\"id\": 9001, "
                      "\"event\": \"commented\", \"object_type\": \"issue_event\", \"issuable_iid\": 12}");
}

static void a_comment_of_an_unknown_issue_is_retried(void **state)
{
    g_autoptr(GError) error =
        perform(*state, "{\"event\":\"commented\",\"body\":\"x\",\"issue\":{\"number\":99}}");
    assert_error(error, OBJECT_ERROR, OBJECT_ERROR_NOTEABLE_NOT_FOUND);
}

#define REVIEW                                                                                               \
    ",\"state\":\"changes_requested\",\"body\":\"No, @hubot\",\"created_at\":null,"                          \
    "\"submitted_at\":\"2024-05-09 01:02:03 UTC\""

static void a_review_is_a_note_and_adds_no_reviewer(void **state)
{
    on_merge_request(*state, "reviewed", REVIEW);
    assert_sql(
        "SELECT u.username, n.note, system, n.created_at, n.updated_at, imported_from FROM notes n"
        " JOIN users u ON u.id = author_id",
        "mona|**Review:** Changes requested\n\nNo, @hubot|f|2024-05-09 01:02:03|2024-05-09 01:02:03|4");
    assert_sql("SELECT count(*) FROM merge_request_reviewers", "0");
    assert_rows("1");
    timeline_import_assert_references(*state, "Note.author_id of mona");
    object_import_assert_counted(*state, "pull_request_review", "1");
    assert_sql("SELECT kind, key FROM hubferry.receipts", "pull_request_review|9001");
}

static void a_review_that_approves_is_an_approval(void **state)
{
    on_merge_request(*state, "reviewed", ",\"state\":\"approved\",\"body\":null,\"created_at\":null");
    assert_sql("SELECT u.username, a.created_at = m.updated_at FROM approvals a JOIN merge_requests m"
               " ON m.id = merge_request_id JOIN users u ON u.id = user_id",
               "mona|t");
    assert_sql(SYSTEM_NOTE_TEXT, "approved: approved this merge request");
    assert_rows("2");
}

static void all_types_of_reviews_read_as_in_their_own_jobs(void **state)
{
    static const char *const types[][2] = {{"commented", "Commented"}, {"dismissed", "Dismissed"}};
    for (guint i = 0; i < G_N_ELEMENTS(types); i++) {
        g_autofree char *fields =
            g_strdup_printf(",\"id\":%u,\"state\":\"%s\",\"body\":\" \"", i + 1, types[i][0]);
        g_autofree char *expected = g_strdup_printf("**Review:** %s", types[i][1]);
        on_merge_request(*state, "reviewed", fields);
        assert_sql("SELECT note FROM notes ORDER BY id DESC LIMIT 1", expected);
    }
    assert_sql("SELECT count(*) FROM approvals", "0");
}

static void a_review_without_state_is_recorded(void **state)
{
    on_merge_request(*state, "reviewed", "");
    assert_sql("SELECT exception_class FROM import_failures", "NoMethodError");
    assert_rows("0");
}

static void reviews_of_an_unknown_merge_request_are_recorded(void **state)
{
    succeeds(*state, "{\"event\":\"reviewed\",\"issue\":{\"number\":99,\"pull_request\":true}" REVIEW "}");
    succeeds(*state,
             "{\"id\":2,\"event\":\"reviewed\",\"issue\":{\"number\":12,\"pull_request\":false}" REVIEW "}");
    assert_sql("SELECT count(*), min(exception_class) FROM import_failures", "2|NoMethodError");
    assert_rows("0");
}

/* --- all kinds --- */

static void an_event_of_an_unknown_issue_is_recorded_and_writes_nothing(void **state)
{
    static const char *const names[] = {"closed",   "reopened",   "merged",           "labeled",
                                        "renamed",  "unassigned", "review_requested", "milestoned",
                                        "assigned", "unlabeled"};
    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *fields = g_strdup_printf("{\"id\":%u,\"event\":\"%s\",\"milestone_title\":\"v1\","
                                                  "\"issue\":{\"number\":99,\"pull_request\":false}}",
                                                  i + 1, names[i]);
        succeeds(*state, fields);
    }
    assert_rows("0");
    assert_sql("SELECT count(*), min(exception_class), min(exception_message) FROM import_failures",
               "10|ActiveRecord::RecordInvalid|Validation failed: Exactly one of issue, merge_request is "
               "required");
}

static void a_job_without_issue_is_recorded(void **state)
{
    succeeds(*state, "{\"issue\":null}");
    assert_sql("SELECT exception_class FROM import_failures", "ActiveRecord::RecordInvalid");
}

static void an_unsupported_event_is_done_without_effect(void **state)
{
    succeeds(*state, "{\"event\":\"subscribed\"}");
    assert_rows("0");
    assert_sql("SELECT count(*) FROM import_failures", "0");
}

static void an_actor_who_is_gone_is_the_ghost(void **state)
{
    succeeds(*state, "{\"actor\":null}");
    assert_sql("SELECT u.user_type FROM events e JOIN users u ON u.id = author_id", "5");
    timeline_import_assert_references(*state, "");
}

static void an_actor_called_ghost_is_the_ghost_too(void **state)
{
    succeeds(*state, "{\"actor\":{\"id\":10137,\"login\":\"ghost\"}}");
    assert_sql("SELECT u.user_type FROM events e JOIN users u ON u.id = author_id", "5");
    timeline_import_assert_references(*state, "");
}

static void an_event_without_time_is_of_now(void **state)
{
    succeeds(*state, "{\"created_at\":null}");
    assert_sql("SELECT created_at > now() - interval '1 hour' FROM events", "t");
}

static void times_may_be_iso_8601(void **state)
{
    succeeds(*state, "{\"created_at\":\"2024-05-06T09:08:09.500+02:00\"}");
    assert_sql("SELECT date_trunc('second', created_at) FROM events", "2024-05-06 07:08:09+00");
}

static void a_redelivered_job_does_not_write_again(void **state)
{
    ObjectImport *import = *state;
    for (guint i = 0; i < 2; i++) {
        import->n_jobs = 0;
        object_import_succeeds(import, SAMPLE);
    }
    assert_rows("2");
    object_import_assert_counted(import, "issue_event", "1");
}

static void events_of_all_kinds_go_together(void **state)
{
    g_autofree char *labeled = event_with("{\"id\":2,\"event\":\"labeled\",\"label_title\":\"bug\"}");
    g_autofree char *unknown = event_with("{\"id\":3,\"issue\":{\"number\":99}}");
    g_autofree char *milestoned =
        event_with("{\"id\":4,\"event\":\"milestoned\",\"milestone_title\":\"v1\"}");
    g_autofree char *assigned = event_with("{\"id\":5,\"event\":\"assigned\"}");
    g_autofree char *commented = event_with(COMMENT);
    const char *const events[] = {SAMPLE, labeled, unknown, milestoned, assigned, commented, NULL};
    g_autoptr(GPtrArray) errors = object_import_perform_batch(*state, events);
    for (guint i = 0; i < errors->len; i++)
        assert_null(errors->pdata[i]);
    assert_rows("7");
    assert_sql("SELECT external_identifiers->>'id' FROM import_failures", "3");
    object_import_assert_counted(*state, "issue_event", "4");
    object_import_assert_counted(*state, "note", "1");
}

#define TEST(name) cmocka_unit_test_setup(name, clear)

int main(void)
{
    log_configure(open("/dev/null", O_WRONLY | O_CLOEXEC), LOG_INFO);
    const struct CMUnitTest tests[] = {
        TEST(closing_is_an_event_and_a_state_event),
        TEST(closing_by_a_commit_names_it),
        TEST(a_commit_of_more_than_40_characters_is_refused),
        TEST(reopening_names_no_commit),
        TEST(events_of_merge_requests_name_them),
        TEST(merging_is_also_a_row_of_metrics),
        TEST(an_old_merge_keeps_its_metrics_and_its_state_event),
        TEST(metrics_that_exist_are_overwritten),
        TEST(merged_twice_the_later_time_counts),
        TEST(events_that_gitlab_would_prune_are_left_out),
        TEST(younger_events_are_kept),
        TEST(without_pruning_old_events_are_kept),
        TEST(pruning_may_be_switched_on_by_hand),
        TEST(labels_are_added_and_removed),
        TEST(an_unknown_label_leaves_its_event),
        TEST(a_label_event_without_title_is_one_without_label),
        TEST(milestones_are_found_by_title),
        TEST(an_unknown_milestone_writes_nothing),
        TEST(renaming_is_a_system_note_with_change_marks),
        TEST(titles_lose_nul_and_keep_emoji),
        TEST(assignees_are_named_by_their_github_login),
        TEST(review_requests_are_by_the_requester),
        TEST(a_team_that_is_asked_for_review_reads_as_the_ghost),
        TEST(a_cross_reference_names_the_merge_request_it_comes_from),
        TEST(a_cross_reference_names_the_issue_it_comes_from),
        TEST(a_cross_reference_is_changed_at_the_time_of_the_import),
        TEST(a_cross_reference_from_elsewhere_writes_nothing),
        TEST(a_cross_reference_from_another_repository_is_read_as_one_from_here),
        TEST(cross_references_are_told_apart_by_their_composed_id),
        TEST(a_comment_is_a_note),
        TEST(the_same_comment_from_the_notes_stage_is_imported_once),
        TEST(an_event_with_the_number_of_a_comment_is_another_object),
        TEST(a_blank_comment_is_refused),
        TEST(a_comment_of_an_unknown_issue_is_retried),
        TEST(a_review_is_a_note_and_adds_no_reviewer),
        TEST(a_review_that_approves_is_an_approval),
        TEST(all_types_of_reviews_read_as_in_their_own_jobs),
        TEST(a_review_without_state_is_recorded),
        TEST(reviews_of_an_unknown_merge_request_are_recorded),
        TEST(an_event_of_an_unknown_issue_is_recorded_and_writes_nothing),
        TEST(a_job_without_issue_is_recorded),
        TEST(an_unsupported_event_is_done_without_effect),
        TEST(an_actor_who_is_gone_is_the_ghost),
        TEST(an_actor_called_ghost_is_the_ghost_too),
        TEST(an_event_without_time_is_of_now),
        TEST(times_may_be_iso_8601),
        TEST(a_redelivered_job_does_not_write_again),
        TEST(events_of_all_kinds_go_together),
    };
    const struct CMUnitTest older[] = {
        cmocka_unit_test(without_mapping_a_note_says_who_merged),
        cmocka_unit_test(an_older_gitlab_has_the_namespace_in_system_notes_too),
    };
    return cmocka_run_group_tests(tests, create, object_import_tear_down) +
           cmocka_run_group_tests(older, NULL, NULL);
}
