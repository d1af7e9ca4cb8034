/*
 * What the jobs of the import's graph do: one function per worker class, each in the file named after its
 * class.
 *
 *   RepositoryImportWorker -> ImportRepository -> ImportBaseData -> ImportPullRequests
 *     -> Collaborators -> IssuesAndDiffNotes -> IssueEvents -> Attachments -> ProtectedBranches -> LfsObjects
 *     -> FinishImport            (app/workers/repository_import_worker.rb,
 * app/workers/gitlab/github_import/stage/)
 *
 * Older servers have ImportPullRequestsMergedBy, ImportPullRequestsReviewRequests and
 * ImportPullRequestsReviews between Collaborators and IssuesAndDiffNotes, and ImportNotes between IssueEvents
 * and Attachments. Here they take part where such a server has left a job of theirs, or where its import is
 * not to have the timelines that bring the same.
 *
 * The first four follow one another directly; from ImportPullRequests on, an AdvanceStageWorker waits for a
 * stage's object jobs and enqueues the next stage.
 */
#pragma once

#include "importers/gitlab/table_columns.h"
#include "protocol/worker_class.h"

gboolean repository_import_perform(Session *session, const Job *job, GError **error);

gboolean import_repository_perform(Session *session, const Job *job, GError **error);
gboolean import_base_data_perform(Session *session, const Job *job, GError **error);
gboolean import_pull_requests_perform(Session *session, const Job *job, GError **error);
gboolean import_pull_requests_merged_by_perform(Session *session, const Job *job, GError **error);
gboolean import_pull_requests_review_requests_perform(Session *session, const Job *job, GError **error);
gboolean import_pull_requests_reviews_perform(Session *session, const Job *job, GError **error);
gboolean import_collaborators_perform(Session *session, const Job *job, GError **error);
gboolean import_issues_and_diff_notes_perform(Session *session, const Job *job, GError **error);
gboolean import_issue_events_perform(Session *session, const Job *job, GError **error);
gboolean import_notes_perform(Session *session, const Job *job, GError **error);
gboolean import_attachments_perform(Session *session, const Job *job, GError **error);
gboolean import_protected_branches_perform(Session *session, const Job *job, GError **error);
gboolean import_lfs_objects_perform(Session *session, const Job *job, GError **error);
gboolean finish_import_perform(Session *session, const Job *job, GError **error);

gboolean advance_stage_perform(Session *session, const Job *job, GError **error);
gboolean refresh_import_jid_perform(Session *session, const Job *job, GError **error);
gboolean forward_refresh_import_jid_perform(Session *session, const Job *job, GError **error);
gboolean load_placeholder_references_perform(Session *session, const Job *job, GError **error);

extern const TableColumns loaded_reference_columns;

/* sidekiq_retries_exhausted of every stage: the import has failed. */
void stage_retries_exhausted(Session *session, const Job *job, const GError *last_error);
/* The references that could not be loaded are dropped, as GitLab does, so that the import can finish. */
void load_placeholder_references_exhausted(Session *session, const Job *job, const GError *last_error);
