/*
 * Gitlab::GithubImport::AdvanceStageWorker (app/workers/gitlab/github_import/advance_stage_worker.rb,
 * lib/gitlab/import/advance_stage.rb): waits for the object jobs of a stage, then enqueues the next one.
 *
 * Ruby takes the finished jobs' ids off the waiters' lists and passes the lowered counts on; ids taken by a
 * process that is killed are gone for good. Here the lists are only counted, and deleted once the next stage
 * is enqueued. Both sides can take over from each other: a full list with a full count means the same as a
 * shortened list with a lowered count.
 */
#include "importers/gitlab/import_data.h"
#include "importers/gitlab/import_failure.h"
#include "importers/gitlab/import_state.h"
#include "importers/gitlab/import_watch.h"
#include "importers/gitlab/placeholder_reference.h"
#include "importers/stages/stages.h"
#include "protocol/job_waiter.h"
#include "protocol/log.h"

/* Seconds. */
#define INTERVAL      30
#define BLOCKING_WAIT 5
#define TIMEOUT       (2 * 60 * 60)
#define POLL_INTERVAL (G_USEC_PER_SEC / 20) /* microseconds */

#define TIMEOUT_ERROR_CLASS "Gitlab::Import::AdvanceStage::AdvanceStageTimeoutError"
#define TIMEOUT_MESSAGE     "Failing advance stage, timeout reached with pessimistic strategy"

#define STAGE(name) "Gitlab::GithubImport::Stage::" name "Worker"

/* Every name that a job of GitLab 10 to 19 may carry. Nothing advances to the first three, but GitLab knows
 * them. */
static const struct {
    const char *stage, *class_name;
} STAGES[] = {
    {"repository", STAGE("ImportRepository")},
    {"base_data", STAGE("ImportBaseData")},
    {"pull_requests", STAGE("ImportPullRequests")},
    {"collaborators", STAGE("ImportCollaborators")},
    {"pull_requests_merged_by", STAGE("ImportPullRequestsMergedBy")},            /* of older servers */
    {"pull_request_review_requests", STAGE("ImportPullRequestsReviewRequests")}, /* the same */
    {"pull_request_reviews", STAGE("ImportPullRequestsReviews")},                /* the same */
    {"issues", STAGE("ImportIssuesAndDiffNotes")}, /* the same, for a while and for Gitea */
    {"issues_and_diff_notes", STAGE("ImportIssuesAndDiffNotes")},
    {"issue_events", STAGE("ImportIssueEvents")},
    {"notes", STAGE("ImportNotes")}, /* the same */
    {"attachments", STAGE("ImportAttachments")},
    {"protected_branches", STAGE("ImportProtectedBranches")},
    {"lfs_objects", STAGE("ImportLfsObjects")},
    {"finish", STAGE("FinishImport")},
};

/* NULL: no stage of that name. */
static const char *class_of_stage(const char *stage)
{
    for (guint i = 0; i < G_N_ELEMENTS(STAGES); i++)
        if (g_str_equal(STAGES[i].stage, stage))
            return STAGES[i].class_name;
    return NULL;
}

/* The job's arguments: [PID, {waiter: count}, next stage] and, from the second run on, [..., timer, previous
 * count]. */
typedef struct Advance {
    Session *session;
    gint64 project_id;
    json_t *waiters;        /* borrowed */
    const char *next_stage; /* borrowed */
    const char *next_class;
    GDateTime *timer; /* when the count last changed; NULL on the first run, and if nobody can read it */
    gint64 previous;  /* the count then; -1 where there is no timer */
    gint64 remaining;
} Advance;

static void advance_clear(Advance *advance)
{
    g_clear_pointer(&advance->timer, g_date_time_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Advance, advance_clear)

/* "2025-01-02 03:04:05 UTC", or "... +0100" where gitlab.yml gives the application another time zone. NULL:
 * it is no time. (transfer full) */
static GDateTime *parse_timer(const char *text)
{
    g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
    g_autofree char *time = database_time(text);

    return time ? g_date_time_new_from_iso8601(time, utc) : NULL;
}

static gboolean read_arguments(Advance *advance, const Job *job, GError **error)
{
    const char *timer;

    advance->previous = -1;
    if (!job_check_arity(job, 3, 5, error) || !job_arg_integer(job, 0, &advance->project_id, error) ||
        !job_arg_object(job, 1, &advance->waiters, error) ||
        !job_arg_string(job, 2, &advance->next_stage, error))
        return FALSE;
    advance->next_class = class_of_stage(advance->next_stage);
    if (!advance->next_class) {
        g_set_error(error, JOB_ERROR, JOB_ERROR_ARGUMENTS, "key not found: \"%s\" is no stage to advance to",
                    advance->next_stage);
        return FALSE;
    }
    if (json_array_size(job->args) < 5)
        return TRUE;
    if (!job_arg_string(job, 3, &timer, error) || !job_arg_integer(job, 4, &advance->previous, error))
        return FALSE;
    advance->timer = parse_timer(timer);
    if (!advance->timer)
        advance->previous = -1;
    return TRUE;
}

/* How many of a waiter's jobs have not reported yet. Waits a little for them. */
static gboolean wait_for_waiter(Advance *advance, const char *key, gint64 count, gint64 *remaining,
                                GError **error)
{
    Redis *redis = session_redis(advance->session, REDIS_SHARED_STATE);
    gint64 deadline = g_get_monotonic_time() + BLOCKING_WAIT * G_USEC_PER_SEC;
    gint64 arrived = 0;

    while (count > 0) {
        if (!job_waiter_arrived(redis, key, &arrived, error) ||
            !session_check_stopping(advance->session, error))
            return FALSE;
        if (arrived >= count || g_get_monotonic_time() >= deadline)
            break;
        g_usleep(POLL_INTERVAL);
    }
    *remaining = MAX(count - arrived, 0);
    return TRUE;
}

static gboolean wait_for_waiters(Advance *advance, GError **error)
{
    const char *key;
    json_t *count;

    advance->remaining = 0;
    json_object_foreach (advance->waiters, key, count) {
        gint64 remaining;
        if (!wait_for_waiter(advance, key, json_integer_value(count), &remaining, error))
            return FALSE;
        advance->remaining += remaining;
    }
    return TRUE;
}

static gboolean delete_waiters(Advance *advance, GError **error)
{
    Redis *redis = session_redis(advance->session, REDIS_SHARED_STATE);
    const char *key;
    json_t *count;

    json_object_foreach (advance->waiters, key, count) {
        if (job_waiter_key_valid(key) && !job_waiter_delete(redis, key, error))
            return FALSE;
    }
    return TRUE;
}

/* Progress: the timer starts anew and the import counts as alive for another day. */
static gboolean note_progress(Advance *advance, GError **error)
{
    if (advance->remaining == advance->previous)
        return TRUE;
    advance_clear(advance);
    advance->timer = g_date_time_new_now_utc();
    advance->previous = advance->remaining;
    return import_state_refresh_jid(advance->session, advance->project_id, NULL, error);
}

static gboolean proceed(Advance *advance, GError **error)
{
    Session *session = advance->session;
    g_autoptr(Project) project = NULL;

    if (!project_find(session, advance->project_id, &project, error))
        return FALSE;
    if (!project)
        return TRUE;
    return placeholder_reference_request_load(session, project, error) &&
           import_state_refresh_jid(session, advance->project_id, NULL, error) &&
           session_push_once(session, advance->next_class, json_pack("[I]", (json_int_t)advance->project_id),
                             FALSE, error) &&
           delete_waiters(advance, error);
}

static gboolean timed_out(const Advance *advance)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_utc();

    return advance->timer && g_date_time_difference(now, advance->timer) > TIMEOUT * G_TIME_SPAN_SECOND;
}

static gboolean give_up(Advance *advance, GError **error)
{
    Session *session = advance->session;
    g_autoptr(ImportData) data = NULL;
    const char *strategy;
    ImportFailure failure = {
        .project_id = advance->project_id,
        .source = "Gitlab::GithubImport::AdvanceStageWorker",
        .exception_class = TIMEOUT_ERROR_CLASS,
        .exception_message = TIMEOUT_MESSAGE,
        .fail_import = TRUE,
    };

    if (!import_data_find(session, advance->project_id, &data, error))
        return FALSE;
    strategy = data ? data->timeout_strategy : "pessimistic";
    log_info("Timeout reached, no longer retrying", "{s:I, s:O, s:s}", "jobs_remaining",
             (json_int_t)advance->remaining, "waiters", advance->waiters, "timeout_strategy", strategy);
    if (g_str_equal(strategy, "optimistic"))
        return proceed(advance, error);
    if (g_str_equal(strategy, "pessimistic") && !import_failure_track(session, &failure, error))
        return FALSE;
    return delete_waiters(advance, error);
}

static gboolean try_again_later(Advance *advance, GError **error)
{
    g_autofree char *timer = g_date_time_format(advance->timer, "%Y-%m-%d %H:%M:%S UTC");
    json_t *args = json_pack("[I, O, s, s, I]", (json_int_t)advance->project_id, advance->waiters,
                             advance->next_stage, timer, (json_int_t)advance->previous);

    return session_push_in(advance->session, advance->session->worker->name, INTERVAL, args, TRUE, error);
}

/* Of an import that ended while its jobs were waited for, nothing goes on. */
static gboolean advance_stage(Advance *advance, GError **error)
{
    if (!wait_for_waiters(advance, error) || !import_watch_check(advance->session, error) ||
        !note_progress(advance, error))
        return FALSE;
    if (advance->remaining == 0)
        return proceed(advance, error);
    if (timed_out(advance))
        return give_up(advance, error);
    return try_again_later(advance, error);
}

gboolean advance_stage_perform(Session *session, const Job *job, GError **error)
{
    g_auto(Advance) advance = {.session = session};
    g_auto(ImportWatch) watch = {0};
    g_autoptr(ImportState) state = NULL;
    g_autoptr(GError) cause = NULL;

    if (!read_arguments(&advance, job, error) ||
        !import_state_find(session, advance.project_id, &state, error))
        return FALSE;
    if (!state || !g_str_equal(state->status, "started"))
        return delete_waiters(&advance, error);

    import_watch_begin(&watch, session, advance.project_id);
    if (advance_stage(&advance, &cause))
        return TRUE;
    if (import_watch_explains(session, cause))
        return delete_waiters(&advance, error);
    g_propagate_error(error, g_steal_pointer(&cause));
    return FALSE;
}
