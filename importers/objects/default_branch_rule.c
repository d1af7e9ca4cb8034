#include "importers/objects/default_branch_rule.h"

#include "importers/objects/protected_branch_rows.h"

typedef struct DefaultBranchRule {
    Session *session;
    const Project *project;
    const char *branch;
    DefaultBranchProtection protection;
} DefaultBranchRule;

/* `row` is consumed. */
static gboolean insert_row(Session *session, const RowTable *table, json_t *row, GError **error)
{
    g_autoptr(json_t) rows = json_pack("[o]", row);
    return row_table_insert(session, table, rows, error);
}

static gboolean insert_level(const DefaultBranchRule *rule, const RowTable *table, gint64 rule_id,
                             int access_level, const char *now, GError **error)
{
    gint64 id;
    return row_table_next_id(rule->session, table, &id, error) &&
           insert_row(rule->session, table,
                      protected_branch_access_level_row(id, rule_id, rule->project, access_level, now),
                      error);
}

static gboolean insert_rule(const DefaultBranchRule *rule, const char *now, GError **error)
{
    const DefaultBranchProtection *protection = &rule->protection;
    gint64 id;
    return row_table_next_id(rule->session, &protected_branch_table, &id, error) &&
           insert_row(
               rule->session, &protected_branch_table,
               protected_branch_row(id, rule->project, rule->branch, protection->allow_force_push, now),
               error) &&
           insert_level(rule, &protected_branch_push_access_level_table, id, protection->push_level, now,
                        error) &&
           insert_level(rule, &protected_branch_merge_access_level_table, id, protection->merge_level, now,
                        error);
}

static gboolean find_rules(const DefaultBranchRule *rule, gboolean *found, GError **error)
{
    g_autoptr(json_t) names = json_pack("[s]", rule->branch);
    g_autoptr(GHashTable) rules = protected_branch_rules_find(rule->session, rule->project, names, error);
    if (!rules)
        return FALSE;
    *found = g_hash_table_size(rules) > 0;
    return TRUE;
}

/* The project's row, once it is touched, lets one process after the other look for the rule. */
static gboolean ensure(G_GNUC_UNUSED Database *database, gpointer data, GError **error)
{
    const DefaultBranchRule *rule = data;
    g_autofree char *now = database_now();
    gboolean found;
    return protected_branch_touch_project(rule->session, rule->project, now, error) &&
           find_rules(rule, &found, error) && (found || insert_rule(rule, now, error));
}

gboolean default_branch_rule_ensure(Session *session, const Project *project, const char *branch,
                                    GError **error)
{
    DefaultBranchRule rule = {.session = session, .project = project, .branch = branch};
    gboolean found;
    if (!default_branch_protection_find(session, project, &rule.protection, error) ||
        !find_rules(&rule, &found, error))
        return FALSE;
    return (!rule.protection.any || found ||
            database_transaction(session_database(session), ensure, &rule, error)) &&
           protected_branch_rules_expire(session, project, error);
}
