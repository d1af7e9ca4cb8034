/*
 * A project under import: the rows of projects, its namespaces and route that the importers need
 * (app/models/project.rb). A snapshot; nothing in it changes.
 */
#pragma once

#include "importers/gitlab/session.h"
#include "importers/gitlab/table_columns.h"

#define PROJECT_ERROR (project_error_quark())
GQuark project_error_quark(void);
typedef enum { PROJECT_ERROR_NOT_FOUND /* ActiveRecord::RecordNotFound */ } ProjectError;

typedef struct Project {
    gint64 id, namespace_id, project_namespace_id, organization_id, creator_id;
    char *path, *full_path;                         /* "rocket", "acme-group/rocket" (routes.path) */
    char *import_type, *import_source, *import_url; /* "github", "acme/rocket", URL without credentials */
    char *repository_storage;
    gboolean hashed_storage;     /* storage_version >= 1 */
    gboolean hashed_attachments; /* storage_version >= 2 */
    char *created_at;            /* as text */
    gint64 root_namespace_id;
    char *root_namespace_path;
    gboolean root_is_user_namespace;
    gint64 root_owner_id;   /* owner of a user namespace, else 0 */
    gint64 import_state_id; /* project_mirror_data.id, 0 if none */
} Project;

/* *project is NULL, without error, when there is no such project. (transfer full) */
gboolean project_find(Session *session, gint64 id, Project **project, GError **error);
gboolean project_find_by_full_path(Session *session, const char *full_path, Project **project,
                                   GError **error);
/* The repository has what GitHub had at `time`, a time as database_now() writes it. */
gboolean project_touch_repository(Session *session, const Project *project, const char *time, GError **error);
/* "@hashed/xx/yy/..." of GitLab's own storage (app/models/storage/hashed.rb). (transfer full) */
char *project_hashed_path(const Project *project);
/* What the description refers to is there only now: Ruby makes its HTML anew when it is next shown
 * (app/models/concerns/cache_markdown_field.rb). */
gboolean project_forget_html(Session *session, const Project *project, GError **error);
/* The pool that its repository shares objects with (projects.pool_repository_id); 0: none. */
gboolean project_pool(Session *session, const Project *project, gint64 *pool_id, GError **error);
void project_free(Project *project);

extern const TableColumns project_columns;

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Project, project_free)
