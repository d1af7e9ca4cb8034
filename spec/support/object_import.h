/*
 * For the specs of object importers: a project whose import runs, and jobs of one class that are performed as
 * an executor performs them. In a header, because only the programs that include it are linked with the
 * importers.
 */
#pragma once

#include "importers/gitlab/credentials.h"
#include "importers/gitlab/receipts.h"
#include "importers/objects/object_importer.h"
#include "protocol/json.h"
#include "spec/support/cmocka_glib.h"
#include "spec/support/private_gitlab.h"

#define OBJECT_WAITER "gitlab:job_waiter:5b0f6f6e-3b6e-4a53-9a1d-0f6f7c2f8a11"

typedef struct ObjectImport {
    WorkerClass classes[9]; /* [0] is the importer's own */
    WorkerRegistry *registry;
    Schema *schema;
    Session *session;
    Project *project;
    guint n_jobs; /* performed so far: their jids are counted */
} ObjectImport;

/* `data` is the import's settings as JSON. (transfer full) */
static inline gint64 object_import_create_project(const char *data)
{
    const char *const *keys = (const char *const *)private_gitlab_configuration()->db_key_base;
    g_autofree char *encrypted = NULL, *iv = NULL, *salt = NULL;
    assert_true(credentials_encrypt(keys, "ghp_spec", &encrypted, &iv, &salt, NULL));
    gint64 id = private_gitlab_integer("SELECT spec.create_project('imports', 'rocket', 'acme/rocket',"
                                       " 'https://github.com/acme/rocket.git', '%s', '%s', '%s', '%s')",
                                       data, encrypted, iv, salt);
    g_autofree char *started = private_gitlab_sql("UPDATE project_mirror_data SET status = 'started'");
    return id;
}

/* `others` (ended by an entry without name, at most 7) are classes that the importer's jobs enqueue; or NULL.
 */
static inline ObjectImport *object_import_new(const char *class_name, const ObjectImporter *importer,
                                              const WorkerClass *others, const char *data)
{
    ObjectImport *import = g_new0(ObjectImport, 1);
    const WorkerClass *tables[] = {import->classes};
    private_gitlab_reset();
    private_gitlab_configuration()->receipts = TRUE;
    import->classes[0] = (WorkerClass){.name = class_name,
                                       .queue_namespace = "github_importer",
                                       .retry = 5,
                                       .perform = object_importer_perform,
                                       .perform_batch = object_importer_perform_batch,
                                       .importer = importer};
    for (guint i = 0; others && others[i].name; i++)
        import->classes[i + 1] = others[i];
    import->registry = worker_registry_new(tables, 1);
    gint64 project_id = object_import_create_project(data);
    import->session = session_new(private_gitlab_configuration(), import->registry, NULL, NULL);
    assert_true(receipts_install(session_database(import->session), NULL));
    import->schema = schema_read(session_database(import->session), NULL);
    import->session->schema = import->schema;
    assert_true(project_find(import->session, project_id, &import->project, NULL));
    return import;
}

/* Also takes back what makes a GitLab an older one. */
static inline void object_import_free(ObjectImport *import)
{
    g_autofree char *dropped =
        private_gitlab_sql("SET client_min_messages = error; DROP SCHEMA IF EXISTS hubferry CASCADE;"
                           "DROP TABLE IF EXISTS work_item_types");
    project_free(import->project);
    session_free(import->session);
    schema_free(import->schema);
    worker_registry_free(import->registry);
    g_free(import);
}

/* For cmocka, where *state is the import. */
static inline int object_import_tear_down(void **state)
{
    object_import_free(*state);
    return 0;
}

/* A GitLab with other tables. */
static inline void object_import_change_schema(ObjectImport *import, const char *sql)
{
    g_autofree char *changed = private_gitlab_sql(sql);
    schema_free(import->schema);
    import->schema = schema_read(session_database(import->session), NULL);
    import->session->schema = import->schema;
}

/* GitLab before its newest generation, which has no table work_item_types. */
static inline void object_import_make_older(ObjectImport *import)
{
    object_import_change_schema(import, "CREATE TABLE work_item_types (id bigint, base_type smallint)");
}

/* A GitHub user whose placeholder has the same name. */
static inline void object_import_create_source_user(int identifier, const char *login)
{
    private_gitlab_integer(
        "INSERT INTO import_source_users (namespace_id, import_type, source_hostname, source_user_identifier,"
        " source_username, source_name, placeholder_user_id, status, created_at, updated_at)"
        " SELECT id, 'github', 'https://github.com', '%d', '%s', '%s',"
        " spec.create_user('%s', '%s', 15::smallint), 0, now(), now()"
        " FROM namespaces WHERE path = 'imports' RETURNING id",
        identifier, login, login, login, login);
}

/* The placeholder references pushed so far, sorted, one a line. (transfer full) */
static inline char *object_import_references(const ObjectImport *import)
{
    g_autofree char *key = g_strdup_printf("cache:gitlab:placeholder-references:github:%" G_GINT64_FORMAT,
                                           import->project->import_state_id);
    return private_gitlab_redis("SORT", key, "ALPHA", NULL);
}

/* A key of the import cache: PREFIX/PROJECT/REST. (transfer full) */
static inline char *object_import_key(const ObjectImport *import, const char *prefix, const char *rest)
{
    return g_strdup_printf("cache:gitlab:%s/%" G_GINT64_FORMAT "/%s", prefix, import->project->id, rest);
}

/* The counter `imported` of an object type; empty: there is none. */
static inline void object_import_assert_counted(const ObjectImport *import, const char *object_type,
                                                const char *expected)
{
    g_autofree char *rest = g_strconcat("imported/", object_type, NULL);
    g_autofree char *key = object_import_key(import, "github-importer/object-counter", rest);
    assert_redis(expected, "GET", key);
}

/* A job as Ruby makes it; `representation` is the JSON text of its second argument. (transfer full) */
static inline Job *object_import_job(ObjectImport *import, const char *jid, const char *representation)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *raw = g_strdup_printf(
        "{\"class\":\"%s\",\"args\":[%" G_GINT64_FORMAT ",%s,\"" OBJECT_WAITER "\"],\"jid\":\"%s\","
        "\"queue\":\"github_importer\",\"retry\":5,\"correlation_id\":\"spec\"}",
        import->classes[0].name, import->project->id, representation, jid);
    Job *job = job_parse(raw, strlen(raw), "github_importer", &error);
    assert_no_error(error);
    return job;
}

static inline void object_import_error_free(gpointer error)
{
    if (error)
        g_error_free(error);
}

/* Performs the jobs of `representations` (ended by NULL) as one batch. The errors, one for each, NULL: done.
 * (transfer full) */
static inline GPtrArray *object_import_perform_batch(ObjectImport *import, const char *const *representations)
{
    guint n = g_strv_length((char **)representations);
    BatchJob *jobs = g_newa0(BatchJob, n);
    g_autoptr(GPtrArray) parsed = g_ptr_array_new_with_free_func((GDestroyNotify)job_free);
    GPtrArray *errors = g_ptr_array_new_with_free_func(object_import_error_free);
    for (guint i = 0; i < n; i++) {
        g_autofree char *jid = g_strdup_printf("%024u", ++import->n_jobs);
        g_ptr_array_add(parsed, object_import_job(import, jid, representations[i]));
        jobs[i].job = parsed->pdata[i];
    }
    import->session->worker = &import->classes[0];
    object_importer_perform_batch(import->session, jobs, n);
    import->session->job = NULL;
    for (guint i = 0; i < n; i++)
        g_ptr_array_add(errors, jobs[i].error);
    return errors;
}

/* One job; its error, or NULL. (transfer full) */
static inline GError *object_import_perform(ObjectImport *import, const char *representation)
{
    const char *const one[] = {representation, NULL};
    g_autoptr(GPtrArray) errors = object_import_perform_batch(import, one);
    return g_steal_pointer(&errors->pdata[0]);
}

/* One job that must succeed. */
static inline void object_import_succeeds(ObjectImport *import, const char *representation)
{
    g_autoptr(GError) error = object_import_perform(import, representation);
    assert_no_error(error);
}
