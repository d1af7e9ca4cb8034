#include "importers/gitlab/import_user.h"

#include "importers/gitlab/new_user.h"
#include "importers/gitlab/username.h"

#define SEGMENT_LENGTH 4

const TableColumns namespace_import_user_columns = {
    .table = "namespace_import_users",
    .columns = COLUMNS("id", "user_id", "namespace_id"),
    .inserts = TRUE,
};

static const Statement find = {
    "import_user_find",
    "SELECT user_id FROM namespace_import_users WHERE namespace_id = $1",
};
static const Statement insert = {
    "import_user_insert",
    "INSERT INTO namespace_import_users (user_id, namespace_id) VALUES ($1, $2)",
};

/* Ruby's SecureRandom.alphanumeric; it only has to differ, nobody may guess anything from it. */
static char *random_segment(void)
{
    static const char CHARACTERS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    char *segment = g_malloc0(SEGMENT_LENGTH + 1);
    for (guint i = 0; i < SEGMENT_LENGTH; i++)
        segment[i] = CHARACTERS[g_random_int_range(0, sizeof(CHARACTERS) - 1)];
    return segment;
}

static gboolean create(Session *session, const Project *project, gint64 *user_id, GError **error)
{
    g_autofree char *prefix = g_strconcat("import_user_", project->root_namespace_path, NULL);
    g_autofree char *segment = random_segment();
    g_autofree char *username = username_unique(session, prefix, segment, error);
    if (!username)
        return FALSE;
    g_autofree char *email = username_email(session, username);
    NewUser user = {USER_TYPE_IMPORT_USER, "Import User", username, email, project->organization_id};
    if (!new_user_insert(session, &user, user_id, error))
        return FALSE;
    g_autoptr(PGresult) result =
        database_run(session_database(session), error, &insert, SQL_INTEGER(*user_id),
                     SQL_INTEGER(project->root_namespace_id), DATABASE_END);
    return result != NULL;
}

gboolean import_user_find_or_create(Session *session, const Project *project, gint64 *user_id, GError **error)
{
    g_autoptr(PGresult) row = database_run(session_database(session), error, &find,
                                           SQL_INTEGER(project->root_namespace_id), DATABASE_END);
    if (!row)
        return FALSE;
    if (PQntuples(row) == 0)
        return create(session, project, user_id, error);
    *user_id = database_integer(row, 0, "user_id");
    return TRUE;
}
