/*
 * Gitlab::GithubImport::Importer::PullRequests::ReviewImporter (lib/gitlab/github_import/importer/
 * pull_requests/review_importer.rb): a review becomes a note, an approval with its system note, and a
 * reviewer. The same review may come from its own job and from the timeline (`reviewed`); it is imported
 * once.
 *
 * The collection (importer/pull_requests/reviews_importer.rb, representation/pull_request_review.rb) is for
 * GitLabs up to 17.x; the newest learns of reviews from the timeline (events/reviewed.c).
 */
#pragma once

#include "importers/objects/object_importer.h"
#include "importers/stages/parallel_scheduling.h"

#define REVIEW_RECEIPT "pull_request_review" /* receipt_kind, keyed by the review's id */

extern const ObjectImporter review_importer;
/* Schedules a job for each review of each merge request; adds their waiter and count. */
gboolean reviews_schedule(Stage *stage, json_t *waiters, GError **error);

/* A review on its way to its rows. */
typedef struct Review Review;

/* `representation` ({"author":..,"note":..,"review_type":..,"submitted_at":..,..}) is consumed. 0 as
 * merge_request_id: there is none. (transfer full) */
Review *review_new(json_t *representation, gint64 merge_request_id, gboolean add_reviewer);
void review_free(Review *review);

/* The parts of ObjectImporter's prepare, build and write, for a batch's reviews (of Review *). `prepare`
 * takes them all, `write` those of fresh objects. */
gboolean reviews_prepare(ObjectBatch *batch, const GPtrArray *reviews, GError **error);
gboolean review_import(ObjectBatch *batch, ImportedObject *object, Review *review, GError **error);
gboolean reviews_write(ObjectBatch *batch, const GPtrArray *reviews, GError **error);
