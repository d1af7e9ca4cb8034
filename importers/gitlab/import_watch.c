#include "importers/gitlab/import_watch.h"

#include "importers/gitlab/import_state.h"
#include "protocol/log.h"

#define LOOK_EVERY  (2 * G_TIME_SPAN_SECOND)
#define AFTER_ERROR (30 * G_TIME_SPAN_SECOND) /* a look without a database takes seconds itself */

static const Statement read_status = {
    "import_watch_status",
    "SELECT coalesce(s.status, 'none') AS status FROM projects p"
    " LEFT JOIN project_mirror_data s ON s.project_id = p.id WHERE p.id = $1",
};

void import_watch_begin(ImportWatch *watch, Session *session, gint64 project_id)
{
    *watch = (ImportWatch){.session = session, .project_id = project_id};
    watch->next_look = g_get_monotonic_time() + LOOK_EVERY;
    session->import_watch = watch;
}

void import_watch_clear(ImportWatch *watch)
{
    if (watch->session && watch->session->import_watch == watch)
        watch->session->import_watch = NULL;
    watch->session = NULL;
}

void import_watch_release(Session *session)
{
    session->import_watch = NULL;
}

static gboolean is_over(const PGresult *row)
{
    if (PQntuples(row) == 0) {
        log_info("Project is gone. Stopping worker.", NULL);
        return TRUE;
    }
    const ImportState state = {.status = (char *)database_value(row, 0, "status")};
    if (!import_state_completed(&state))
        return FALSE;
    log_info("Project import is no longer running. Stopping worker.", "{s:s}", "import_status", state.status);
    return TRUE;
}

static void look(ImportWatch *watch)
{
    Database *database = session_database(watch->session);
    g_autoptr(GError) error = NULL;
    if (watch->ended || database_in_transaction(database))
        return;
    g_autoptr(PGresult) row =
        database_run(database, &error, &read_status, SQL_INTEGER(watch->project_id), DATABASE_END);
    watch->next_look = g_get_monotonic_time() + (row ? LOOK_EVERY : AFTER_ERROR);
    if (row)
        watch->ended = is_over(row);
    else
        log_error("the state of the import could not be read", error, NULL);
}

gboolean import_watch_ended(ImportWatch *watch)
{
    if (!watch->ended && g_get_monotonic_time() >= watch->next_look)
        look(watch);
    return watch->ended;
}

gboolean import_watch_check(Session *session, GError **error)
{
    ImportWatch *watch = session->import_watch;
    if (!watch)
        return TRUE;
    look(watch);
    if (!watch->ended)
        return TRUE;
    g_set_error_literal(error, JOB_ERROR, JOB_ERROR_OBSOLETE, "the import is no longer running");
    return FALSE;
}

gboolean import_watch_explains(Session *session, const GError *failure)
{
    if (g_error_matches(failure, JOB_ERROR, JOB_ERROR_OBSOLETE))
        return TRUE;
    return !job_error_is_no_failure(failure) && !import_watch_check(session, NULL);
}
