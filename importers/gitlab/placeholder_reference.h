/*
 * Placeholder references (app/services/import/placeholder_references/push_service.rb): which column of which
 * row holds a placeholder user, so that the row can be given to the real user later. Kept as JSON in a Redis
 * set per import, from where Import::LoadPlaceholderReferencesWorker takes them:
 *
 *     [composite key, model, root namespace id, numeric key, source user id, column, alias version]
 *
 * Exactly one of the two keys is not null.
 */
#pragma once

#include "importers/gitlab/project.h"

typedef struct FoundUser FoundUser; /* importers/gitlab/user_finder.h */

/* The reference for one column of one row; NULL when none is due: for a user without source user, who has
 * accepted, or in a personal namespace. (transfer full) */
char *placeholder_reference(const Project *project, const FoundUser *user, const char *model, gint64 id,
                            const char *column);
/* The same for a model whose primary key has several columns: {"user_id":900,"issue_id":1234}. `key` is
 * consumed. */
char *placeholder_reference_composite(const Project *project, const FoundUser *user, const char *model,
                                      json_t *key, const char *column);
/* Pushes references (of char *) in one round trip. Safe to repeat. */
gboolean placeholder_references_push(Session *session, const Project *project, const GPtrArray *references,
                                     GError **error);

/* One reference, if it is due. */
gboolean placeholder_reference_push(Session *session, const Project *project, const FoundUser *user,
                                    const char *model, gint64 id, const char *column, GError **error);

/* How many references wait to be taken. */
gboolean placeholder_reference_pending(Session *session, const Project *project, gint64 *pending,
                                       GError **error);
/* Enqueues Import::LoadPlaceholderReferencesWorker for the import, once for the executing job. */
gboolean placeholder_reference_request_load(Session *session, const Project *project, GError **error);
/* The raw cache key of the set; `import_uid` is the id of the import state. (transfer full) */
char *placeholder_reference_store_key(const char *import_source, gint64 import_uid);
