#include "importers/gitlab/default_branch_protection.h"

#include "importers/gitlab/access.h"
#include "protocol/json.h"

#include <string.h>

static const Statement find_settings = {
    "default_branch_protection_find",
    "SELECT coalesce("
    "  CASE WHEN n.type <> 'User' THEN"
    "    nullif((SELECT to_jsonb(s) -> 'default_branch_protection_defaults' FROM namespace_settings s"
    "            WHERE s.namespace_id = n.id), '{}') END,"
    "  (SELECT to_jsonb(a) -> 'default_branch_protection_defaults' FROM application_settings a"
    "   ORDER BY a.id DESC LIMIT 1), '{}') AS settings"
    " FROM namespaces n WHERE n.id = $1",
};

/* `entries` is a list of {"access_level":N}. Whether one of them is for developers, or for somebody else. */
static gboolean has_entry(const json_t *entries, gboolean for_developers)
{
    size_t i;
    const json_t *entry;
    json_array_foreach (entries, i, entry)
        if ((json_integer_field(entry, "access_level", -1) == ACCESS_DEVELOPER) == for_developers)
            return TRUE;
    return FALSE;
}

static void read_settings(const json_t *settings, DefaultBranchProtection *protection)
{
    const json_t *push = json_object_get(settings, "allowed_to_push");
    const json_t *merge = json_object_get(settings, "allowed_to_merge");
    protection->any =
        !json_true_field(settings, "allow_force_push") || has_entry(push, FALSE) || has_entry(merge, FALSE);
    protection->developer_can_push = has_entry(push, TRUE);
    protection->developer_can_merge = has_entry(merge, TRUE);
}

gboolean default_branch_protection_find(Session *session, const Project *project,
                                        DefaultBranchProtection *protection, GError **error)
{
    g_autoptr(PGresult) rows = database_run(session_database(session), error, &find_settings,
                                            SQL_INTEGER(project->namespace_id), DATABASE_END);
    if (!rows)
        return FALSE;
    const char *text = PQntuples(rows) > 0 ? database_value(rows, 0, "settings") : NULL;
    g_autoptr(json_t) settings = text ? json_parse(text, strlen(text), error) : json_object();
    if (!settings)
        return FALSE;
    read_settings(settings, protection);
    return TRUE;
}
