#include "importers/stages/job_pace.h"

#include "importers/stages/job_delay.h"

#define SHORTEST_DELAY 1.0            /* seconds */
#define LONGEST_WAIT   G_USEC_PER_SEC /* for the backlog, per page */
#define POLL_INTERVAL  (50 * G_USEC_PER_SEC / 1000)

struct JobPace {
    Session *session;      /* borrowed */
    double started;        /* seconds since the epoch */
    guint jobs_per_minute; /* PACE_GITLAB */
    guint64 n_jobs;        /* timed so far */
};

JobPace *job_pace_new(Session *session, guint jobs_per_minute, GError **error)
{
    g_autoptr(JobPace) pace = g_new0(JobPace, 1);
    pace->session = session;
    pace->started = job_now();
    pace->jobs_per_minute = jobs_per_minute;
    if (session->configuration->pace == PACE_GITLAB && jobs_per_minute == 0 &&
        !job_delay_jobs_per_minute(session, &pace->jobs_per_minute, error))
        return NULL;
    return g_steal_pointer(&pace);
}

void job_pace_free(JobPace *pace)
{
    g_free(pace);
}

gboolean job_pace_wait(JobPace *pace, ScheduledJobs *jobs, GError **error)
{
    const Configuration *configuration = pace->session->configuration;
    gint64 deadline = g_get_monotonic_time() + LONGEST_WAIT;
    gint64 unfinished = 0;
    if (configuration->pace != PACE_AUTO)
        return TRUE;
    for (;;) {
        if (!scheduled_jobs_unfinished(jobs, &unfinished, error))
            return FALSE;
        if (unfinished <= configuration->backlog || g_get_monotonic_time() >= deadline)
            return TRUE;
        if (!session_check_stopping(pace->session, error))
            return FALSE;
        g_usleep(POLL_INTERVAL);
    }
}

double *job_pace_times(JobPace *pace, guint n)
{
    if (pace->session->configuration->pace != PACE_GITLAB)
        return NULL;
    double now = job_now(), elapsed = now - pace->started;
    double *times = g_new(double, n);
    for (guint i = 0; i < n; i++) {
        double delay = job_delay(pace->n_jobs++, pace->jobs_per_minute) - elapsed;
        times[i] = now + MAX(delay, SHORTEST_DELAY);
    }
    return times;
}
