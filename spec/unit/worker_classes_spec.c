/*
 * Every worker class that GitLab 10 to 19 may have left in a queue for an import from GitHub
 * (app/workers/gitlab/github_import/, app/workers/gitlab/import/, app/workers/import/,
 * app/workers/repository_import_worker.rb, of all these versions): hubferry executes it, from the queue and
 * with the options that GitLab gives it, and every stage that it may name leads into the present graph.
 */
#include "importers/objects/object_importer.h"
#include "importers/registry.h"
#include "importers/stages/stages.h"
#include "protocol/log.h"
#include "spec/support/object_import.h"

#define GITHUB(name) "Gitlab::GithubImport::" name "Worker"
#define STAGE(name)  GITHUB("Stage::" name)
#define QUEUE(name)  "github_importer:github_import_" name

#define OBJECT 5 /* how often an object's job is retried */

static const struct {
    const char *versions, *name, *queue;
    int retry;
    gboolean resumable; /* may be interrupted 20 times */
} CLASSES[] = {
    {"10-19", "RepositoryImportWorker", "repository_import", WORKER_RETRY_OFF, FALSE},

    {"10-19", STAGE("ImportRepository"), QUEUE("stage_import_repository"), 6, FALSE},
    {"10-19", STAGE("ImportBaseData"), QUEUE("stage_import_base_data"), 6, FALSE},
    {"10-19", STAGE("ImportPullRequests"), QUEUE("stage_import_pull_requests"), 6, TRUE},
    {"15-19", STAGE("ImportCollaborators"), QUEUE("stage_import_collaborators"), 6, FALSE},
    {"13-17", STAGE("ImportPullRequestsMergedBy"), QUEUE("stage_import_pull_requests_merged_by"), 6, TRUE},
    {"15-17", STAGE("ImportPullRequestsReviewRequests"), QUEUE("stage_import_pull_requests_review_requests"),
     6, TRUE},
    {"13-17", STAGE("ImportPullRequestsReviews"), QUEUE("stage_import_pull_requests_reviews"), 6, TRUE},
    {"11-13", STAGE("ImportIssues"), QUEUE("stage_import_issues"), 6, FALSE},
    {"10-19", STAGE("ImportIssuesAndDiffNotes"), QUEUE("stage_import_issues_and_diff_notes"), 6, TRUE},
    {"15-19", STAGE("ImportIssueEvents"), QUEUE("stage_import_issue_events"), 6, TRUE},
    {"10-17", STAGE("ImportNotes"), QUEUE("stage_import_notes"), 6, TRUE},
    {"15-19", STAGE("ImportAttachments"), QUEUE("stage_import_attachments"), 6, TRUE},
    {"15-19", STAGE("ImportProtectedBranches"), QUEUE("stage_import_protected_branches"), 6, FALSE},
    {"11-19", STAGE("ImportLfsObjects"), QUEUE("stage_import_lfs_objects"), 6, TRUE},
    {"10-19", STAGE("FinishImport"), QUEUE("stage_finish_import"), 6, FALSE},

    {"15-19", GITHUB("Attachments::ImportIssue"), QUEUE("attachments_import_issue"), OBJECT, FALSE},
    {"15-19", GITHUB("Attachments::ImportMergeRequest"), QUEUE("attachments_import_merge_request"), OBJECT,
     FALSE},
    {"15-19", GITHUB("Attachments::ImportNote"), QUEUE("attachments_import_note"), OBJECT, FALSE},
    {"15-19", GITHUB("Attachments::ImportRelease"), QUEUE("attachments_import_release"), OBJECT, FALSE},
    {"15-19", GITHUB("ImportCollaborator"), QUEUE("import_collaborator"), OBJECT, FALSE},
    {"10-19", GITHUB("ImportDiffNote"), QUEUE("import_diff_note"), OBJECT, FALSE},
    {"10-19", GITHUB("ImportIssue"), QUEUE("import_issue"), OBJECT, FALSE},
    {"15-19", GITHUB("ImportIssueEvent"), QUEUE("import_issue_event"), OBJECT, FALSE},
    {"11-19", GITHUB("ImportLfsObject"), QUEUE("import_lfs_object"), OBJECT, FALSE},
    {"10-19", GITHUB("ImportNote"), QUEUE("import_note"), OBJECT, FALSE},
    {"15-19", GITHUB("ImportProtectedBranch"), QUEUE("import_protected_branch"), OBJECT, FALSE},
    {"10-19", GITHUB("ImportPullRequest"), QUEUE("import_pull_request"), OBJECT, FALSE},
    {"13-16", GITHUB("ImportPullRequestMergedBy"), QUEUE("import_pull_request_merged_by"), OBJECT, FALSE},
    {"13-16", GITHUB("ImportPullRequestReview"), QUEUE("import_pull_request_review"), OBJECT, FALSE},
    {"15-16", GITHUB("ImportReleaseAttachments"), QUEUE("import_release_attachments"), OBJECT, FALSE},
    {"15-19", GITHUB("PullRequests::ImportMergedBy"), QUEUE("pull_requests_import_merged_by"), OBJECT, FALSE},
    {"15-19", GITHUB("PullRequests::ImportReview"), QUEUE("pull_requests_import_review"), OBJECT, FALSE},
    {"15-19", GITHUB("PullRequests::ImportReviewRequest"), QUEUE("pull_requests_import_review_request"),
     OBJECT, FALSE},
    {"16-19", GITHUB("ReplayEvents"), QUEUE("replay_events"), OBJECT, FALSE},

    {"10-19", GITHUB("AdvanceStage"), "github_import_advance_stage", 6, FALSE},
    {"10-19", GITHUB("RefreshImportJid"), QUEUE("refresh_import_jid"), OBJECT, FALSE},
    {"17-19", "Gitlab::Import::RefreshImportJidWorker", "import_refresh_import_jid", OBJECT, FALSE},
    {"17-19", "Import::LoadPlaceholderReferencesWorker", "import_load_placeholder_references", 6, FALSE},
};

/* The stages that AdvanceStageWorker's third argument may name. */
static const struct {
    const char *versions, *name, *follows;
} STAGES[] = {
    {"18-19", "repository", STAGE("ImportRepository")},
    {"18-19", "base_data", STAGE("ImportBaseData")},
    {"18-19", "pull_requests", STAGE("ImportPullRequests")},
    {"15-19", "collaborators", STAGE("ImportCollaborators")},
    {"13-17", "pull_requests_merged_by", STAGE("ImportPullRequestsMergedBy")},
    {"15-17", "pull_request_review_requests", STAGE("ImportPullRequestsReviewRequests")},
    {"13-17", "pull_request_reviews", STAGE("ImportPullRequestsReviews")},
    {"11-13", "issues", STAGE("ImportIssuesAndDiffNotes")},
    {"10-19", "issues_and_diff_notes", STAGE("ImportIssuesAndDiffNotes")},
    {"15-19", "issue_events", STAGE("ImportIssueEvents")},
    {"10-17", "notes", STAGE("ImportNotes")},
    {"15-19", "attachments", STAGE("ImportAttachments")},
    {"15-19", "protected_branches", STAGE("ImportProtectedBranches")},
    {"11-19", "lfs_objects", STAGE("ImportLfsObjects")},
    {"10-19", "finish", STAGE("FinishImport")},
};

static WorkerRegistry *registry;

static int set_up_registry(G_GNUC_UNUSED void **state)
{
    static const WorkerClass *const tables[] = {importers_registry};
    log_configure(-1, LOG_FATAL);
    registry = worker_registry_new(tables, 1);
    return 0;
}

static int free_registry(G_GNUC_UNUSED void **state)
{
    worker_registry_free(registry);
    return 0;
}

static const WorkerClass *find_class(const char *versions, const char *name)
{
    const WorkerClass *worker = worker_registry_find(registry, name);
    if (!worker || !worker->perform)
        fail_msg("%s of GitLab %s would be handed back", name, versions);
    return worker;
}

/* --- classes --- */

static void every_class_is_executed_here(G_GNUC_UNUSED void **state)
{
    for (guint i = 0; i < G_N_ELEMENTS(CLASSES); i++)
        find_class(CLASSES[i].versions, CLASSES[i].name);
}

static void every_class_has_gitlab_s_queue_and_options(G_GNUC_UNUSED void **state)
{
    for (guint i = 0; i < G_N_ELEMENTS(CLASSES); i++) {
        const WorkerClass *worker = find_class(CLASSES[i].versions, CLASSES[i].name);
        assert_text(worker_class_generated_queue(worker), CLASSES[i].queue);
        assert_int_equal(worker->retry, CLASSES[i].retry);
        assert_int_equal(worker->max_interruptions, CLASSES[i].resumable ? 20 : 0);
        assert_string_equal(worker->feature_category, "importers");
    }
}

static void every_class_that_is_executed_here_is_one_of_gitlab_s(G_GNUC_UNUSED void **state)
{
    for (const WorkerClass *worker = importers_registry; worker->name; worker++) {
        gboolean known = !worker->perform;
        for (guint i = 0; i < G_N_ELEMENTS(CLASSES); i++)
            known = known || g_str_equal(CLASSES[i].name, worker->name);
        if (!known)
            fail_msg("%s is not in the list of GitLab's classes", worker->name);
    }
}

static void stages_keep_their_status_for_a_day_and_fail_the_import_in_the_end(G_GNUC_UNUSED void **state)
{
    for (guint i = 0; i < G_N_ELEMENTS(CLASSES); i++) {
        const WorkerClass *worker = find_class(CLASSES[i].versions, CLASSES[i].name);
        if (!g_str_has_prefix(worker->name, "Gitlab::GithubImport::Stage::"))
            continue;
        assert_int_equal(worker->status_expiration, 86400);
        assert_false(worker->dead);
        assert_true(worker->retries_exhausted == stage_retries_exhausted);
    }
}

static void objects_tell_their_waiter_in_the_end(G_GNUC_UNUSED void **state)
{
    for (guint i = 0; i < G_N_ELEMENTS(CLASSES); i++) {
        const WorkerClass *worker = find_class(CLASSES[i].versions, CLASSES[i].name);
        if (!worker->importer)
            continue;
        assert_false(worker->dead);
        assert_true(worker->retries_exhausted == object_importer_retries_exhausted);
    }
}

/* --- stages --- */

static int set_up_import(void **state)
{
    *state = object_import_new(GITHUB("AdvanceStage"), NULL, NULL, "{}");
    ((ObjectImport *)*state)->session->registry = registry;
    return 0;
}

static int tear_down_import(void **state)
{
    object_import_free(*state);
    return 0;
}

/* `args`: what follows the project's id, as JSON. */
static void advance(ObjectImport *import, const char *args, guint number)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *raw = g_strdup_printf(
        "{\"class\":\"" GITHUB(
            "AdvanceStage") "\",\"args\":[%" G_GINT64_FORMAT ",%s],\"jid\":\"%024u\","
                            "\"queue\":\"github_importer\",\"retry\":6,\"correlation_id\":\"spec\"}",
        import->project->id, args, number);
    g_autoptr(Job) job = job_parse(raw, strlen(raw), "github_importer", &error);
    assert_no_error(error);
    import->session->worker = find_class("10-19", GITHUB("AdvanceStage"));
    session_begin_job(import->session, job);
    advance_stage_perform(import->session, job, &error);
    session_end_job(import->session);
    assert_no_error(error);
}

/* The class of the stage that has been enqueued, taken from its queue. (transfer full) */
static char *enqueued_stage(void)
{
    g_autofree char *payloads = private_gitlab_redis("LRANGE", "queue:default", "0", "-1", NULL);
    g_autofree char *emptied = private_gitlab_redis("DEL", "queue:default", NULL);
    g_auto(GStrv) lines = g_strsplit(payloads, "\n", -1);
    for (char **line = lines; *line && **line; line++) {
        g_autoptr(json_t) job = json_parse(*line, strlen(*line), NULL);
        if (g_str_has_prefix(json_string_field(job, "class"), "Gitlab::GithubImport::Stage::"))
            return g_strdup(json_string_field(job, "class"));
    }
    return g_strdup("");
}

static void every_stage_that_a_job_may_name_is_enqueued(void **state)
{
    for (guint i = 0; i < G_N_ELEMENTS(STAGES); i++) {
        g_autofree char *args = g_strdup_printf("{},\"%s\"", STAGES[i].name);
        advance(*state, args, i);
        assert_text(enqueued_stage(), STAGES[i].follows);
        find_class(STAGES[i].versions, STAGES[i].follows);
    }
}

/* GitLab 10 to 13 passes a symbol, which is text in JSON, and neither time nor count; others have both. */
static void jobs_of_every_age_are_understood(void **state)
{
    static const char *const args[] = {
        "{},\"notes\"",
        "{\"gitlab:job_waiter:5b0f6f6e-3b6e-4a53-9a1d-0f6f7c2f8a11\":0},\"notes\"",
        "{\"123\":0},\"notes\"",
        "{},\"notes\",\"2026-01-02 03:04:05 UTC\",3",
        "{},\"notes\",\"2026-01-02T03:04:05.678Z\",3",
    };
    for (guint i = 0; i < G_N_ELEMENTS(args); i++) {
        advance(*state, args[i], 100 + i);
        assert_text(enqueued_stage(), STAGE("ImportNotes"));
    }
}

/* Ruby prints the timer in the time zone that gitlab.yml gives the application. */
static void timers_of_every_time_zone_are_understood(void **state)
{
    g_autofree char *args =
        g_strdup_printf("{\"%s\":3},\"notes\",\"2999-01-02 03:04:05 +0530\",3", OBJECT_WAITER);
    advance(*state, args, 200);
    g_autofree char *later = private_gitlab_redis("ZRANGE", "schedule", "0", "-1", NULL);
    assert_non_null(strstr(later, ":3},\"notes\",\"2999-01-01 21:34:05 UTC\",3]"));
}

/* A time that nobody can read: the two hours without progress begin now. */
static void an_unreadable_timer_starts_anew(void **state)
{
    g_autofree char *args = g_strdup_printf("{\"%s\":3},\"notes\",\"yesterday\",3", OBJECT_WAITER);
    g_autoptr(GDateTime) now = g_date_time_new_now_utc();
    g_autofree char *expected = g_date_time_format(now, ":3},\"notes\",\"%Y-");
    advance(*state, args, 300);
    g_autofree char *later = private_gitlab_redis("ZRANGE", "schedule", "0", "-1", NULL);
    assert_non_null(strstr(later, expected));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up_import, tear_down_import)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_class_is_executed_here),
        cmocka_unit_test(every_class_has_gitlab_s_queue_and_options),
        cmocka_unit_test(every_class_that_is_executed_here_is_one_of_gitlab_s),
        cmocka_unit_test(stages_keep_their_status_for_a_day_and_fail_the_import_in_the_end),
        cmocka_unit_test(objects_tell_their_waiter_in_the_end),
        TEST(every_stage_that_a_job_may_name_is_enqueued),
        TEST(jobs_of_every_age_are_understood),
        TEST(timers_of_every_time_zone_are_understood),
        TEST(an_unreadable_timer_starts_anew),
    };
    return cmocka_run_group_tests_name("worker_classes", tests, set_up_registry, free_registry);
}
