#include "importers/objects/pull_requests/parents.h"

const Statement every_merge_request = {
    "every_merge_request",
    "SELECT iid, id FROM merge_requests WHERE target_project_id = $1 AND iid > $2 ORDER BY iid LIMIT 100",
};

json_t *merge_request_as_parent(const PGresult *rows, int row)
{
    return json_pack("{s:I, s:I}", "iid", (json_int_t)database_integer(rows, row, "iid"), "id",
                     (json_int_t)database_integer(rows, row, "id"));
}
