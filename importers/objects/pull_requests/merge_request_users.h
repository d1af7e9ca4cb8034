/*
 * Which users a merge request has already, in a table with a unique index on both (approvals,
 * merge_request_reviewers). Jobs of one batch share such a set, so that the first of them has the row. Rows
 * that somebody else inserts in the meantime are left to ON CONFLICT.
 */
#pragma once

#include "importers/objects/object_importer.h"

/* What `find` yields as merge_request_id and user_id; its parameter: the merge requests' ids, as a JSON array
 * (ON_MERGE_REQUESTS). Asks nothing for an empty array. (transfer full; shared with g_hash_table_ref) */
GHashTable *merge_request_users_find(ObjectBatch *batch, const Statement *find,
                                     const json_t *merge_request_ids, GError **error);
/* FALSE: the user is there already. */
gboolean merge_request_users_add(GHashTable *users, gint64 merge_request_id, gint64 user_id);

#define ON_MERGE_REQUESTS                                                                                    \
    " WHERE merge_request_id = ANY(ARRAY(SELECT value::bigint FROM json_array_elements_text($1::json)))"
