/*
 * The progress of one import on the screen until it ends: bars on a terminal, otherwise a plain line every
 * few seconds. It reads GitLab's state and counters, so it does not matter who performs the jobs.
 */
#pragma once

#include "importers/gitlab/session.h"

typedef struct ImportProgress {
    const Configuration *configuration;
    const WorkerRegistry *registry;
    gint64 project_id;
    gboolean quiet;       /* show nothing, only wait */
    const gint *stopping; /* atomic; set when nobody waits any longer */
} ImportProgress;

/* *status (transfer full) is the state in the end: "finished", "failed" or "canceled"; NULL when `stopping`
 * came first. Servers that are away are waited for. */
gboolean import_progress_wait(const ImportProgress *progress, char **status, GError **error);
/* The counters, the failures and the last error of an import that has ended. */
gboolean import_progress_print_summary(Session *session, gint64 project_id, const char *status,
                                       GError **error);
