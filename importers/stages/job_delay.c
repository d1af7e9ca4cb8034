#include "importers/stages/job_delay.h"

#include "importers/gitlab/user_finder.h"
#include "protocol/import_caching.h"

#define DEFAULT_LIMIT   1000
#define AUTO_PER_MINUTE 60000
#define LOCK_WAIT       5 /* seconds until the loser of a race for a lease tries again */

/* Through JSON, so that a GitLab without the column still answers. */
static const Statement limit_statement = {
    "concurrent_github_import_jobs_limit",
    "SELECT to_jsonb(application_settings) -> 'rate_limits' ->> 'concurrent_github_import_jobs_limit' AS jobs"
    " FROM application_settings ORDER BY id DESC LIMIT 1",
};

gboolean job_delay_jobs_per_minute(Session *session, guint *jobs_per_minute, GError **error)
{
    g_autoptr(PGresult) rows = database_run(session_database(session), error, &limit_statement, DATABASE_END);
    if (!rows)
        return FALSE;
    const char *text = PQntuples(rows) > 0 ? database_value(rows, 0, "jobs") : NULL;
    guint64 number = DEFAULT_LIMIT;
    /* Ruby would divide by a limit of 0. */
    if (text && !g_ascii_string_to_unsigned(text, 10, 1, G_MAXINT, &number, NULL))
        number = DEFAULT_LIMIT;
    *jobs_per_minute = (guint)number;
    return TRUE;
}

double job_delay(guint64 n, guint jobs_per_minute)
{
    return (double)n / jobs_per_minute * 60 + 1;
}

gboolean job_delay_reschedule(Session *session, gint64 project_id, const char *object_type, double reset_in,
                              double *delay, GError **error)
{
    g_autofree char *key = g_strdup_printf("github-importer/enqueued_job_count/%" G_GINT64_FORMAT "/%s",
                                           project_id, object_type);
    guint timeout = MAX((guint)reset_in, CACHE_TIMEOUT);
    guint jobs_per_minute = AUTO_PER_MINUTE;
    gint64 n;
    if (session->configuration->pace == PACE_GITLAB &&
        !job_delay_jobs_per_minute(session, &jobs_per_minute, error))
        return FALSE;
    if (!cache_increment(session_redis(session, REDIS_SHARED_STATE), key, timeout, &n, error))
        return FALSE;
    *delay = reset_in + job_delay((guint64)n, jobs_per_minute);
    return TRUE;
}

double job_delay_reset_in(const GError *error)
{
    if (g_error_matches(error, GITHUB_ERROR, GITHUB_ERROR_RATE_LIMIT))
        return github_error_reset_in(error);
    return g_error_matches(error, USER_FINDER_ERROR, USER_FINDER_ERROR_LOCK) ? LOCK_WAIT : 0;
}
