#include "importers/registry.h"

#include "importers/objects/collaborator.h"
#include "importers/objects/diff_note.h"
#include "importers/objects/issue.h"
#include "importers/objects/issue_event.h"
#include "importers/objects/lfs_object.h"
#include "importers/objects/note.h"
#include "importers/objects/note_text.h"
#include "importers/objects/protected_branch.h"
#include "importers/objects/pull_request.h"
#include "importers/objects/pull_requests/merged_by.h"
#include "importers/objects/pull_requests/review.h"
#include "importers/objects/pull_requests/review_request.h"
#include "importers/objects/replay_events.h"
#include "importers/stages/stages.h"

#define IMPORT_JOBS_EXPIRATION 86400 /* seconds; Gitlab::Import::StuckImportJob */

/* app/workers/concerns/gitlab/github_import/{queue,stage_methods}.rb */
#define STAGE(stage, function)                                                                               \
    .name = "Gitlab::GithubImport::Stage::" stage "Worker", .queue_namespace = "github_importer",            \
    .feature_category = "importers", .retry = 6, .status_expiration = IMPORT_JOBS_EXPIRATION,                \
    .external_dependencies = TRUE, .perform = function, .retries_exhausted = stage_retries_exhausted

/* app/workers/concerns/import/resumable_import_job.rb */
#define RESUMABLE .max_interruptions = 20

/* app/workers/concerns/gitlab/github_import/{queue,object_importer}.rb */
#define OBJECT(object, object_importer)                                                                      \
    .name = "Gitlab::GithubImport::" object "Worker", .queue_namespace = "github_importer",                  \
    .feature_category = "importers", .retry = 5, .external_dependencies = TRUE,                              \
    .perform = object_importer_perform, .perform_batch = object_importer_perform_batch,                      \
    .retries_exhausted = object_importer_retries_exhausted, .importer = &(object_importer)

/* The same for objects that come with a file. */
#define FILE_OBJECT(object, object_importer) OBJECT(object, object_importer), .downloads = TRUE

const WorkerClass importers_registry[] = {
    {.name = "RepositoryImportWorker",
     .feature_category = "importers",
     .retry = WORKER_RETRY_OFF,
     .status_expiration = IMPORT_JOBS_EXPIRATION,
     .external_dependencies = TRUE,
     .perform = repository_import_perform},

    {STAGE("ImportRepository", import_repository_perform)},
    {STAGE("ImportBaseData", import_base_data_perform)},
    {STAGE("ImportPullRequests", import_pull_requests_perform), RESUMABLE},
    {STAGE("ImportCollaborators", import_collaborators_perform)},
    {STAGE("ImportPullRequestsMergedBy", import_pull_requests_merged_by_perform), RESUMABLE},
    {STAGE("ImportPullRequestsReviewRequests", import_pull_requests_review_requests_perform), RESUMABLE},
    {STAGE("ImportPullRequestsReviews", import_pull_requests_reviews_perform), RESUMABLE},
    {STAGE("ImportIssues", import_issues_and_diff_notes_perform)}, /* its name for a while */
    {STAGE("ImportIssuesAndDiffNotes", import_issues_and_diff_notes_perform), RESUMABLE},
    {STAGE("ImportIssueEvents", import_issue_events_perform), RESUMABLE},
    {STAGE("ImportNotes", import_notes_perform), RESUMABLE},
    {STAGE("ImportAttachments", import_attachments_perform), RESUMABLE},
    {STAGE("ImportProtectedBranches", import_protected_branches_perform)},
    {STAGE("ImportLfsObjects", import_lfs_objects_perform), RESUMABLE},
    {STAGE("FinishImport", finish_import_perform)},

    {FILE_OBJECT("Attachments::ImportIssue", issue_attachments_importer)},
    {FILE_OBJECT("Attachments::ImportMergeRequest", merge_request_attachments_importer)},
    {FILE_OBJECT("Attachments::ImportNote", note_attachments_importer)},
    {FILE_OBJECT("Attachments::ImportRelease", release_attachments_importer)},
    {OBJECT("ImportCollaborator", collaborator_importer)},
    {OBJECT("ImportDiffNote", diff_note_importer)},
    {OBJECT("ImportIssue", issue_importer)},
    {OBJECT("ImportIssueEvent", issue_event_importer)},
    {FILE_OBJECT("ImportLfsObject", lfs_object_importer)},
    {OBJECT("ImportNote", note_importer)},
    {OBJECT("ImportProtectedBranch", protected_branch_importer)},
    {OBJECT("ImportPullRequest", pull_request_importer)},
    {OBJECT("ImportPullRequestMergedBy", merged_by_importer)}, /* before GitLab 16, as is the next */
    {OBJECT("ImportPullRequestReview", review_importer)},
    {FILE_OBJECT("ImportReleaseAttachments", release_attachments_importer)}, /* GitLab 15 */
    {OBJECT("PullRequests::ImportMergedBy", merged_by_importer)},
    {OBJECT("PullRequests::ImportReview", review_importer)},
    {OBJECT("PullRequests::ImportReviewRequest", review_request_importer)},
    {OBJECT("ReplayEvents", replay_event_importer), .idempotent = TRUE},

    {.name = "Gitlab::GithubImport::AdvanceStageWorker",
     .feature_category = "importers",
     .retry = 6,
     .perform = advance_stage_perform},
    {.name = "Gitlab::Import::RefreshImportJidWorker",
     .feature_category = "importers",
     .retry = 5,
     .idempotent = TRUE,
     .perform = refresh_import_jid_perform},
    {.name = "Gitlab::GithubImport::RefreshImportJidWorker",
     .queue_namespace = "github_importer",
     .feature_category = "importers",
     .retry = 5,
     .perform = forward_refresh_import_jid_perform},
    {.name = "Import::LoadPlaceholderReferencesWorker",
     .feature_category = "importers",
     .retry = 6,
     .dead = TRUE,
     .idempotent = TRUE,
     .deduplicate = DEDUPLICATE_UNTIL_EXECUTED,
     .reschedule_once = TRUE,
     .perform = load_placeholder_references_perform,
     .retries_exhausted = load_placeholder_references_exhausted},

    /* What is left to Ruby. */
    {.name = "DetectRepositoryLanguagesWorker",
     .feature_category = "source_code_management",
     .retry = 1,
     .dead = TRUE},
    {.name = "ProjectCacheWorker",
     .feature_category = "source_code_management",
     .retry = 3,
     .dead = TRUE,
     .idempotent = TRUE},
    {.name = "AuthorizedProjectUpdate::ProjectRecalculateWorker",
     .queue_namespace = "authorized_project_update",
     .feature_category = "permissions",
     .retry = 3,
     .dead = TRUE,
     .idempotent = TRUE},
    {.name = "AuthorizedProjectUpdate::ProjectRecalculatePerUserWorker",
     .queue_namespace = "authorized_project_update",
     .feature_category = "permissions",
     .retry = 3,
     .dead = TRUE,
     .deduplicate = DEDUPLICATE_UNTIL_EXECUTED,
     .reschedule_once = TRUE,
     .idempotent = TRUE},
    {.name = "AuthorizedProjectUpdate::UserRefreshFromReplicaWorker",
     .queue_namespace = "authorized_project_update",
     .feature_category = "permissions",
     .retry = 3,
     .dead = TRUE,
     .idempotent = TRUE},
    {.name = "ObjectPool::JoinWorker",
     .queue_namespace = "object_pool",
     .feature_category = "shared",
     .retry = 3,
     .dead = TRUE},
    {.name = "Projects::AfterImportWorker", .feature_category = "importers", .retry = 3, .dead = TRUE},
    {.name = "Projects::ImportExport::ImportCompletionNotificationWorker",
     .feature_category = "importers",
     .retry = 3,
     .dead = TRUE,
     .idempotent = TRUE},
    {0},
};
