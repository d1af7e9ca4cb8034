/*
 * Who merged a merge request, and when: table merge_request_metrics
 * (lib/gitlab/github_import/importer/pull_requests/merged_by_importer.rb). Without user contribution mapping
 * the metrics may name nobody; a note of the project's creator names them then. Both may come from a job of
 * their own (merged_by.h) and from the timeline (events/merged.c); the note is written once.
 */
#pragma once

#include "importers/objects/object_importer.h"

typedef struct MergeMetrics MergeMetrics;

/* `user` is GitHub's user, or null for a deleted account; borrowed. `merged_at` (transfer full) may be NULL.
 * (transfer full) */
MergeMetrics *merge_metrics_new(gint64 merge_request_id, const json_t *user, char *merged_at);
void merge_metrics_free(MergeMetrics *metrics);

/* The parts of ObjectImporter's prepare, build and write, for a batch's metrics (of MergeMetrics *).
 * `prepare` takes them all, `write` those of fresh objects; of two for one merge request the later counts. */
gboolean merge_metrics_prepare(ObjectBatch *batch, const GPtrArray *all, GError **error);
gboolean merge_metrics_import(ObjectBatch *batch, ImportedObject *object, MergeMetrics *metrics,
                              GError **error);
gboolean merge_metrics_write(ObjectBatch *batch, const GPtrArray *all, GError **error);

extern const TableColumns merge_request_metrics_columns;
