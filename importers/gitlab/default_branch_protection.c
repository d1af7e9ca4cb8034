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

/* `entries` is a list of {"access_level":N}. */
static gboolean has_level(const json_t *entries, AccessLevel level)
{
    size_t i;
    const json_t *entry;
    json_array_foreach (entries, i, entry)
        if (json_integer_field(entry, "access_level", -1) == level)
            return TRUE;
    return FALSE;
}

static gboolean has_other_level(const json_t *entries, AccessLevel level)
{
    size_t i;
    const json_t *entry;
    json_array_foreach (entries, i, entry)
        if (json_integer_field(entry, "access_level", -1) != level)
            return TRUE;
    return FALSE;
}

/* Of one level for all: the first of these that is in the list. */
static AccessLevel level_of(const json_t *entries)
{
    static const AccessLevel order[] = {ACCESS_NONE, ACCESS_DEVELOPER, ACCESS_MAINTAINER};
    if (!entries)
        return ACCESS_MAINTAINER;
    for (guint i = 0; i < G_N_ELEMENTS(order); i++)
        if (has_level(entries, order[i]))
            return order[i];
    return ACCESS_ADMIN;
}

static void read_settings(const json_t *settings, DefaultBranchProtection *protection)
{
    const json_t *push = json_object_get(settings, "allowed_to_push");
    const json_t *merge = json_object_get(settings, "allowed_to_merge");
    protection->allow_force_push = json_true_field(settings, "allow_force_push");
    protection->any = !protection->allow_force_push || has_other_level(push, ACCESS_DEVELOPER) ||
                      has_other_level(merge, ACCESS_DEVELOPER);
    protection->developer_can_push = has_level(push, ACCESS_DEVELOPER);
    protection->developer_can_merge = has_level(merge, ACCESS_DEVELOPER);
    protection->push_level = (int)level_of(push);
    protection->merge_level = (int)level_of(merge);
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
