/*
 * What a GitHub import is to be, and how it is put into GitLab's database: as POST /api/v4/import/github and
 * ProjectImportState's event `schedule` leave an existing project (app/services/import/github_service.rb,
 * lib/gitlab/legacy_github_import/project_creator.rb, app/models/project_import_state.rb).
 */
#pragma once

#include "importers/gitlab/project.h"

typedef struct ImportRequest {
    const char *source;     /* "owner/repo" */
    const char *import_url; /* without credentials */
    const char *token;      /* a secret */
    gboolean attachments, collaborators, optimistic;
    guint pagination_limit;
} ImportRequest;

/* Writes the import's source, settings and encrypted token, and state `scheduled` with `jid`, in one
 * transaction. *refused (transfer full) is NULL, or the state that does not allow a new import. */
gboolean import_request_schedule(Session *session, gint64 project_id, const ImportRequest *request,
                                 const char *jid, char **refused, GError **error);
