/* LFS objects: every rule of LfsObjectImporter and LfsDownloadService, and servers that mean no good. */
#include "importers/objects/lfs_object.h"

#include "importers/lfs/lfs_download.h"
#include "importers/lfs/lfs_error.h"
#include "protocol/log.h"
#include "spec/support/lfs_context.h"

#define CONTENT "content of a large file\n"
#define OID     "49e6fb30a3276d5c9b0bd1ae8ebcb3e3e3d9f6d2d41f9f2d5a3b4a9d3e8a2b11"
#define EMPTY   "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static char *oid; /* of CONTENT */

static void assert_notified(const char *expected)
{
    assert_redis(expected, "LLEN", OBJECT_WAITER);
}

/* A job's argument; `format` is of its further fields. (transfer full) */
static char *argument(const char *link, guint64 size, const char *more)
{
    return g_strdup_printf("{\"oid\":\"%s\",\"link\":\"%s\",\"size\":%" G_GUINT64_FORMAT "%s%s}", oid, link,
                           size, *more ? "," : "", more);
}

/* "SERVER/PATH". (transfer full) */
static char *link_to(ScriptedServer *server, const char *path)
{
    return g_strconcat(scripted_server_url(server), path, NULL);
}

static char *here(const LfsContext *context)
{
    g_autofree char *link = link_to(context->server, "/o");
    return argument(link, strlen(CONTENT), "\"headers\":{}");
}

static void import_here(const LfsContext *context)
{
    g_autofree char *job = here(context);
    object_import_succeeds(context->import, job);
}

static void serve(ScriptedServer *server)
{
    scripted_server_reply(server, 200, NULL, CONTENT);
}

static char *stored_files(const LfsContext *context)
{
    return run_in_folder(context, "cd lfs; find . -type f | sort");
}

/* The object is where GitLab looks for it, and nothing else is. */
static void assert_stored(const LfsContext *context)
{
    g_autofree char *files = stored_files(context);
    g_autofree char *expected = g_strdup_printf("./%.2s/%.2s/%s", oid, oid + 2, oid + 4);
    g_autofree char *script = g_strdup_printf("cat lfs/%s", expected);
    g_autofree char *content = run_in_folder(context, script);
    assert_string_equal(files, expected);
    assert_string_equal(content, "content of a large file");
    assert_sql("SELECT count(*) FROM lfs_objects_projects JOIN lfs_objects ON lfs_objects.id = lfs_object_id"
               " JOIN projects ON projects.id = project_id",
               "1");
}

/* The job is done and has left nothing. */
static void assert_forgotten(const LfsContext *context)
{
    g_autofree char *files = stored_files(context);
    assert_string_equal(files, "");
    assert_sql("SELECT count(*) FROM lfs_objects", "0");
    assert_sql("SELECT count(*) FROM lfs_objects_projects", "0");
    assert_sql("SELECT count(*) FROM import_failures", "0");
    assert_notified("1");
}

static void assert_import_is_forgotten(const LfsContext *context, const char *job)
{
    object_import_succeeds(context->import, job);
    assert_forgotten(context);
}

/* --- the object --- */

static void an_object_is_stored_where_gitlab_has_it(void **state)
{
    const LfsContext *context = *state;
    serve(context->server);
    import_here(context);
    assert_stored(context);
    g_autofree char *expected = g_strdup_printf("%s|24|%s|1|t|t", oid, oid + 4);
    assert_sql("SELECT oid, size, file, file_store, created_at > now() - interval '1 hour',"
               " updated_at = created_at FROM lfs_objects",
               expected);
}

static void the_project_is_linked_to_it(void **state)
{
    const LfsContext *context = *state;
    serve(context->server);
    import_here(context);
    g_autofree char *expected = g_strdup_printf("|%s|t", oid);
    assert_sql("SELECT repository_type, oid, updated_at = created_at FROM lfs_objects_projects", expected);
}

static void it_is_counted_and_its_waiter_told(void **state)
{
    const LfsContext *context = *state;
    serve(context->server);
    import_here(context);
    object_import_assert_counted(context->import, "lfs_object", "1");
    assert_notified("1");
}

static void the_project_s_statistics_are_refreshed(void **state)
{
    const LfsContext *context = *state;
    serve(context->server);
    import_here(context);
    g_autofree char *expected = g_strdup_printf("\"args\":[%" G_GINT64_FORMAT ",[],[\"lfs_objects_size\"]]",
                                                context->import->project->id);
    g_autofree char *queued = private_gitlab_redis("LRANGE", "queue:default", "0", "-1", NULL);
    assert_non_null(strstr(queued, "ProjectCacheWorker"));
    assert_non_null(strstr(queued, expected));
}

static void an_empty_object_is_one_too(void **state)
{
    const LfsContext *context = *state;
    g_autofree char *link = link_to(context->server, "/o");
    g_autofree char *job =
        g_strdup_printf("{\"oid\":\"" EMPTY "\",\"link\":\"%s\",\"size\":0,\"headers\":{}}", link);
    scripted_server_reply(context->server, 200, NULL, "");
    object_import_succeeds(context->import, job);
    assert_sql("SELECT size FROM lfs_objects", "0");
}

static void jobs_of_older_gitlabs_have_no_headers(void **state)
{
    const LfsContext *context = *state;
    g_autofree char *link = link_to(context->server, "/o");
    g_autofree char *job = argument(link, strlen(CONTENT), "");
    serve(context->server);
    object_import_succeeds(context->import, job);
    assert_stored(context);
}

static void an_older_gitlab_has_no_oid_in_its_links(void **state)
{
    const LfsContext *context = *state;
    object_import_change_schema(context->import, "ALTER TABLE lfs_objects_projects RENAME oid TO later");
    serve(context->server);
    import_here(context);
    assert_stored(context);
    object_import_change_schema(context->import, "ALTER TABLE lfs_objects_projects RENAME later TO oid");
}

/* --- several objects together --- */

/* The empty one, and the other. (transfer full) */
static GPtrArray *import_two(const LfsContext *context, const char *job)
{
    g_autofree char *link = link_to(context->server, "/e");
    g_autofree char *empty =
        g_strdup_printf("{\"oid\":\"" EMPTY "\",\"link\":\"%s\",\"size\":0,\"headers\":{}}", link);
    const char *const both[] = {empty, job, NULL};
    return object_import_perform_batch(context->import, both);
}

static void each_object_is_stored_and_linked(void **state)
{
    const LfsContext *context = *state;
    g_autofree char *job = here(context);
    scripted_server_reply(context->server, 200, NULL, "");
    serve(context->server);
    g_autoptr(GPtrArray) errors = import_two(context, job);
    assert_null(errors->pdata[0]);
    assert_null(errors->pdata[1]);
    assert_sql("SELECT string_agg(size || ' ' || (o.oid = l.oid), ', ' ORDER BY size)"
               " FROM lfs_objects o JOIN lfs_objects_projects l ON l.lfs_object_id = o.id",
               "0 true, 24 true");
    object_import_assert_counted(context->import, "lfs_object", "2");
    assert_notified("2");
}

static void a_job_whose_server_fails_does_so_alone(void **state)
{
    const LfsContext *context = *state;
    g_autofree char *job = here(context);
    for (guint i = 0; i < LFS_DOWNLOAD_ATTEMPTS; i++)
        scripted_server_reply(context->server, 500, NULL, "");
    serve(context->server);
    g_autoptr(GPtrArray) errors = import_two(context, job);
    assert_error((GError *)errors->pdata[0], LFS_ERROR, LFS_ERROR_SERVER);
    assert_null(errors->pdata[1]);
    assert_stored(context);
    assert_notified("1");
    assert_int_equal(scripted_server_requests(context->server), LFS_DOWNLOAD_ATTEMPTS + 1);
}

static void a_refused_object_leaves_the_others(void **state)
{
    const LfsContext *context = *state;
    g_autofree char *job = here(context);
    scripted_server_reply(context->server, 200, NULL, "too long");
    serve(context->server);
    g_autoptr(GPtrArray) errors = import_two(context, job);
    assert_null(errors->pdata[0]);
    assert_null(errors->pdata[1]);
    assert_stored(context);
    assert_notified("2");
}

static void two_jobs_of_one_object_write_it_once(void **state)
{
    const LfsContext *context = *state;
    g_autofree char *job = here(context);
    const char *const both[] = {job, job, NULL};
    serve(context->server);
    serve(context->server);
    g_autoptr(GPtrArray) errors = object_import_perform_batch(context->import, both);
    assert_null(errors->pdata[0]);
    assert_null(errors->pdata[1]);
    assert_stored(context);
    assert_notified("2");
}

/* --- what GitLab has already --- */

static void a_job_executed_twice_downloads_and_links_once(void **state)
{
    const LfsContext *context = *state;
    serve(context->server);
    for (guint i = 0; i < 2; i++) {
        context->import->n_jobs = 0;
        import_here(context);
    }
    assert_stored(context);
    assert_int_equal(scripted_server_requests(context->server), 1);
    object_import_assert_counted(context->import, "lfs_object", "1");
    assert_notified("1");
}

static void without_receipts_neither(void **state)
{
    const LfsContext *context = *state;
    private_gitlab_configuration()->receipts = FALSE;
    serve(context->server);
    for (guint i = 0; i < 2; i++)
        import_here(context);
    private_gitlab_configuration()->receipts = TRUE;
    assert_stored(context);
    assert_int_equal(scripted_server_requests(context->server), 1);
}

/* As an earlier import of another project has left it. */
static void store_for_others(const LfsContext *context, const char *content, const char *file)
{
    g_autofree char *script =
        g_strdup_printf("d=lfs/%.2s/%.2s; mkdir -p $d; printf '%s' > $d/%s", oid, oid + 2, content, oid + 4);
    g_autofree char *sql =
        g_strdup_printf("INSERT INTO lfs_objects (oid, size, file, file_store, created_at, updated_at)"
                        " VALUES ('%s', 24, %s, 1, '2020-01-01', '2020-01-01')",
                        oid, file);
    g_autofree char *stored = run_in_folder(context, script);
    g_autofree char *written = private_gitlab_sql(sql);
}

static char *inode(const LfsContext *context)
{
    return run_in_folder(context, "find lfs -type f -printf %i");
}

static void a_file_that_others_have_is_not_stored_again(void **state)
{
    const LfsContext *context = *state;
    g_autofree char *file = g_strdup_printf("'%s'", oid + 4);
    store_for_others(context, CONTENT, file);
    g_autofree char *before = inode(context);
    serve(context->server);
    import_here(context);
    g_autofree char *after = inode(context);
    assert_stored(context);
    assert_string_equal(before, after);
    assert_sql("SELECT updated_at FROM lfs_objects", "2020-01-01 00:00:00");
}

static void to_know_an_oid_is_no_right_to_the_object(void **state)
{
    const LfsContext *context = *state;
    g_autofree char *file = g_strdup_printf("'%s'", oid + 4);
    g_autofree char *job = here(context);
    store_for_others(context, CONTENT, file);
    scripted_server_reply(context->server, 200, NULL, "content of another file\n");
    object_import_succeeds(context->import, job);
    assert_sql("SELECT count(*) FROM lfs_objects_projects", "0");
}

static void a_file_that_was_lost_or_damaged_is_stored_again(void **state)
{
    const LfsContext *context = *state;
    g_autofree char *file = g_strdup_printf("'%s'", oid + 4);
    store_for_others(context, "too short", file);
    serve(context->server);
    import_here(context);
    assert_stored(context);
}

static void a_row_without_file_gets_it(void **state)
{
    const LfsContext *context = *state;
    store_for_others(context, "", "NULL");
    serve(context->server);
    import_here(context);
    assert_stored(context);
    assert_sql("SELECT file IS NOT NULL, updated_at > created_at FROM lfs_objects", "t|t");
}

static void where_lfs_is_disabled_nothing_is_done(void **state)
{
    const LfsContext *context = *state;
    g_autofree char *disabled = private_gitlab_sql("UPDATE projects SET lfs_enabled = false");
    import_here(context);
    assert_forgotten(context);
    assert_int_equal(scripted_server_requests(context->server), 0);
}

static void without_a_place_for_files_the_job_is_ruby_s(void **state)
{
    const LfsContext *context = *state;
    g_autofree char *job = here(context);
    g_autofree char *removed = run_in_folder(context, "rm -r lfs");
    g_autoptr(GError) error = object_import_perform(context->import, job);
    assert_error(error, JOB_ERROR, JOB_ERROR_HAND_OVER);
    assert_int_equal(scripted_server_requests(context->server), 0);
    assert_notified("0");
}

/* --- the request --- */

static void credentials_of_the_link_are_sent_as_basic_authentication(void **state)
{
    const LfsContext *context = *state;
    g_autofree char *link =
        g_strdup_printf("http://ghp%%5Fspec@127.0.0.1:%u/o?x=1", scripted_server_port(context->server));
    g_autofree char *job = argument(link, strlen(CONTENT), "\"headers\":{}");
    serve(context->server);
    object_import_succeeds(context->import, job);
    assert_stored(context);
    assert_true(request_has(context->server, 0, "GET /o?x=1 HTTP/1.1\r\n"));
    assert_true(request_has(context->server, 0, "Authorization: Basic Z2hwX3NwZWM6\r\n"));
}

static void an_authorization_of_the_server_s_own_goes_first(void **state)
{
    const LfsContext *context = *state;
    g_autofree char *link =
        g_strdup_printf("http://ghp_spec@127.0.0.1:%u/o", scripted_server_port(context->server));
    g_autofree char *job =
        argument(link, strlen(CONTENT), "\"headers\":{\"authorization\":\"RemoteAuth x\",\"X-Other\":\"y\"}");
    serve(context->server);
    object_import_succeeds(context->import, job);
    assert_true(request_has(context->server, 0, "authorization: RemoteAuth x\r\n"));
    assert_true(request_has(context->server, 0, "X-Other: y\r\n"));
    assert_false(request_has(context->server, 0, "Basic"));
}

static void headers_smuggle_nothing_in(void **state)
{
    const LfsContext *context = *state;
    g_autofree char *link = link_to(context->server, "/o");
    g_autofree char *job =
        argument(link, strlen(CONTENT),
                 "\"headers\":{\"X-One\":\"1\\r\\nX-Evil: 1\",\"X-Two\\r\\nX-Evil\":\"2\",\"\":\"3\","
                 "\"X Three\":\"3\",\"Host\":\"evil\",\"Content-Length\":\"9\",\"Transfer-Encoding\":"
                 "\"chunked\",\"Range\":\"bytes=0-1\",\"Proxy-Authorization\":\"evil\",\"X-Seven\":7}");
    serve(context->server);
    object_import_succeeds(context->import, job);
    assert_stored(context);
    assert_false(request_has(context->server, 0, "vil"));
    assert_false(request_has(context->server, 0, "Content-Length"));
    assert_false(request_has(context->server, 0, "chunked"));
    assert_false(request_has(context->server, 0, "Range"));
    assert_false(request_has(context->server, 0, "X-"));
}

static void redirects_are_followed_without_the_credentials(void **state)
{
    const LfsContext *context = *state;
    g_autoptr(ScriptedServer) storage = scripted_server_new();
    g_autofree char *link =
        g_strdup_printf("http://ghp_spec@127.0.0.1:%u/o", scripted_server_port(context->server));
    g_autofree char *location = g_strdup_printf("Location: %s/stored\r\n", scripted_server_url(storage));
    g_autofree char *job = argument(link, strlen(CONTENT), "\"headers\":{\"X-Secret\":\"s\"}");
    scripted_server_reply(context->server, 302, location, "moved");
    serve(storage);
    object_import_succeeds(context->import, job);
    assert_stored(context);
    assert_true(request_has(context->server, 0, "Basic"));
    assert_true(request_has(storage, 0, "GET /stored"));
    assert_false(request_has(storage, 0, "Authorization"));
    assert_false(request_has(storage, 0, "X-Secret"));
}

/* --- what passes --- */

static void what_passes_is_tried_again(void **state)
{
    const LfsContext *context = *state;
    scripted_server_reply_raw(context->server, "HTTP/1.1 200 OK\r\nContent-Length: 24\r\n\r\ncontent");
    scripted_server_reply(context->server, 503, NULL, "");
    serve(context->server);
    import_here(context);
    assert_stored(context);
    assert_sql("SELECT count(*) FROM import_failures", "0");
}

static void a_server_that_does_not_recover_is_left_to_sidekiq_s_retries(void **state)
{
    const LfsContext *context = *state;
    g_autofree char *job = here(context);
    for (guint i = 0; i < LFS_DOWNLOAD_ATTEMPTS; i++)
        scripted_server_reply(context->server, 500, NULL, "");
    g_autoptr(GError) error = object_import_perform(context->import, job);
    assert_error(error, LFS_ERROR, LFS_ERROR_SERVER);
    assert_notified("0");
    g_autofree char *expected = g_strdup_printf(
        "Gitlab::GithubImport::Importer::LfsObjectImporter|"
        "Projects::LfsPointers::LfsDownloadService::ResponseError|Received error code 500|%s|24",
        oid);
    assert_sql("SELECT source, exception_class, exception_message, external_identifiers ->> 'oid',"
               " external_identifiers ->> 'size' FROM import_failures",
               expected);
}

static void a_connection_that_stays_lost_too(void **state)
{
    const LfsContext *context = *state;
    g_autofree char *job = here(context);
    for (guint i = 0; i < LFS_DOWNLOAD_ATTEMPTS; i++)
        scripted_server_reply_raw(context->server, "HTTP/1.1 200 OK\r\nContent-Length: 24\r\n\r\nconten");
    g_autoptr(GError) error = object_import_perform(context->import, job);
    assert_error(error, HTTP_ERROR, HTTP_ERROR_BODY);
    assert_null(strstr(error->message, "/o"));
    assert_sql("SELECT count(*) FROM lfs_objects", "0");
}

static void a_server_that_wants_a_pause_gets_it(void **state)
{
    const LfsContext *context = *state;
    scripted_server_reply(context->server, 429, NULL, "");
    import_here(context);
    assert_sql("SELECT count(*) FROM import_failures", "0");
    assert_redis("1", "ZCARD", "schedule");
    assert_notified("0");
}

static void an_expired_link_is_asked_for_once_more(void **state)
{
    static const guint refusals[] = {401, 403, 404, 410};
    const LfsContext *context = *state;
    g_autofree char *answer = g_strdup_printf("{\"objects\":[{\"oid\":\"%s\",\"size\":24,\"actions\":"
                                              "{\"download\":{\"href\":\"%s/fresh\",\"header\":"
                                              "{\"X-Fresh\":\"yes\"}}}}]}",
                                              oid, scripted_server_url(context->server));
    for (guint i = 0; i < G_N_ELEMENTS(refusals); i++) {
        g_autofree char *deleted =
            private_gitlab_sql("DELETE FROM lfs_objects_projects; DELETE FROM lfs_objects");
        scripted_server_reply(context->server, refusals[i], NULL, "expired");
        scripted_server_reply(context->server, 200, NULL, answer);
        serve(context->server);
        import_here(context);
        assert_stored(context);
        assert_true(request_has(context->server, i * 3 + 1, "POST /acme/rocket.git/info/lfs/objects/batch"));
        assert_true(request_has(context->server, i * 3 + 1, oid));
        assert_true(request_has(context->server, i * 3 + 2, "GET /fresh"));
        assert_true(request_has(context->server, i * 3 + 2, "X-Fresh: yes"));
    }
}

static void one_that_expires_again_is_given_up(void **state)
{
    const LfsContext *context = *state;
    g_autofree char *answer = g_strdup_printf("{\"objects\":[{\"oid\":\"%s\",\"size\":24,\"actions\":"
                                              "{\"download\":{\"href\":\"%s/fresh\"}}}]}",
                                              oid, scripted_server_url(context->server));
    scripted_server_reply(context->server, 404, NULL, "");
    scripted_server_reply(context->server, 200, NULL, answer);
    scripted_server_reply(context->server, 404, NULL, "");
    import_here(context);
    assert_forgotten(context);
    assert_int_equal(scripted_server_requests(context->server), 3);
}

static void one_that_the_server_has_no_more_is_given_up(void **state)
{
    const LfsContext *context = *state;
    scripted_server_reply(context->server, 404, NULL, "");
    scripted_server_reply(context->server, 200, NULL, "{\"objects\":[]}");
    import_here(context);
    assert_forgotten(context);
}

static void an_import_that_is_canceled_meanwhile_asks_no_more(void **state)
{
    const LfsContext *context = *state;
    g_autofree char *canceled = private_gitlab_sql("UPDATE project_mirror_data SET status = 'canceled'");
    import_here(context);
    g_autofree char *started = private_gitlab_sql("UPDATE project_mirror_data SET status = 'started'");
    assert_forgotten(context);
    assert_int_equal(scripted_server_requests(context->server), 0);
}

/* --- hostile servers --- */

static void attributes_that_are_not_valid_are_refused(void **state)
{
    const LfsContext *context = *state;
    static const char *const jobs[] = {
        "{\"oid\":\"" OID "\",\"size\":1}",
        "{\"oid\":\"" OID "\",\"link\":\"ftp://h/o\",\"size\":1}",
        "{\"oid\":\"" OID "\",\"link\":\"file:///etc/passwd\",\"size\":1}",
        "{\"oid\":\"" OID "\",\"link\":\"http://\",\"size\":1}",
        "{\"oid\":\"" OID "\",\"link\":\"http://h/\\u0000\",\"size\":1,\"headers\":[]}",
        "{\"oid\":\"" OID "\",\"link\":\"http://h/o\",\"size\":-1}",
        "{\"oid\":\"" OID "\",\"link\":\"http://h/o\",\"size\":1.5}",
        "{\"oid\":\"" OID "\",\"link\":\"http://h/o\",\"size\":\"1\"}",
        "{\"oid\":\"" OID "\",\"link\":\"http://h/o\",\"size\":null}",
        "{\"oid\":\"" OID "\",\"link\":\"http://h/o\",\"size\":1,\"headers\":[]}",
        "{\"oid\":\"" OID "0\",\"link\":\"http://h/o\",\"size\":1}",
        "{\"oid\":\"../../../../../../../../../../../../../../../../../../../etc/passwd\","
        "\"link\":\"http://h/o\",\"size\":1}",
        "{\"link\":\"http://h/o\",\"size\":1}",
        "{}",
    };
    for (guint i = 0; i < G_N_ELEMENTS(jobs); i++)
        object_import_succeeds(context->import, jobs[i]);
    assert_sql("SELECT count(*) FROM lfs_objects", "0");
    assert_sql("SELECT count(*) FROM import_failures", "0");
}

static void private_addresses_are_not_called(void **state)
{
    const LfsContext *context = *state;
    g_autofree char *job = here(context);
    allow_local = FALSE;
    assert_import_is_forgotten(context, job);
    assert_int_equal(scripted_server_requests(context->server), 0);
}

static void strange_spellings_of_them_neither(void **state)
{
    const LfsContext *context = *state;
    static const char *const hosts[] = {"2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]", "localhost"};
    allow_local = FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(hosts); i++) {
        g_autofree char *link =
            g_strdup_printf("http://%s:%u/o", hosts[i], scripted_server_port(context->server));
        g_autofree char *job = argument(link, strlen(CONTENT), "\"headers\":{}");
        object_import_succeeds(context->import, job);
    }
    assert_int_equal(scripted_server_requests(context->server), 0);
    assert_sql("SELECT count(*) FROM lfs_objects", "0");
}

static void redirects_to_private_addresses_are_not_followed(void **state)
{
    const LfsContext *context = *state;
    g_autoptr(ScriptedServer) inside = scripted_server_new();
    g_autofree char *location = g_strdup_printf("Location: %s/\r\n", scripted_server_url(inside));
    g_autofree char *job = here(context);
    allow_local = FALSE;
    allowed = g_strdup_printf("127.0.0.1:%u", scripted_server_port(context->server));
    scripted_server_reply(context->server, 302, location, "");
    serve(inside);
    assert_import_is_forgotten(context, job);
    assert_int_equal(scripted_server_requests(context->server), 1);
    assert_int_equal(scripted_server_requests(inside), 0);
}

static void redirects_to_other_schemes_are_not_followed(void **state)
{
    const LfsContext *context = *state;
    scripted_server_reply(context->server, 302, "Location: file:///etc/passwd\r\n", "");
    import_here(context);
    assert_forgotten(context);
}

static void redirects_come_to_an_end(void **state)
{
    const LfsContext *context = *state;
    for (guint i = 0; i < 10; i++)
        scripted_server_reply(context->server, 302, "Location: /o\r\n", "");
    import_here(context);
    assert_forgotten(context);
    assert_int_equal(scripted_server_requests(context->server), 5);
}

static void less_than_the_size_is_refused(void **state)
{
    const LfsContext *context = *state;
    scripted_server_reply(context->server, 200, NULL, "content of a large file");
    import_here(context);
    assert_forgotten(context);
}

static void more_than_the_size_is_refused_as_soon_as_it_comes(void **state)
{
    const LfsContext *context = *state;
    scripted_server_reply_endlessly(context->server, "HTTP/1.1 200 OK\r\n\r\n",
                                    g_bytes_new_static(CONTENT, strlen(CONTENT)), 0);
    import_here(context);
    assert_forgotten(context);
}

static void another_content_of_the_same_size_is_refused(void **state)
{
    const LfsContext *context = *state;
    scripted_server_reply(context->server, 200, NULL, "content of another file\n");
    import_here(context);
    assert_forgotten(context);
}

static void the_largest_size_reserves_nothing(void **state)
{
    const LfsContext *context = *state;
    g_autofree char *link = link_to(context->server, "/o");
    g_autofree char *job = argument(link, G_MAXINT64, "\"headers\":{}");
    serve(context->server);
    assert_import_is_forgotten(context, job);
}

static void other_refusals_are_given_up(void **state)
{
    const LfsContext *context = *state;
    scripted_server_reply(context->server, 451, NULL, CONTENT);
    import_here(context);
    assert_forgotten(context);
}

/* --- secrets --- */

static void no_log_line_names_credentials(G_GNUC_UNUSED void **state)
{
    const LfsDownloadObject object = {.link = "https://u:p@h:8443/a/b?X-Amz-Signature=secret#c"};
    g_autofree char *address = lfs_download_object_address(&object);
    assert_string_equal(address, "https://h:8443/a/b");
}

static void failures_have_ruby_s_words(void **state)
{
    const LfsContext *context = *state;
    g_autoptr(GError) short_error = NULL, wrong_error = NULL;
    g_autofree char *link = link_to(context->server, "/o");
    const LfsDownloadObject object = {.oid = OID, .link = link, .size = 5};
    scripted_server_reply(context->server, 200, NULL, "four");
    assert_null(lfs_download(context->import->session, &object, &short_error));
    assert_error(short_error, LFS_ERROR, LFS_ERROR_SIZE);
    assert_string_equal(short_error->message, "Size mistmatch");
    scripted_server_reply(context->server, 200, NULL, "fiver");
    assert_null(lfs_download(context->import->session, &object, &wrong_error));
    assert_error(wrong_error, LFS_ERROR, LFS_ERROR_OID);
    assert_string_equal(wrong_error->message, "Oid mismatch");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LFS_TEST(an_object_is_stored_where_gitlab_has_it),
        LFS_TEST(the_project_is_linked_to_it),
        LFS_TEST(it_is_counted_and_its_waiter_told),
        LFS_TEST(the_project_s_statistics_are_refreshed),
        LFS_TEST(an_empty_object_is_one_too),
        LFS_TEST(jobs_of_older_gitlabs_have_no_headers),
        LFS_TEST(an_older_gitlab_has_no_oid_in_its_links),
        LFS_TEST(each_object_is_stored_and_linked),
        LFS_TEST(a_job_whose_server_fails_does_so_alone),
        LFS_TEST(a_refused_object_leaves_the_others),
        LFS_TEST(two_jobs_of_one_object_write_it_once),
        LFS_TEST(a_job_executed_twice_downloads_and_links_once),
        LFS_TEST(without_receipts_neither),
        LFS_TEST(a_file_that_others_have_is_not_stored_again),
        LFS_TEST(to_know_an_oid_is_no_right_to_the_object),
        LFS_TEST(a_file_that_was_lost_or_damaged_is_stored_again),
        LFS_TEST(a_row_without_file_gets_it),
        LFS_TEST(where_lfs_is_disabled_nothing_is_done),
        LFS_TEST(without_a_place_for_files_the_job_is_ruby_s),
        LFS_TEST(credentials_of_the_link_are_sent_as_basic_authentication),
        LFS_TEST(an_authorization_of_the_server_s_own_goes_first),
        LFS_TEST(headers_smuggle_nothing_in),
        LFS_TEST(redirects_are_followed_without_the_credentials),
        LFS_TEST(what_passes_is_tried_again),
        LFS_TEST(a_server_that_does_not_recover_is_left_to_sidekiq_s_retries),
        LFS_TEST(a_connection_that_stays_lost_too),
        LFS_TEST(a_server_that_wants_a_pause_gets_it),
        LFS_TEST(an_expired_link_is_asked_for_once_more),
        LFS_TEST(one_that_expires_again_is_given_up),
        LFS_TEST(one_that_the_server_has_no_more_is_given_up),
        LFS_TEST(an_import_that_is_canceled_meanwhile_asks_no_more),
        LFS_TEST(attributes_that_are_not_valid_are_refused),
        LFS_TEST(private_addresses_are_not_called),
        LFS_TEST(strange_spellings_of_them_neither),
        LFS_TEST(redirects_to_private_addresses_are_not_followed),
        LFS_TEST(redirects_to_other_schemes_are_not_followed),
        LFS_TEST(redirects_come_to_an_end),
        LFS_TEST(less_than_the_size_is_refused),
        LFS_TEST(more_than_the_size_is_refused_as_soon_as_it_comes),
        LFS_TEST(another_content_of_the_same_size_is_refused),
        LFS_TEST(the_largest_size_reserves_nothing),
        LFS_TEST(other_refusals_are_given_up),
        cmocka_unit_test(no_log_line_names_credentials),
        LFS_TEST(failures_have_ruby_s_words),
    };
    log_configure(-1, LOG_FATAL);
    oid = g_compute_checksum_for_string(G_CHECKSUM_SHA256, CONTENT, -1);
    int failed = cmocka_run_group_tests_name("lfs_object", tests, lfs_context_set_up_group,
                                             lfs_context_tear_down_group);
    g_free(oid);
    return failed;
}
