/*
 * merge_request_assignees: a merge request's only assignee, as the importer sets it (merge_request.assignees
 * = [user]; app/models/merge_request_assignee.rb). One that is already so is left alone.
 */
#pragma once

#include "importers/objects/object_importer.h"

typedef struct MergeRequestAssignee {
    gint64 merge_request_id;
    FoundUser user;      /* of GitHub's assignee; user_id 0: nobody, nothing is changed */
    GHashTable *present; /* the row ids by user id, before this job; NULL: none (owned) */
} MergeRequestAssignee;

void merge_request_assignee_clear(MergeRequestAssignee *assignee);

/* Reads `present` of all (array of MergeRequestAssignee). */
gboolean merge_request_assignees_find(Session *session, const GPtrArray *assignees, GError **error);
/* As ObjectImporter.build: the row and its reference. */
gboolean merge_request_assignee_build(ObjectBatch *batch, ImportedObject *object,
                                      const MergeRequestAssignee *assignee, GError **error);
/* In the transaction: removes the rows of all other users. */
gboolean merge_request_assignees_set(Session *session, const GPtrArray *assignees, GError **error);

extern const RowTable merge_request_assignee_table;
