/*
 * For the specs of events and comments: a project with issue 12, merge request 15, label "bug", milestone
 * "v1", and GitHub users with placeholders: mona (501), hubot (502), rev (601).
 */
#pragma once

#include "spec/support/object_import.h"

static inline void timeline_import_create_records(void)
{
    g_autofree char *records = private_gitlab_sql(
        "INSERT INTO issues (iid, title, project_id, namespace_id, author_id, work_item_type_id, created_at,"
        " updated_at) SELECT 12, 'Pump leaks', id, project_namespace_id, 1, 1, now(), now() FROM projects;"
        "INSERT INTO merge_requests (iid, title, target_branch, source_branch, target_project_id,"
        " source_project_id, author_id, lock_version, created_at, updated_at)"
        " SELECT 15, 'Mend it', 'main', 'topic', id, id, 1, 0, now(), now() FROM projects;"
        "INSERT INTO labels (title, color, project_id, type, created_at, updated_at)"
        " SELECT 'bug', '#fff', id, 'ProjectLabel', now(), now() FROM projects;"
        "INSERT INTO milestones (iid, title, project_id, state, created_at, updated_at)"
        " SELECT 3, 'v1', id, 'active', now(), now() FROM projects");
}

/* `settings` is the import's settings as JSON. (transfer full) */
static inline ObjectImport *timeline_import_new(const char *class_name, const ObjectImporter *importer,
                                                const char *settings)
{
    ObjectImport *import = object_import_new(class_name, importer, NULL, settings);
    object_import_create_source_user(501, "mona");
    object_import_create_source_user(502, "hubot");
    object_import_create_source_user(601, "rev");
    timeline_import_create_records();
    return import;
}

/* As timeline_import_new left it, in a fraction of the time. */
static inline void timeline_import_clear(ObjectImport *import)
{
    g_autofree char *deleted = private_gitlab_sql(
        "DELETE FROM events; DELETE FROM resource_state_events; DELETE FROM resource_label_events;"
        "DELETE FROM resource_milestone_events; DELETE FROM system_note_metadata; DELETE FROM notes;"
        "DELETE FROM merge_request_metrics; DELETE FROM approvals; DELETE FROM import_failures; DELETE FROM "
        "features;"
        "DELETE FROM feature_gates; DELETE FROM hubferry.receipts; UPDATE issues SET iid = 12");
    g_autofree char *keys = private_gitlab_redis("FLUSHALL", NULL);
    import->n_jobs = 0;
}

/* The placeholder references pushed so far, each as "Model.column of login", sorted. */
static inline void timeline_import_assert_references(const ObjectImport *import, const char *expected)
{
    g_autofree char *members = object_import_references(import);
    g_autofree char *sql = g_strdup_printf("SELECT coalesce(string_agg(r->>1 || '.' || (r->>5) || ' of ' || "
                                           "s.source_username, ',' ORDER BY r->>1, s.source_username),"
                                           " '') FROM (SELECT line::json AS r FROM "
                                           "regexp_split_to_table($$%s$$, '\\n') AS line WHERE line <> '')"
                                           " AS refs JOIN import_source_users s ON s.id = (r->>4)::bigint",
                                           members);
    assert_sql(sql, expected);
}
