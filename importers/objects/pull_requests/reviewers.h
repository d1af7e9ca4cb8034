/*
 * Table merge_request_reviewers: who is asked to review a merge request, or has done so. Somebody who is a
 * reviewer already stays one, in the state that they have (lib/gitlab/import/merge_request_helpers.rb,
 * create_reviewer!; importer/pull_requests/review_request_importer.rb).
 */
#pragma once

#include "importers/objects/object_importer.h"

/* merge_request_reviewers.state (app/models/merge_request_reviewer.rb) */
typedef enum { REVIEWER_UNREVIEWED = 0, REVIEWER_REVIEWED = 1 } ReviewerState;

typedef struct NewReviewer {
    gint64 merge_request_id;
    const FoundUser *user;
    ReviewerState state;
    const char *created_at;
} NewReviewer;

/* The reviewers that these merge requests have, for reviewer_build of one batch. (transfer full) */
GHashTable *reviewers_find(ObjectBatch *batch, const json_t *merge_request_ids, GError **error);
/* Adds a row to `rows` (an array), and its reference to the object, unless the user is one of `present`. */
gboolean reviewer_build(ObjectBatch *batch, ImportedObject *object, const NewReviewer *reviewer,
                        GHashTable *present, json_t *rows, GError **error);
/* The same for a user of GitHub's who is asked and has not reviewed yet, unless the account is deleted. */
gboolean reviewer_build_asked(ObjectBatch *batch, ImportedObject *object, gint64 merge_request_id,
                              const json_t *user, GHashTable *present, json_t *rows, GError **error);
/* In the transaction: inserts the rows of all objects. */
gboolean reviewers_write(ObjectBatch *batch, const json_t *rows, GError **error);

extern const TableColumns merge_request_reviewer_columns;
