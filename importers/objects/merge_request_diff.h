/*
 * The diff of a merge request: merge_request_diffs with its commits and files (app/models/
 * merge_request_diff.rb), from two commits of the project's repository.
 *
 * The commits are read, and the rows that merge requests share are found or created, before the transaction;
 * the texts of the files are made within it, one merge request after the other, and written as soon as there
 * is a megabyte of them, so that memory does not grow with the number of jobs in a batch.
 *
 * Not written, as GitLab takes what is missing for "not known": `generated`. Diffs stay in the database also
 * where GitLab keeps them in files (external_diffs); a cron job of GitLab's moves them.
 */
#pragma once

#include "importers/git/diff/collection.h"
#include "importers/gitlab/project.h"
#include "importers/gitlab/row_table.h"

typedef struct MergeRequestDiff MergeRequestDiff;

/* Reads the commits between `start_sha` and `head_sha`, of which either may be missing here or be NULL: then
 * the diff is empty. (transfer full) */
MergeRequestDiff *merge_request_diff_read(git_repository *repository, const char *start_sha,
                                          const char *head_sha, GError **error);
void merge_request_diff_free(MergeRequestDiff *diff);
/* For all of them (array of MergeRequestDiff) at once; not within a transaction. */
gboolean merge_request_diffs_resolve_commits(Session *session, const Project *project, const GPtrArray *diffs,
                                             GError **error);

typedef struct MergeRequestDiffWriter MergeRequestDiffWriter;

/* Everything is borrowed and must outlive the writer. `now` is created_at and updated_at. (transfer full) */
MergeRequestDiffWriter *merge_request_diff_writer_new(Session *session, const Project *project,
                                                      git_repository *repository, const char *now,
                                                      GError **error);
void merge_request_diff_writer_free(MergeRequestDiffWriter *writer);
/* Deletes the diffs that these merge requests (of gint64) have. */
gboolean merge_request_diff_writer_replace(MergeRequestDiffWriter *writer, const GArray *merge_request_ids,
                                           GError **error);
/* `merge_request` is the row of a new one, which is written in the same statement as its diff: to set
 * latest_merge_request_diff_id later would cost as much as to insert it. NULL: there is one. */
gboolean merge_request_diff_writer_add(MergeRequestDiffWriter *writer, const MergeRequestDiff *diff,
                                       gint64 id, gint64 merge_request_id, json_t *merge_request,
                                       GError **error);
/* Writes what is left, and latest_merge_request_diff_id of the merge requests that were there. */
gboolean merge_request_diff_writer_finish(MergeRequestDiffWriter *writer, GError **error);

extern const RowTable merge_request_diff_table;
extern const TableColumns merge_request_diff_columns, merge_request_diff_file_columns;

G_DEFINE_AUTOPTR_CLEANUP_FUNC(MergeRequestDiff, merge_request_diff_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MergeRequestDiffWriter, merge_request_diff_writer_free)
