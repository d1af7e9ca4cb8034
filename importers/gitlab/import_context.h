/*
 * What every job of one import has to know: the project, its settings with the decrypted token, and a client
 * of GitHub's API. Looking all of it up costs more than a small job does, so a session keeps that of its last
 * import for a few seconds. Whether the import still runs is not part of it: that is asked each time
 * (import_state.h).
 */
#pragma once

#include "importers/github/client.h"

typedef struct ImportContext {
    Project *project;
    ImportData *data;     /* NULL: the import's settings are gone, as after a cancellation */
    GithubClient *github; /* NULL where there is no token */
    gint64 read_at;       /* monotonic, microseconds */
} ImportContext;

/* *context is NULL, without error, when there is no such project. Owned by the session, until the next call.
 */
gboolean import_context_find(Session *session, gint64 project_id, const ImportContext **context,
                             GError **error);
void import_context_free(ImportContext *context);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(ImportContext, import_context_free)
