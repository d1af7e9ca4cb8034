#include "importers/gitlab/placeholder_user.h"

#include "importers/gitlab/new_user.h"
#include "importers/gitlab/username.h"
#include "protocol/log.h"

#define MAX_NAME 127 /* characters of the source name */

const TableColumns placeholder_user_detail_columns = {
    .table = "import_placeholder_user_details",
    .columns =
        COLUMNS("id", "placeholder_user_id", "namespace_id", "organization_id", "created_at", "updated_at"),
    .inserts = TRUE,
    .optional = TRUE,
};

static const Statement insert_detail = {
    "placeholder_user_insert_detail",
    "INSERT INTO import_placeholder_user_details"
    " (placeholder_user_id, namespace_id, organization_id, created_at, updated_at) VALUES ($1, $2, $3, $4, "
    "$4)",
};

static char *placeholder_name(const char *source_name)
{
    if (!source_name)
        return g_strdup("Placeholder github Source User");
    g_autofree char *head = g_utf8_substring(source_name, 0, MIN(g_utf8_strlen(source_name, -1), MAX_NAME));
    return g_strconcat("Placeholder ", head, NULL);
}

static gboolean record_detail(Session *session, const Project *project, gint64 user_id, GError **error)
{
    if (!schema_has_column(session->schema, placeholder_user_detail_columns.table, "placeholder_user_id"))
        return TRUE;
    g_autofree char *now = database_now();
    g_autoptr(PGresult) result = database_run(session_database(session), error, &insert_detail,
                                              SQL_INTEGER(user_id), SQL_INTEGER(project->root_namespace_id),
                                              SQL_INTEGER(project->organization_id), now, DATABASE_END);
    return result != NULL;
}

gboolean placeholder_user_create(Session *session, const Project *project, const SourceIdentity *identity,
                                 gint64 *user_id, GError **error)
{
    g_autofree char *prefix = username_placeholder_prefix(identity->username);
    g_autofree char *segment =
        username_placeholder_segment(project->root_namespace_path, identity->identifier);
    g_autofree char *username = username_unique(session, prefix, segment, error);
    if (!username)
        return FALSE;
    g_autofree char *name = placeholder_name(identity->name);
    g_autofree char *email = username_email(session, username);
    NewUser user = {USER_TYPE_PLACEHOLDER, name, username, email, project->organization_id};
    if (!new_user_insert(session, &user, user_id, error) || !record_detail(session, project, *user_id, error))
        return FALSE;
    log_info("Placeholder user created", "{s:s, s:I, s:I}", "import_type", "github", "namespace_id",
             (json_int_t)project->root_namespace_id, "user_id", (json_int_t)*user_id);
    return TRUE;
}
