#include "worker/commands/import_progress.h"

#include "importers/gitlab/import_state.h"
#include "importers/gitlab/object_counter.h"
#include "protocol/json.h"
#include "protocol/log.h"
#include "worker/commands/import_jobs.h"

#include <stdio.h>
#include <unistd.h>

#define POLL_EVERY   (G_USEC_PER_SEC / 4)
#define REDRAW_EVERY 1 /* seconds, on a terminal */
#define LINE_EVERY   5 /* seconds, elsewhere */
#define BAR_WIDTH    30
#define CLEAR_LINE   "\033[K"
#define CURSOR_UP    "\033[%uA"

static const Statement summary = {
    "import_progress_summary",
    "SELECT s.last_error, s.checksums::text AS checksums,"
    " (SELECT count(*) FROM import_failures f WHERE f.project_id = s.project_id) AS failures"
    " FROM project_mirror_data s WHERE s.project_id = $1",
};

/* What was drawn last. */
typedef struct Screen {
    gboolean terminal;
    guint lines;
    gint64 drawn_at; /* monotonic microseconds; 0: never */
} Screen;

static void append_bar(GString *text, const char *type, gint64 imported, gint64 fetched)
{
    guint full = fetched > 0 ? (guint)(MIN(imported, fetched) * BAR_WIDTH / fetched) : 0;
    g_string_append_printf(text, "  %-16s [", type);
    for (guint i = 0; i < BAR_WIDTH; i++)
        g_string_append_c(text, i < full ? '#' : '.');
    g_string_append_printf(text, "] %" G_GINT64_FORMAT "/%" G_GINT64_FORMAT CLEAR_LINE "\n", imported,
                           fetched);
}

/* (transfer full) */
static char *bars(const char *status, const char *stage, const json_t *counters, guint *lines)
{
    const json_t *imported = json_object_get(counters, "imported");
    const char *type;
    json_t *fetched;
    GString *text = g_string_new(NULL);
    g_string_append_printf(text, "%s%s%s" CLEAR_LINE "\n", status, stage ? ", " : "", stage ? stage : "");
    *lines = 1;
    json_object_foreach (json_object_get(counters, "fetched"), type, fetched) {
        append_bar(text, type, json_integer_field(imported, type, 0), json_integer_value(fetched));
        (*lines)++;
    }
    return g_string_free(text, FALSE);
}

/* (transfer full) */
static char *plain_line(const char *status, const char *stage, const json_t *counters)
{
    const json_t *imported = json_object_get(counters, "imported");
    const char *type;
    json_t *fetched;
    GString *text = g_string_new(NULL);
    g_string_append_printf(text, "%s%s%s", status, stage ? ", " : "", stage ? stage : "");
    json_object_foreach (json_object_get(counters, "fetched"), type, fetched)
        g_string_append_printf(text, ", %s %" G_GINT64_FORMAT "/%" JSON_INTEGER_FORMAT, type,
                               json_integer_field(imported, type, 0), json_integer_value(fetched));
    g_string_append_c(text, '\n');
    return g_string_free(text, FALSE);
}

static void draw(Screen *screen, const char *status, const char *stage, const json_t *counters)
{
    if (!screen->terminal) {
        g_autofree char *line = plain_line(status, stage, counters);
        fputs(line, stdout);
    } else {
        if (screen->lines > 0)
            printf(CURSOR_UP, screen->lines);
        g_autofree char *text = bars(status, stage, counters, &screen->lines);
        fputs(text, stdout);
    }
    fflush(stdout);
    screen->drawn_at = g_get_monotonic_time();
}

static gboolean due(const Screen *screen)
{
    gint64 every = (screen->terminal ? REDRAW_EVERY : LINE_EVERY) * G_USEC_PER_SEC;
    return screen->drawn_at == 0 || g_get_monotonic_time() - screen->drawn_at >= every;
}

static gboolean show(Session *session, gint64 project_id, const char *status, Screen *screen, GError **error)
{
    g_autoptr(json_t) counters = object_counter_summary(session, project_id, error);
    g_autoptr(ImportJobs) jobs =
        counters ? import_jobs_read(session_redis(session, REDIS_QUEUES), error) : NULL;
    if (!jobs)
        return FALSE;
    g_autoptr(json_t) position = import_jobs_of(jobs, project_id);
    draw(screen, status, json_string_field(position, "stage"), counters);
    return TRUE;
}

/* One look. *status (transfer full) is set when the import has ended. */
static gboolean look(Session *session, const ImportProgress *progress, Screen *screen, char **status,
                     GError **error)
{
    g_autoptr(ImportState) state = NULL;
    if (!import_state_find(session, progress->project_id, &state, error))
        return FALSE;
    gboolean ended = import_state_completed(state);
    if (!progress->quiet && (ended || due(screen)) &&
        !show(session, progress->project_id, state ? state->status : "none", screen, error))
        return FALSE;
    if (ended)
        *status = g_strdup(state->status);
    return TRUE;
}

/* A server that is away comes back; any other failure would only repeat itself. */
static gboolean passes(const GError *error)
{
    return error->domain == REDIS_ERROR || g_error_matches(error, DATABASE_ERROR, DATABASE_ERROR_CONNECT) ||
           g_error_matches(error, DATABASE_ERROR, DATABASE_ERROR_DISCONNECTED);
}

gboolean import_progress_wait(const ImportProgress *progress, char **status, GError **error)
{
    g_autoptr(Session) session =
        session_new(progress->configuration, progress->registry, NULL, progress->stopping);
    Screen screen = {.terminal = isatty(STDOUT_FILENO) != 0};
    *status = NULL;
    while (!*status && !session_stopping(session)) {
        g_autoptr(GError) failure = NULL;
        if (!look(session, progress, &screen, status, &failure)) {
            if (!passes(failure)) {
                g_propagate_error(error, g_steal_pointer(&failure));
                return FALSE;
            }
            log_error("the import's progress cannot be read; trying again", failure, NULL);
        }
        g_usleep(*status ? 0 : POLL_EVERY);
    }
    return TRUE;
}

gboolean import_progress_print_summary(Session *session, gint64 project_id, const char *status,
                                       GError **error)
{
    g_autofree char *id = g_strdup_printf("%" G_GINT64_FORMAT, project_id);
    g_autoptr(PGresult) row = database_run(session_database(session), error, &summary, id, DATABASE_END);
    if (!row)
        return FALSE;
    const char *last_error = database_value(row, 0, "last_error");
    const char *checksums = database_value(row, 0, "checksums");
    gint64 failures = database_integer(row, 0, "failures");
    printf("The import is %s%s%s\n", status, last_error ? ": " : "", last_error ? last_error : "");
    if (checksums)
        printf("Counters: %s\n", checksums);
    if (failures > 0)
        printf("%" G_GINT64_FORMAT
               " failure%s recorded; see the project's import details in GitLab, or the table "
               "import_failures\n",
               failures, failures == 1 ? " is" : "s are");
    return TRUE;
}
