#include "importers/objects/merge_request.h"

const TableColumns merge_request_columns = {
    .table = "merge_requests",
    .columns = COLUMNS("id", "iid", "title", "description", "source_project_id", "target_project_id",
                       "source_branch", "target_branch", "state_id", "milestone_id", "author_id",
                       "created_at", "updated_at", "latest_merge_request_diff_id"),
    .known = COLUMNS("imported_from"),
    .inserts = TRUE,
};

const RowTable merge_request_table = {
    .columns = &merge_request_columns,
    .where_present = COLUMNS("imported_from"),
    .sequence = "merge_requests_id_seq",
};
