#include "importers/gitlab/project.h"

#include "importers/gitlab/url_sanitizer.h"
#include "protocol/error_class.h"

static const char *project_error_class(G_GNUC_UNUSED int code)
{
    return "ActiveRecord::RecordNotFound";
}

DEFINE_ERROR_DOMAIN(project_error, project_error_class)

const TableColumns project_columns = {
    .table = "projects",
    .columns = COLUMNS("id", "namespace_id", "project_namespace_id", "organization_id", "creator_id", "path",
                       "import_type", "import_source", "import_url", "repository_storage", "storage_version",
                       "last_repository_updated_at", "updated_at", "created_at",
                       "only_allow_merge_if_all_discussions_are_resolved", "description_html",
                       "cached_markdown_version", "pool_repository_id"),
};

#define SELECT_PROJECT                                                                                       \
    "SELECT p.id, p.namespace_id, p.project_namespace_id, p.organization_id, p.creator_id, p.path,"          \
    "  r.path AS full_path, p.import_type, p.import_source, p.import_url, p.repository_storage,"             \
    "  coalesce(p.storage_version, 0) AS storage_version, p.created_at, root.id AS root_namespace_id,"       \
    "  root.path AS root_namespace_path, root.type = 'User' AS root_is_user_namespace,"                      \
    "  CASE root.type WHEN 'User' THEN root.owner_id END AS root_owner_id, s.id AS import_state_id"          \
    " FROM projects p"                                                                                       \
    " JOIN routes r ON r.source_type = 'Project' AND r.source_id = p.id"                                     \
    " JOIN namespaces n ON n.id = p.namespace_id"                                                            \
    " JOIN namespaces root ON root.id = coalesce(n.traversal_ids[1], n.id)"                                  \
    " LEFT JOIN project_mirror_data s ON s.project_id = p.id"

static const Statement find_by_id = {"project_find", SELECT_PROJECT " WHERE p.id = $1"};
static const Statement find_by_full_path = {
    "project_find_by_full_path",
    SELECT_PROJECT " WHERE lower(r.path) = lower($1) ORDER BY r.path = $1 DESC LIMIT 1",
};

static const Statement touch_repository = {
    "project_touch_repository",
    "UPDATE projects SET last_repository_updated_at = $2, updated_at = $2 WHERE id = $1",
};

static const Statement forget_html = {
    "project_forget_html",
    "UPDATE projects SET description_html = NULL, cached_markdown_version = NULL"
    " WHERE id = $1 AND num_nonnulls(description_html, cached_markdown_version) > 0",
};
static const Statement find_pool = {
    "project_find_pool",
    "SELECT pool_repository_id FROM projects WHERE id = $1 AND pool_repository_id IS NOT NULL",
};

static char *text(const PGresult *rows, const char *column)
{
    return g_strdup(database_value(rows, 0, column));
}

static Project *project_from_row(const PGresult *rows)
{
    Project *project = g_new0(Project, 1);
    project->id = database_integer(rows, 0, "id");
    project->namespace_id = database_integer(rows, 0, "namespace_id");
    project->project_namespace_id = database_integer(rows, 0, "project_namespace_id");
    project->organization_id = database_integer(rows, 0, "organization_id");
    project->creator_id = database_integer(rows, 0, "creator_id");
    project->path = text(rows, "path");
    project->full_path = text(rows, "full_path");
    project->import_type = text(rows, "import_type");
    project->import_source = text(rows, "import_source");
    project->import_url = url_sanitizer_strip(database_value(rows, 0, "import_url"));
    project->repository_storage = text(rows, "repository_storage");
    gint64 storage_version = database_integer(rows, 0, "storage_version");
    project->hashed_storage = storage_version >= 1;
    project->hashed_attachments = storage_version >= 2;
    project->created_at = text(rows, "created_at");
    project->root_namespace_id = database_integer(rows, 0, "root_namespace_id");
    project->root_namespace_path = text(rows, "root_namespace_path");
    project->root_is_user_namespace = database_boolean(rows, 0, "root_is_user_namespace");
    project->root_owner_id = database_integer(rows, 0, "root_owner_id");
    project->import_state_id = database_integer(rows, 0, "import_state_id");
    return project;
}

static gboolean find(Session *session, const Statement *statement, const char *param, Project **project,
                     GError **error)
{
    *project = NULL;
    g_autoptr(PGresult) rows = database_run(session_database(session), error, statement, param, DATABASE_END);
    if (!rows)
        return FALSE;
    if (PQntuples(rows) > 0)
        *project = project_from_row(rows);
    return TRUE;
}

gboolean project_find(Session *session, gint64 id, Project **project, GError **error)
{
    return find(session, &find_by_id, SQL_INTEGER(id), project, error);
}

gboolean project_find_by_full_path(Session *session, const char *full_path, Project **project, GError **error)
{
    return find(session, &find_by_full_path, full_path, project, error);
}

gboolean project_touch_repository(Session *session, const Project *project, const char *time, GError **error)
{
    g_autoptr(PGresult) result = database_run(session_database(session), error, &touch_repository,
                                              SQL_INTEGER(project->id), time, DATABASE_END);
    return result != NULL;
}

char *project_hashed_path(const Project *project)
{
    g_autofree char *id = g_strdup_printf("%" G_GINT64_FORMAT, project->id);
    g_autofree char *hash = g_compute_checksum_for_string(G_CHECKSUM_SHA256, id, -1);
    return g_strdup_printf("@hashed/%.2s/%.2s/%s", hash, hash + 2, hash);
}

gboolean project_forget_html(Session *session, const Project *project, GError **error)
{
    g_autoptr(PGresult) result =
        database_run(session_database(session), error, &forget_html, SQL_INTEGER(project->id), DATABASE_END);
    return result != NULL;
}

gboolean project_pool(Session *session, const Project *project, gint64 *pool_id, GError **error)
{
    g_autoptr(PGresult) rows =
        database_run(session_database(session), error, &find_pool, SQL_INTEGER(project->id), DATABASE_END);
    if (!rows)
        return FALSE;
    *pool_id = PQntuples(rows) > 0 ? database_integer(rows, 0, "pool_repository_id") : 0;
    return TRUE;
}

void project_free(Project *project)
{
    g_free(project->path);
    g_free(project->full_path);
    g_free(project->import_type);
    g_free(project->import_source);
    g_free(project->import_url);
    g_free(project->repository_storage);
    g_free(project->created_at);
    g_free(project->root_namespace_path);
    g_free(project);
}
