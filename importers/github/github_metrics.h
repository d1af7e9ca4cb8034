/*
 * What the process asked GitHub, for /metrics (github_importer_request_count,
 * github_importer_rate_limit_hits: GitLab's own names) and for `hubferry status`. Counted from the start of
 * the process; no token and no name of one in it. Thread-safe.
 */
#pragma once

#include <glib.h>

typedef struct GithubMetrics {
    guint64 requests;        /* sent to a server, retries and redirects included */
    guint64 rate_limit_hits; /* calls refused by the threshold or by GitHub */
    guint64 not_modified;    /* 304 answers */
    gint64 limit, remaining; /* of the last answer that told; -1: none has yet */
    gint64 reset;            /* Unix seconds when that window ends; -1 */
} GithubMetrics;

void github_metrics_read(GithubMetrics *metrics);

void github_metrics_count_request(void);
void github_metrics_count_rate_limit_hit(void);
void github_metrics_count_not_modified(void);
void github_metrics_set_window(gint64 limit, gint64 remaining, gint64 reset);
