#include "importers/gitlab/membership.h"

/* Bots of a project are not allowed to be members elsewhere. */
#define PROJECT_BOT "6"
/* Members of groups with minimal access (5) see nothing of the project. */
#define USER_OF_GROUP                                                                                        \
    " m.source_type = 'Namespace' AND m.user_id = $2 AND m.requested_at IS NULL AND m.access_level > 5 "

static const Statement find_members = {
    "membership_find_members",
    "SELECT u.user_type = " PROJECT_BOT " AS is_project_bot,"
    " (SELECT max(m.access_level) FROM members m"
    "  WHERE m.source_type = 'Project' AND m.source_id = $1 AND m.user_id = $2) AS direct,"
    " (SELECT max(m.access_level) FROM members m"
    "  WHERE" USER_OF_GROUP "AND m.source_id = ANY (n.traversal_ids)) AS through_groups"
    " FROM projects p JOIN namespaces n ON n.id = p.namespace_id JOIN users u ON u.id = $2"
    " WHERE p.id = $1",
};
/* Groups that the project, or a group above it, was shared with. */
static const Statement find_invited = {
    "membership_find_invited",
    "SELECT max(least(m.access_level, invited.group_access)) AS through_groups FROM"
    " (SELECT link.group_id, link.group_access FROM project_group_links link"
    "   WHERE link.project_id = $1 AND (link.expires_at IS NULL OR link.expires_at > current_date)"
    "  UNION ALL"
    "  SELECT link.shared_with_group_id, link.group_access FROM projects p"
    "   JOIN namespaces n ON n.id = p.namespace_id"
    "   JOIN group_group_links link ON link.shared_group_id = ANY (n.traversal_ids)"
    "   WHERE p.id = $1 AND (link.expires_at IS NULL OR link.expires_at > current_date)) invited"
    " JOIN namespaces g ON g.id = invited.group_id"
    " JOIN members m ON" USER_OF_GROUP "AND m.source_id = ANY (g.traversal_ids)",
};

static gboolean has_links(const Session *session)
{
    return schema_has_column(session->schema, "project_group_links", "group_access") &&
           schema_has_column(session->schema, "group_group_links", "group_access");
}

static gboolean add_invited(Session *session, gint64 project_id, gint64 user_id, Membership *membership,
                            GError **error)
{
    g_autoptr(PGresult) rows = database_run(session_database(session), error, &find_invited,
                                            SQL_INTEGER(project_id), SQL_INTEGER(user_id), DATABASE_END);
    if (!rows)
        return FALSE;
    membership->through_groups = MAX(membership->through_groups, database_integer(rows, 0, "through_groups"));
    return TRUE;
}

gboolean membership_find(Session *session, gint64 project_id, gint64 user_id, Membership *membership,
                         GError **error)
{
    g_autoptr(PGresult) rows = database_run(session_database(session), error, &find_members,
                                            SQL_INTEGER(project_id), SQL_INTEGER(user_id), DATABASE_END);
    *membership = (Membership){0};
    if (!rows)
        return FALSE;
    if (PQntuples(rows) == 0)
        return TRUE;
    membership->is_project_bot = database_boolean(rows, 0, "is_project_bot");
    membership->direct = database_integer(rows, 0, "direct");
    membership->through_groups = database_integer(rows, 0, "through_groups");
    return !has_links(session) || add_invited(session, project_id, user_id, membership, error);
}

const TableColumns member_columns = {
    .table = "members",
    .columns =
        COLUMNS("id", "type", "source_type", "source_id", "member_namespace_id", "user_id", "access_level",
                "created_by_id", "notification_level", "requested_at", "created_at", "updated_at"),
    .inserts = TRUE,
};
const TableColumns project_group_link_columns = {
    .table = "project_group_links",
    .columns = COLUMNS("project_id", "group_id", "group_access", "expires_at"),
    .optional = TRUE,
};
const TableColumns group_group_link_columns = {
    .table = "group_group_links",
    .columns = COLUMNS("shared_group_id", "shared_with_group_id", "group_access", "expires_at"),
    .optional = TRUE,
};
