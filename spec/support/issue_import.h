/*
 * For the specs of issues: their jobs' arguments, a project with labels `bug` and `needs work`, a milestone 3
 * and a source user for GitHub's mira. In a header, because only the programs that include it are linked with
 * the importers.
 */
#pragma once

#include "importers/objects/issue.h"
#include "spec/support/object_import.h"

#define ISSUE_WORKER "Gitlab::GithubImport::ImportIssueWorker"
#define SOURCE       "Gitlab::GithubImport::Importer::IssueAndLabelLinksImporter"
#define TIMES        "\"created_at\":\"2024-03-01 10:00:00 UTC\",\"updated_at\":\"2024-03-05 11:00:00 UTC\""
#define MIRA         "{\"id\":1042,\"login\":\"mira\"}"

/* A representation with `iid`, further fields, and what every issue has. */
#define ISSUE_WITH(iid, fields)                                                                              \
    "{\"iid\":" iid ",\"state\":\"opened\"," TIMES ",\"pull_request\":false," fields "}"
#define ISSUE(iid, title)                                                                                    \
    ISSUE_WITH(iid, "\"title\":\"" title "\",\"description\":null,\"author\":null,\"assignees\":[],"         \
                    "\"label_names\":[\"bug\"],\"work_item_type_id\":1")
#define WITH_DESCRIPTION(iid, description)                                                                   \
    ISSUE_WITH(iid, "\"title\":\"t\",\"description\":" description ",\"author\":null,\"assignees\":[],"      \
                    "\"label_names\":[]")
#define WITH_PEOPLE(iid, author, assignees)                                                                  \
    ISSUE_WITH(iid, "\"title\":\"t\",\"description\":null,\"author\":" author ",\"assignees\":" assignees    \
                    ",\"label_names\":[]")
#define WITH_LABELS(iid, labels)                                                                             \
    ISSUE_WITH(iid, "\"title\":\"t\",\"description\":null,\"author\":null,\"assignees\":[],"                 \
                    "\"label_names\":" labels)
#define PULL_REQUEST(iid, labels)                                                                            \
    "{\"iid\":" iid ",\"title\":\"t\",\"description\":null,\"state\":\"opened\",\"author\":" MIRA            \
    ",\"assignees\":[],\"label_names\":" labels "," TIMES ",\"pull_request\":true,\"work_item_type_id\":1}"

static inline int set_up(void **state)
{
    *state = object_import_new(ISSUE_WORKER, &issue_importer, NULL, "{}");
    object_import_create_source_user(1042, "mira");
    g_autofree char *created =
        private_gitlab_sql("INSERT INTO labels (title, color, project_id, type, created_at, updated_at)"
                           " SELECT title, '#fff', projects.id, 'ProjectLabel', now(), now()"
                           " FROM projects, unnest(ARRAY['bug', 'needs work']) AS title;"
                           "INSERT INTO milestones (iid, title, project_id, state, created_at, updated_at)"
                           " SELECT 3, 'v2', id, 'active', now(), now() FROM projects");
    return 0;
}

static inline void assert_references(const ObjectImport *import, const char *expected)
{
    g_autofree char *references = object_import_references(import);
    assert_string_equal(references, expected);
}

static inline char *finder_key(const ObjectImport *import, const char *iid)
{
    g_autofree char *name = g_strdup_printf("Issue/%s", iid);
    return object_import_key(import, "github-import/issuable-finder", name);
}

static inline void assert_found(const ObjectImport *import, const char *iid)
{
    g_autofree char *key = finder_key(import, iid);
    g_autofree char *sql = g_strdup_printf("SELECT id FROM issues WHERE iid = %s", iid);
    g_autofree char *id = private_gitlab_sql(sql);
    assert_redis(id, "GET", key);
}

static inline void assert_failure(const char *expected)
{
    assert_sql("SELECT source = '" SOURCE "', exception_class, exception_message, external_identifiers,"
               " retry_count IS NULL FROM import_failures",
               expected);
}

/* An issue with a body of `n` times `word`. (transfer full) */
static inline char *issue_with_body(const char *iid, const char *word, guint n)
{
    g_autoptr(GString) body = g_string_new(NULL);
    for (guint i = 0; i < n; i++)
        g_string_append(body, word);
    return g_strdup_printf("{\"iid\":%s,\"title\":\"t\",\"description\":\"%s\",\"state\":\"opened\","
                           "\"assignees\":[],\"label_names\":[]," TIMES "}",
                           iid, body->str);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, object_import_tear_down)
