/*
 * Gitlab::GithubImport::Importer::PullRequests::ReviewImporter (lib/gitlab/github_import/importer/
 * pull_requests/review_importer.rb): a review becomes a note, an approval with its system note, and a
 * reviewer. The same review may come from its own job and from the timeline (`reviewed`); it is imported
 * once.
 */
#pragma once

#include "importers/objects/object_importer.h"
#include "importers/stages/parallel_scheduling.h"

#define REVIEW_RECEIPT "pull_request_review" /* receipt_kind, keyed by the review's id */

extern const ObjectImporter review_importer;
extern const ObjectCollection reviews_collection;
extern const ParentCollection reviews_parents;

/* ObjectImporter.build's part for `review`, a representation of section 5.2; the merge request is found. */
typedef struct ReviewTarget {
    gint64 merge_request_id;
    const char *updated_at; /* of the merge request, for a review without a time */
} ReviewTarget;
gboolean review_import(ObjectBatch *batch, ImportedObject *object, const json_t *review,
                       const ReviewTarget *target, gboolean add_reviewer, GError **error);

extern const TableColumns approval_columns;
