#include "importers/gitlab/protected_branch_rules.h"

#include "protocol/json.h"

#define CACHE_KEY "cache:gitlab:protected_branch:"

#define FIRST_ROLE_OF(kind)                                                                                  \
    "(SELECT l.access_level FROM matching o"                                                                 \
    "  JOIN protected_branch_" kind "_access_levels l ON l.protected_branch_id = o.id"                       \
    "  WHERE o.branch = m.branch AND l.user_id IS NULL AND l.group_id IS NULL"                               \
    "  AND to_jsonb(l) ->> 'deploy_key_id' IS NULL ORDER BY o.id, l.id LIMIT 1)"

/* Only the star means something in a rule's name. */
static const Statement find_matching = {
    "protected_branch_rules_find",
    "WITH matching AS ("
    "  SELECT n.branch, p.id, p.allow_force_push FROM json_array_elements_text($1::json) AS n (branch)"
    "  JOIN protected_branches p ON (p.project_id = $2 OR p.namespace_id = $3) AND n.branch LIKE"
    "    replace(regexp_replace(p.name, '([\\\\%_])', '\\\\\\1', 'g'), '*', '%')"
    ") SELECT m.branch, bool_or(m.allow_force_push) AS allow_force_push,"
    "  coalesce(" FIRST_ROLE_OF("push") ", 40) AS push_level,"
                                        "  coalesce(" FIRST_ROLE_OF(
                                            "merge") ", 40) AS merge_level"
                                                     " FROM matching m GROUP BY m.branch",
};

GHashTable *protected_branch_rules_find(Session *session, const Project *project, const json_t *names,
                                        GError **error)
{
    g_autofree char *text = json_dump(names);
    g_autoptr(PGresult) rows =
        database_run(session_database(session), error, &find_matching, text, SQL_INTEGER(project->id),
                     SQL_INTEGER(project->root_namespace_id), DATABASE_END);
    if (!rows)
        return NULL;
    GHashTable *found = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    for (int row = 0; row < PQntuples(rows); row++) {
        ProtectedBranchRules *rules = g_new0(ProtectedBranchRules, 1);
        rules->allow_force_push = database_boolean(rows, row, "allow_force_push");
        rules->push_level = (int)database_integer(rows, row, "push_level");
        rules->merge_level = (int)database_integer(rows, row, "merge_level");
        g_hash_table_insert(found, g_strdup(database_value(rows, row, "branch")), rules);
    }
    return found;
}

/* The key as it is today, and as it was with and without rules of groups in GitLab 17 and before. */
gboolean protected_branch_rules_expire(Session *session, const Project *project, GError **error)
{
    g_autofree char *now = g_strdup_printf(CACHE_KEY "project:%" G_GINT64_FORMAT, project->id);
    g_autofree char *with_groups = g_strdup_printf(CACHE_KEY "Project:%" G_GINT64_FORMAT, project->id);
    g_autofree char *without = g_strdup_printf(CACHE_KEY "%" G_GINT64_FORMAT, project->id);
    g_autoptr(redisReply) reply =
        redis_call(session_redis(session, REDIS_CACHE), error, "UNLINK", now, with_groups, without, NULL);
    return reply != NULL;
}
