#include "importers/gitlab/new_user.h"

#include "protocol/random_hex.h"

const TableColumns user_columns = {
    .table = "users",
    .columns = COLUMNS("id", "user_type", "name", "username", "email", "state", "projects_limit", "external",
                       "can_create_group", "can_create_team", "incoming_email_token", "organization_id",
                       "created_at", "updated_at"),
    .inserts = TRUE,
};
const TableColumns user_setting_columns = {
    .table = "application_settings",
    .columns = COLUMNS("id", "default_projects_limit", "user_default_external"),
};
const TableColumns user_namespace_columns = {
    .table = "namespaces",
    .columns = COLUMNS("id", "name", "path", "owner_id", "type", "parent_id", "traversal_ids",
                       "organization_id", "created_at", "updated_at"),
    .inserts = TRUE,
};
const TableColumns user_namespace_settings_columns = {
    .table = "namespace_settings",
    .columns = COLUMNS("namespace_id", "created_at", "updated_at"),
    .inserts = TRUE,
};
const TableColumns user_namespace_details_columns = {
    .table = "namespace_details",
    .columns = COLUMNS("namespace_id", "created_at", "updated_at"),
    .inserts = TRUE,
};
const TableColumns user_route_columns = {
    .table = "routes",
    .columns =
        COLUMNS("id", "source_type", "source_id", "path", "name", "namespace_id", "created_at", "updated_at"),
    .inserts = TRUE,
};
const TableColumns user_detail_columns = {
    .table = "user_details",
    .columns = COLUMNS("user_id"),
    .inserts = TRUE,
};
const TableColumns organization_user_columns = {
    .table = "organization_users",
    .columns = COLUMNS("id", "organization_id", "user_id", "access_level", "created_at", "updated_at"),
    .inserts = TRUE,
};
const TableColumns organization_user_detail_columns = {
    .table = "organization_user_details",
    .columns =
        COLUMNS("id", "organization_id", "user_id", "username", "display_name", "created_at", "updated_at"),
    .inserts = TRUE,
    .optional = TRUE,
};

static const Statement insert_user = {
    "new_user_insert_user",
    "INSERT INTO users (user_type, name, username, email, state, projects_limit, external, can_create_group,"
    "  can_create_team, incoming_email_token, organization_id, created_at, updated_at)"
    " SELECT $1, $2, $3, $4, 'active',"
    "  CASE WHEN s.user_default_external THEN 0 ELSE coalesce(s.default_projects_limit, 100000) END,"
    "  coalesce(s.user_default_external, false), NOT coalesce(s.user_default_external, false), false, $5, "
    "$6, $7, $7"
    " FROM (SELECT max(id) AS id FROM application_settings) newest"
    " LEFT JOIN application_settings s ON s.id = newest.id RETURNING id",
};
static const Statement insert_namespace = {
    "new_user_insert_namespace",
    "INSERT INTO namespaces (name, path, owner_id, type, organization_id, created_at, updated_at)"
    " VALUES ($1, $2, $3, 'User', $4, $5, $5) RETURNING id",
};
/* A statement of its own, as in Ruby: its trigger tells the CI database of the new namespace. */
static const Statement set_traversal_ids = {
    "new_user_set_traversal_ids",
    "UPDATE namespaces SET traversal_ids = ARRAY[id] WHERE id = $1",
};
/* One statement for what has one row for each namespace. */
static const Statement insert_for_namespace = {
    "new_user_insert_for_namespace",
    "WITH settings AS ("
    "  INSERT INTO namespace_settings (namespace_id, created_at, updated_at) VALUES ($1, $4, $4)"
    "), details AS ("
    "  INSERT INTO namespace_details (namespace_id, created_at, updated_at) VALUES ($1, $4, $4)"
    "  ON CONFLICT (namespace_id) DO NOTHING"
    ") INSERT INTO routes (source_type, source_id, path, name, namespace_id, created_at, updated_at)"
    " VALUES ('Namespace', $1, $2, $3, $1, $4, $4)",
};
static const Statement insert_for_user = {
    "new_user_insert_for_user",
    "WITH detail AS (INSERT INTO user_details (user_id) VALUES ($1))"
    " INSERT INTO organization_users (organization_id, user_id, access_level, created_at, updated_at)"
    " VALUES ($2, $1, 10, $3, $3)",
};
static const Statement insert_organization_detail = {
    "new_user_insert_organization_detail",
    "INSERT INTO organization_user_details (organization_id, user_id, username, display_name, created_at, "
    "updated_at)"
    " VALUES ($1, $2, $3, $4, $5, $5)",
};

static gboolean insert_user_row(Database *database, const NewUser *user, const char *now, gint64 *user_id,
                                GError **error)
{
    g_autofree char *random = random_hex(16);
    g_autofree char *token = g_strconcat("glimt-", random, NULL);
    g_autoptr(PGresult) row =
        database_run(database, error, &insert_user, SQL_INTEGER(user->type), user->name, user->username,
                     user->email, token, SQL_INTEGER(user->organization_id), now, DATABASE_END);
    if (!row)
        return FALSE;
    *user_id = database_integer(row, 0, "id");
    return TRUE;
}

static gboolean insert_personal_namespace(Database *database, const NewUser *user, gint64 user_id,
                                          const char *now, GError **error)
{
    g_autoptr(PGresult) row =
        database_run(database, error, &insert_namespace, user->name, user->username, SQL_INTEGER(user_id),
                     SQL_INTEGER(user->organization_id), now, DATABASE_END);
    if (!row)
        return FALSE;
    const char *namespace_id = database_value(row, 0, "id");
    g_autoptr(PGresult) traversal =
        database_run(database, error, &set_traversal_ids, namespace_id, DATABASE_END);
    if (!traversal)
        return FALSE;
    g_autoptr(PGresult) rest = database_run(database, error, &insert_for_namespace, namespace_id,
                                            user->username, user->name, now, DATABASE_END);
    return rest != NULL;
}

static gboolean insert_organization_user_detail(Session *session, const NewUser *user, gint64 user_id,
                                                const char *now, GError **error)
{
    if (!schema_has_column(session->schema, organization_user_detail_columns.table, "username"))
        return TRUE;
    g_autoptr(PGresult) details = database_run(session_database(session), error, &insert_organization_detail,
                                               SQL_INTEGER(user->organization_id), SQL_INTEGER(user_id),
                                               user->username, user->name, now, DATABASE_END);
    return details != NULL;
}

gboolean new_user_insert(Session *session, const NewUser *user, gint64 *user_id, GError **error)
{
    Database *database = session_database(session);
    g_autofree char *now = database_now();
    if (!insert_user_row(database, user, now, user_id, error))
        return FALSE;
    g_autoptr(PGresult) rest = database_run(database, error, &insert_for_user, SQL_INTEGER(*user_id),
                                            SQL_INTEGER(user->organization_id), now, DATABASE_END);
    return rest && insert_personal_namespace(database, user, *user_id, now, error) &&
           insert_organization_user_detail(session, user, *user_id, now, error);
}
