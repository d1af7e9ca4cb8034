#include "importers/gitlab/table_columns.h"

#include "importers/gitlab/import_data.h"
#include "importers/gitlab/import_failure.h"
#include "importers/gitlab/import_state.h"
#include "importers/gitlab/import_user.h"
#include "importers/gitlab/internal_id.h"
#include "importers/gitlab/legacy_user_finder.h"
#include "importers/gitlab/membership.h"
#include "importers/gitlab/new_user.h"
#include "importers/gitlab/people_mode.h"
#include "importers/gitlab/placeholder_user.h"
#include "importers/gitlab/placeholder_user_limit.h"
#include "importers/gitlab/project.h"
#include "importers/gitlab/source_user.h"
#include "importers/gitlab/upload.h"
#include "importers/objects/bulk_import.h"
#include "importers/objects/collaborator.h"
#include "importers/objects/diff_notes/diff_position.h"
#include "importers/objects/diff_notes/suggestions.h"
#include "importers/objects/events/system_note.h"
#include "importers/objects/issue.h"
#include "importers/objects/issue_label_links.h"
#include "importers/objects/issue_search_data.h"
#include "importers/objects/lfs_object.h"
#include "importers/objects/merge_request.h"
#include "importers/objects/merge_request_commits.h"
#include "importers/objects/merge_request_diff.h"
#include "importers/objects/protected_branch_rows.h"
#include "importers/objects/pull_request.h"
#include "importers/objects/pull_requests/approvals.h"
#include "importers/objects/pull_requests/merge_metrics.h"
#include "importers/objects/pull_requests/reviewers.h"
#include "importers/stages/stages.h"

const TableColumns *const schema_tables[] = {
    &project_columns,
    &import_state_columns,
    &import_data_columns,
    &import_failure_columns,
    &internal_id_columns,
    &source_user_columns,
    &placeholder_user_detail_columns,
    &plan_limit_columns,
    &namespace_import_user_columns,
    &user_columns,
    &user_setting_columns,
    &user_namespace_columns,
    &user_namespace_settings_columns,
    &user_namespace_details_columns,
    &user_route_columns,
    &user_detail_columns,
    &organization_user_columns,
    &organization_user_detail_columns,
    &label_columns,
    &milestone_columns,
    &release_columns,
    &loaded_reference_columns,
    &work_item_type_columns,
    &identity_columns,
    &email_columns,
    &issue_columns,
    &issue_assignee_columns,
    &issue_search_data_columns,
    &label_link_columns,
    &merge_request_columns,
    &merge_request_assignee_columns,
    &merge_request_diff_columns,
    &merge_request_diff_commit_columns,
    &merge_request_diff_commit_user_columns,
    &merge_request_commits_metadata_columns,
    &merge_request_diff_file_columns,
    &member_columns,
    &placeholder_membership_columns,
    &project_group_link_columns,
    &group_group_link_columns,
    &merge_request_reviewer_columns,
    &approval_columns,
    &note_columns,
    &note_diff_file_columns,
    &suggestion_columns,
    &event_columns,
    &resource_state_event_columns,
    &resource_label_event_columns,
    &resource_milestone_event_columns,
    &system_note_metadata_columns,
    &merge_request_metrics_columns,
    &protected_branch_columns,
    &protected_branch_push_access_level_columns,
    &protected_branch_merge_access_level_columns,
    &upload_columns,
    &lfs_object_columns,
    &lfs_objects_project_columns,
    NULL,
};
