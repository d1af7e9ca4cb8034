#include "protocol/worker_class.h"
#include "spec/support/cmocka_glib.h"

static void queues_are_named_as_gitlab_names_them(G_GNUC_UNUSED void **state)
{
    static const struct {
        const char *name, *queue;
    } cases[] = {
        {"AdvanceStageWorker", "github_import_advance_stage"},
        {"Attachments::ImportIssueWorker", "github_import_attachments_import_issue"},
        {"Attachments::ImportMergeRequestWorker", "github_import_attachments_import_merge_request"},
        {"Attachments::ImportNoteWorker", "github_import_attachments_import_note"},
        {"Attachments::ImportReleaseWorker", "github_import_attachments_import_release"},
        {"ImportCollaboratorWorker", "github_import_import_collaborator"},
        {"ImportDiffNoteWorker", "github_import_import_diff_note"},
        {"ImportIssueEventWorker", "github_import_import_issue_event"},
        {"ImportIssueWorker", "github_import_import_issue"},
        {"ImportLfsObjectWorker", "github_import_import_lfs_object"},
        {"ImportNoteWorker", "github_import_import_note"},
        {"ImportProtectedBranchWorker", "github_import_import_protected_branch"},
        {"ImportPullRequestWorker", "github_import_import_pull_request"},
        {"PullRequests::ImportMergedByWorker", "github_import_pull_requests_import_merged_by"},
        {"PullRequests::ImportReviewRequestWorker", "github_import_pull_requests_import_review_request"},
        {"PullRequests::ImportReviewWorker", "github_import_pull_requests_import_review"},
        {"RefreshImportJidWorker", "github_import_refresh_import_jid"},
        {"ReplayEventsWorker", "github_import_replay_events"},
        {"Stage::FinishImportWorker", "github_import_stage_finish_import"},
        {"Stage::ImportAttachmentsWorker", "github_import_stage_import_attachments"},
        {"Stage::ImportBaseDataWorker", "github_import_stage_import_base_data"},
        {"Stage::ImportCollaboratorsWorker", "github_import_stage_import_collaborators"},
        {"Stage::ImportIssueEventsWorker", "github_import_stage_import_issue_events"},
        {"Stage::ImportIssuesAndDiffNotesWorker", "github_import_stage_import_issues_and_diff_notes"},
        {"Stage::ImportLfsObjectsWorker", "github_import_stage_import_lfs_objects"},
        {"Stage::ImportNotesWorker", "github_import_stage_import_notes"},
        {"Stage::ImportProtectedBranchesWorker", "github_import_stage_import_protected_branches"},
        {"Stage::ImportPullRequestsMergedByWorker", "github_import_stage_import_pull_requests_merged_by"},
        {"Stage::ImportPullRequestsReviewRequestsWorker",
         "github_import_stage_import_pull_requests_review_requests"},
        {"Stage::ImportPullRequestsReviewsWorker", "github_import_stage_import_pull_requests_reviews"},
        {"Stage::ImportPullRequestsWorker", "github_import_stage_import_pull_requests"},
        {"Stage::ImportRepositoryWorker", "github_import_stage_import_repository"},
        {"ImportPullRequestMergedByWorker", "github_import_import_pull_request_merged_by"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *name = g_strconcat("Gitlab::GithubImport::", cases[i].name, NULL);
        g_autofree char *queue = g_strconcat("github_importer:", cases[i].queue, NULL);
        const WorkerClass worker = {.name = name, .queue_namespace = "github_importer"};
        assert_text(worker_class_generated_queue(&worker), queue);
    }
}

static void a_class_without_namespace_has_no_prefix(G_GNUC_UNUSED void **state)
{
    const WorkerClass refresh = {.name = "Gitlab::Import::RefreshImportJidWorker"};
    const WorkerClass import = {.name = "RepositoryImportWorker"};
    const WorkerClass acronym = {.name = "HTTPServerWorker"};
    assert_text(worker_class_generated_queue(&refresh), "import_refresh_import_jid");
    assert_text(worker_class_generated_queue(&import), "repository_import");
    assert_text(worker_class_generated_queue(&acronym), "http_server");
}

static void later_tables_win(G_GNUC_UNUSED void **state)
{
    const WorkerClass first[] = {{.name = "A", .retry = 1}, {.name = "B", .retry = 1}, {.name = NULL}};
    const WorkerClass second[] = {{.name = "B", .retry = 2}, {.name = NULL}};
    g_autoptr(WorkerRegistry) registry = worker_registry_new((const WorkerClass *[]){first, second}, 2);
    assert_int_equal(worker_registry_find(registry, "A")->retry, 1);
    assert_int_equal(worker_registry_find(registry, "B")->retry, 2);
    assert_null(worker_registry_find(registry, "C"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(queues_are_named_as_gitlab_names_them),
        cmocka_unit_test(a_class_without_namespace_has_no_prefix),
        cmocka_unit_test(later_tables_win),
    };
    return cmocka_run_group_tests_name("worker_class", tests, NULL, NULL);
}
