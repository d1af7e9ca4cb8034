/*
 * For the specs of what belongs to merge requests: the project of timeline_import.h, whose merge request 15
 * was last changed on the first of March 2024.
 */
#pragma once

#include "spec/support/timeline_import.h"

static inline ObjectImport *pull_request_import_new(const char *class_name, const ObjectImporter *importer,
                                                    const char *settings)
{
    ObjectImport *import = timeline_import_new(class_name, importer, settings);
    g_autofree char *changed =
        private_gitlab_sql("UPDATE merge_requests SET updated_at = '2024-03-01 10:00:00'");
    return import;
}

/* As pull_request_import_new left it, in a fraction of the time. */
static inline void pull_request_import_clear(ObjectImport *import)
{
    g_autofree char *deleted =
        private_gitlab_sql("DELETE FROM approvals; DELETE FROM merge_request_reviewers;"
                           "DELETE FROM merge_requests WHERE iid <> 15");
    timeline_import_clear(import);
}

/* Another merge request of the project, in the given state (merge_requests.state_id). */
static inline void pull_request_import_add(const ObjectImport *import, int iid, int state_id)
{
    private_gitlab_integer("INSERT INTO merge_requests (iid, title, target_branch, source_branch,"
                           " target_project_id, source_project_id, author_id, lock_version, state_id,"
                           " created_at, updated_at) VALUES (%1$d, 'MR', 'main', 'topic',"
                           " %3$" G_GINT64_FORMAT ", %3$" G_GINT64_FORMAT ", 1, 0, %2$d, now(), now())"
                           " RETURNING id",
                           iid, state_id, import->project->id);
}

static inline gint64 pull_request_import_id(void)
{
    return private_gitlab_integer("SELECT id FROM merge_requests WHERE iid = 15");
}
