#include "importers/objects/issue_type.h"

#include "importers/gitlab/people_mode.h"

#define ISSUE     1 /* newest */
#define BASE_TYPE 0 /* before: work_item_types.base_type of issues */

/* The column correct_id was there for a few versions only. */
static const Statement all_types = {
    "issue_types",
    "SELECT id, base_type, coalesce((to_jsonb(types) ->> 'correct_id')::bigint, id) AS correct_id"
    " FROM work_item_types types ORDER BY id",
};

static void resolve_newest(IssueType *type)
{
    if (type->id == 0)
        type->id = ISSUE;
    type->correct_id = type->id;
}

static gboolean is_meant(const IssueType *type, const PGresult *rows, int row)
{
    if (type->id == 0)
        return database_integer(rows, row, "base_type") == BASE_TYPE;
    return database_integer(rows, row, "id") == type->id;
}

static void resolve_by_rows(IssueType *type, const PGresult *rows)
{
    for (int row = 0; row < PQntuples(rows); row++) {
        if (!is_meant(type, rows, row))
            continue;
        type->id = database_integer(rows, row, "id");
        type->correct_id = database_integer(rows, row, "correct_id");
        return;
    }
}

gboolean issue_types_resolve(Session *session, const GPtrArray *types, GError **error)
{
    gboolean newest = people_mode_is_newest(session);
    g_autoptr(PGresult) rows =
        newest ? NULL : database_run(session_database(session), error, &all_types, DATABASE_END);
    if (!newest && !rows)
        return FALSE;
    for (guint i = 0; i < types->len; i++)
        if (newest)
            resolve_newest(types->pdata[i]);
        else
            resolve_by_rows(types->pdata[i], rows);
    return TRUE;
}
