/*
 * The commits of merge request diffs: merge_request_diff_commit_users, merge_request_commits_metadata
 * (app/models/merge_request/diff_commit_user.rb, commits_metadata.rb) and the columns of
 * merge_request_diff_commits that this GitLab's generation writes (app/models/merge_request_diff_commit.rb).
 *
 * Trailers are always empty, as Gitaly's ListCommits tells none. Unlike in Ruby, somebody with neither name
 * nor address, whom GitLab's table refuses, is called "unknown" and does not fail the pull request.
 */
#pragma once

#include "importers/git/compare.h"
#include "importers/gitlab/project.h"
#include "importers/gitlab/row_table.h"

typedef struct MergeRequestCommit {
    GitCommit *commit;                           /* borrowed */
    gint64 author_id, committer_id, metadata_id; /* 0: none */
} MergeRequestCommit;

/* Finds or creates users and metadata of all commits (of MergeRequestCommit). Not to be called within a
 * transaction: they are shared by all merge requests, whatever becomes of the caller's rows. */
gboolean merge_request_commits_resolve(Session *session, const Project *project, const GPtrArray *commits,
                                       GError **error);
/* The row of one commit. (transfer full) */
json_t *merge_request_commit_row(const Session *session, const Project *project,
                                 const MergeRequestCommit *commit, gint64 diff_id, guint relative_order);
/* The table merge_request_diff_commits with the columns that this GitLab's generation writes. */
const RowTable *merge_request_diff_commit_table(const Session *session);

extern const TableColumns merge_request_diff_commit_columns, merge_request_diff_commit_user_columns,
    merge_request_commits_metadata_columns;
