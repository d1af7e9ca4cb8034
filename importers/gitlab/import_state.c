#include "importers/gitlab/import_state.h"

#include "importers/gitlab/etag_cache.h"
#include "importers/gitlab/import_watch.h"
#include "importers/gitlab/object_counter.h"
#include "importers/gitlab/url_sanitizer.h"
#include "protocol/json.h"
#include "protocol/sidekiq_status.h"

#define JID_EXPIRATION      86400 /* seconds; Gitlab::Import::StuckImportJob::IMPORT_JOBS_EXPIRATION */
#define JID_ATTEMPTS        10
#define JID_PAUSE           50000 /* microseconds */
#define NOTIFICATION_WORKER "Projects::ImportExport::ImportCompletionNotificationWorker"

const TableColumns import_state_columns = {
    .table = "project_mirror_data",
    .columns = COLUMNS("id", "project_id", "status", "jid", "last_error", "checksums"),
};

static const Statement find = {
    "import_state_find",
    "SELECT id, status, jid FROM project_mirror_data WHERE project_id = $1",
};
static const Statement start = {
    "import_state_start",
    "UPDATE project_mirror_data SET status = 'started' WHERE project_id = $1 AND status = 'scheduled'",
};
/* $4: also while nobody has written a jid. */
static const Statement set_jid = {
    "import_state_set_jid",
    "WITH before AS (SELECT id, jid FROM project_mirror_data"
    "  WHERE project_id = $1 AND status = 'started' FOR UPDATE),"
    " changed AS (UPDATE project_mirror_data s SET jid = $2 FROM before"
    "  WHERE s.id = before.id AND (before.jid = $3 OR ($4 AND before.jid IS NULL)))"
    " SELECT FROM before WHERE jid IS NULL",
};
static const Statement started_jid = {
    "import_state_started_jid",
    "SELECT jid FROM project_mirror_data WHERE project_id = $1 AND status = 'started' AND jid IS NOT NULL",
};
static const Statement finish = {
    "import_state_finish",
    "WITH before AS (SELECT id, jid FROM project_mirror_data"
    "  WHERE project_id = $1 AND status = 'started' FOR UPDATE)"
    " UPDATE project_mirror_data s SET status = 'finished', checksums = $2, jid = NULL, last_error = NULL"
    " FROM before WHERE s.id = before.id RETURNING before.jid",
};
static const Statement fail = {
    "import_state_fail",
    "UPDATE project_mirror_data SET status = 'failed', checksums = $2"
    " WHERE project_id = $1 AND status IN ('scheduled', 'started')",
};
static const Statement set_last_error = {
    "import_state_set_last_error",
    "UPDATE project_mirror_data SET last_error = $2 WHERE project_id = $1",
};
static const Statement delete_import_data = {
    "import_state_delete_import_data",
    "DELETE FROM project_import_data WHERE project_id = $1",
};

gboolean import_state_find(Session *session, gint64 project_id, ImportState **state, GError **error)
{
    *state = NULL;
    g_autoptr(PGresult) row =
        database_run(session_database(session), error, &find, SQL_INTEGER(project_id), DATABASE_END);
    if (!row)
        return FALSE;
    if (PQntuples(row) == 0)
        return TRUE;
    const char *status = database_value(row, 0, "status");
    *state = g_new0(ImportState, 1);
    (*state)->id = database_integer(row, 0, "id");
    (*state)->status = g_strdup(status ? status : "none");
    (*state)->jid = g_strdup(database_value(row, 0, "jid"));
    return TRUE;
}

void import_state_free(ImportState *state)
{
    g_free(state->status);
    g_free(state->jid);
    g_free(state);
}

gboolean import_state_completed(const ImportState *state)
{
    static const char *const COMPLETED[] = {"finished", "failed", "canceled", NULL};
    return state && g_strv_contains(COMPLETED, state->status);
}

static gboolean changed_a_row(const PGresult *result)
{
    return g_str_equal(PQcmdTuples((PGresult *)result), "1");
}

gboolean import_state_start(Session *session, gint64 project_id, gboolean *started, GError **error)
{
    g_autoptr(PGresult) result =
        database_run(session_database(session), error, &start, SQL_INTEGER(project_id), DATABASE_END);
    if (!result)
        return FALSE;
    *started = changed_a_row(result);
    return etag_cache_touch_import(session, error);
}

/*
 * GitLab pushes the job first and writes its jid into the row next. Whoever starts within that moment would
 * be overwritten, and so waits for it.
 */
static gboolean replace_jid(Session *session, gint64 project_id, const char *own_jid, const char *jid,
                            GError **error)
{
    for (guint attempt = 1; attempt <= JID_ATTEMPTS; attempt++) {
        g_autoptr(PGresult) missing =
            database_run(session_database(session), error, &set_jid, SQL_INTEGER(project_id), jid, own_jid,
                         attempt == JID_ATTEMPTS ? "t" : "f", DATABASE_END);
        if (!missing)
            return FALSE;
        if (PQntuples(missing) == 0)
            return TRUE;
        if (attempt < JID_ATTEMPTS)
            g_usleep(JID_PAUSE);
    }
    return TRUE;
}

/* The key comes first: the hourly search for stuck imports fails an import whose jid has no key. */
gboolean import_state_set_async_jid(Session *session, gint64 project_id, const char *own_jid, GError **error)
{
    g_autofree char *jid = g_strdup_printf("async-import/project-import-state/%" G_GINT64_FORMAT, project_id);
    return sidekiq_status_set(session_redis(session, REDIS_QUEUES_METADATA), jid, JID_EXPIRATION, error) &&
           replace_jid(session, project_id, own_jid, jid, error);
}

gboolean import_state_refresh_jid(Session *session, gint64 project_id, gboolean *alive, GError **error)
{
    g_autoptr(PGresult) row =
        database_run(session_database(session), error, &started_jid, SQL_INTEGER(project_id), DATABASE_END);
    if (!row)
        return FALSE;
    gboolean found = PQntuples(row) > 0;
    if (alive)
        *alive = found;
    return !found || sidekiq_status_set(session_redis(session, REDIS_QUEUES_METADATA),
                                        database_value(row, 0, "jid"), JID_EXPIRATION, error);
}

typedef struct Finishing {
    gint64 project_id;
    const char *checksums;
    gboolean finished;
    char *jid; /* of the row before; NULL if it had none */
} Finishing;

static gboolean delete_data(Database *database, gint64 project_id, GError **error)
{
    g_autoptr(PGresult) result =
        database_run(database, error, &delete_import_data, SQL_INTEGER(project_id), DATABASE_END);
    return result != NULL;
}

static gboolean finish_rows(Database *database, gpointer data, GError **error)
{
    Finishing *finishing = data;
    g_autoptr(PGresult) row = database_run(database, error, &finish, SQL_INTEGER(finishing->project_id),
                                           finishing->checksums, DATABASE_END);
    if (!row)
        return FALSE;
    finishing->finished = PQntuples(row) > 0;
    if (!finishing->finished)
        return TRUE;
    finishing->jid = g_strdup(database_value(row, 0, "jid"));
    return delete_data(database, finishing->project_id, error);
}

gboolean import_state_finish(Session *session, const Project *project, const json_t *checksums,
                             gboolean *finished, GError **error)
{
    g_autofree char *checksums_text = json_dump(checksums);
    Finishing finishing = {.project_id = project->id, .checksums = checksums_text};
    gboolean committed = database_transaction(session_database(session), finish_rows, &finishing, error);
    g_autofree char *jid = finishing.jid;
    if (!committed)
        return FALSE;
    *finished = finishing.finished;
    if (*finished)
        import_watch_release(session);
    if (jid && !sidekiq_status_unset(session_redis(session, REDIS_QUEUES_METADATA), jid, error))
        return FALSE;
    return etag_cache_touch_import(session, error);
}

gboolean import_state_push_notification(Session *session, const Project *project,
                                        gboolean notify_group_owners, GError **error)
{
    json_t *args =
        json_pack("[I, {s:b, s:b, s:s?}]", (json_int_t)project->id, "user_mapping_enabled", TRUE,
                  "notify_group_owners", notify_group_owners, "safe_import_url", project->import_url);
    return session_push_once(session, NOTIFICATION_WORKER, args, FALSE, error);
}

typedef struct Failing {
    gint64 project_id;
    const char *checksums, *message;
    gboolean failed;
} Failing;

static gboolean fail_rows(Database *database, gpointer data, GError **error)
{
    Failing *failing = data;
    g_autoptr(PGresult) transition = database_run(database, error, &fail, SQL_INTEGER(failing->project_id),
                                                  failing->checksums, DATABASE_END);
    if (!transition)
        return FALSE;
    failing->failed = changed_a_row(transition);
    if (failing->failed && !delete_data(database, failing->project_id, error))
        return FALSE;
    g_autoptr(PGresult) last_error = database_run(
        database, error, &set_last_error, SQL_INTEGER(failing->project_id), failing->message, DATABASE_END);
    return last_error != NULL;
}

static gboolean push_failure_notification(Session *session, gint64 project_id, GError **error)
{
    g_autoptr(Project) project = NULL;
    if (!project_find(session, project_id, &project, error))
        return FALSE;
    return !project || import_state_push_notification(session, project, FALSE, error);
}

gboolean import_state_fail(Session *session, gint64 project_id, const char *message, GError **error)
{
    g_autoptr(json_t) summary = object_counter_summary(session, project_id, error);
    if (!summary)
        return FALSE;
    g_autofree char *checksums = json_dump(summary);
    g_autofree char *masked = url_sanitizer_mask(message);
    Failing failing = {.project_id = project_id, .checksums = checksums, .message = masked};
    if (!database_transaction(session_database(session), fail_rows, &failing, error))
        return FALSE;
    if (failing.failed)
        import_watch_release(session);
    if (failing.failed && !push_failure_notification(session, project_id, error))
        return FALSE;
    return etag_cache_touch_import(session, error);
}
