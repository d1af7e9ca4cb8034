/*
 * Table approvals, and the system note that tells of one (lib/gitlab/import/merge_request_helpers.rb,
 * create_approval!). A user approves a merge request once: only an approval that is really new has its note
 * and its references.
 *
 * Those that are there already, or that come twice in a batch, are known beforehand; one that another process
 * inserts in the meantime is noticed by ON CONFLICT, and its note is left out. Only a reference to a row that
 * is not there is then left behind, which does no harm.
 */
#pragma once

#include "importers/objects/object_importer.h"

typedef struct NewApproval {
    gint64 merge_request_id;
    const FoundUser *user;
    const char *created_at;
} NewApproval;

/* The approvals that these merge requests have, for approval_build of one batch. (transfer full) */
GHashTable *approvals_find(ObjectBatch *batch, const json_t *merge_request_ids, GError **error);
/* Adds a row with those of its note to `rows` (an array), and their references to the object, unless the user
 * is one of `present`. */
gboolean approval_build(ObjectBatch *batch, ImportedObject *object, const NewApproval *approval,
                        GHashTable *present, json_t *rows, GError **error);
/* In the transaction: inserts the rows of all objects. */
gboolean approvals_write(ObjectBatch *batch, const json_t *rows, GError **error);

extern const TableColumns approval_columns;
