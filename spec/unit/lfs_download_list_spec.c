/* The download list of LFS objects: whether there is one, where it is asked for, with which credentials, and
 * what becomes of its answers. */
#include "importers/lfs/lfs_download_list.h"

#include "importers/lfs/lfs_batch.h"
#include "importers/lfs/lfs_endpoint.h"
#include "importers/lfs/lfs_error.h"
#include "protocol/log.h"
#include "spec/support/lfs_context.h"

#define OID(digit)   digit "d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393"
#define BATCH        "POST /acme/rocket.git/info/lfs/objects/batch HTTP/1.1"
#define BASIC        "Authorization: Basic Z2hwX3NwZWM6\r\n" /* ghp_spec: */
#define STORED(href) "\"actions\":{\"download\":{\"href\":\"" href "\"}}"
#define LIST_FAILED  "The LFS objects download list couldn't be imported. Error: "

typedef struct List {
    json_t *objects; /* of all batches */
    GString *sizes;  /* of each */
} List;

static gboolean take(gpointer data, const json_t *objects, G_GNUC_UNUSED GError **error)
{
    List *list = data;
    json_array_extend(list->objects, (json_t *)objects);
    g_string_append_printf(list->sizes, "%zu ", json_array_size(objects));
    return TRUE;
}

/* (transfer full) */
static GithubClient *client_of(const LfsContext *context)
{
    char token[] = LFS_TOKEN;
    const ImportData data = {.token = token, .pagination_limit = 100};
    OutboundRules *rules = outbound_rules_load(context->import->session, NULL);
    return github_client_with_rules(context->import->session, context->import->project, &data, rules, NULL);
}

/* The objects as JSON, or NULL with an error. (transfer full) */
static char *list_with_sizes(const LfsContext *context, GString *sizes, GError **error)
{
    g_autoptr(GithubClient) github = client_of(context);
    g_autoptr(json_t) objects = json_array();
    List list = {objects, sizes};
    Stage stage = {
        .session = context->import->session, .project = context->import->project, .github = github};
    return lfs_download_list(&stage, take, &list, error) ? json_dump(objects) : NULL;
}

static char *list_objects(const LfsContext *context, GError **error)
{
    g_autoptr(GString) sizes = g_string_new(NULL);
    return list_with_sizes(context, sizes, error);
}

static void assert_list(const LfsContext *context, const char *expected)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *found = list_objects(context, &error);
    assert_no_error(error);
    assert_string_equal(found, expected);
}

static void assert_list_fails(const LfsContext *context, const char *message)
{
    g_autoptr(GError) error = NULL;
    assert_null(list_objects(context, &error));
    assert_error(error, LFS_ERROR, LFS_ERROR_LIST);
    assert_string_equal(error->message, message);
}

/* A pointer to OID(digit) of `size` bytes. */
static void add_pointer(const LfsContext *context, const char *digit, int size)
{
    g_autofree char *script =
        g_strdup_printf("printf 'version https://git-lfs.github.com/spec/v1\\noid sha256:%s%s\\nsize %d\\n'"
                        " | git hash-object -w --stdin",
                        digit, OID(""), size);
    in_repository(context, script);
}

static void add_pointers(const LfsContext *context, guint n)
{
    g_autofree char *script = g_strdup_printf(
        "for i in $(seq 1 %u); do printf 'version https://git-lfs.github.com/spec/v1\\noid sha256:%%064x\\n"
        "size 1\\n' $i > p$i; ls p$i; done | git hash-object -w --stdin-paths; rm p*",
        n);
    in_repository(context, script);
}

static void answer(const LfsContext *context, guint status, const char *body)
{
    scripted_server_reply(context->server, status, NULL, body);
}

/* The answer for OID("a"), with what follows its size. */
static void answer_one(const LfsContext *context, const char *rest)
{
    g_autofree char *body = g_strdup_printf("{\"objects\":[{\"oid\":\"" OID("a") "\",\"size\":1,%s}]}", rest);
    answer(context, 200, body);
}

/* --- whether there is a list --- */

static void without_pointers_nobody_is_asked(void **state)
{
    const LfsContext *context = *state;
    assert_list(context, "[]");
    assert_int_equal(scripted_server_requests(context->server), 0);
}

static void objects_that_the_project_has_are_left_out(void **state)
{
    const LfsContext *context = *state;
    add_pointer(context, "a", 1);
    g_autofree char *linked = private_gitlab_sql("INSERT INTO lfs_objects (oid, size) VALUES ('" OID(
        "a") "', 1);"
             "INSERT INTO lfs_objects_projects (project_id, lfs_object_id) SELECT projects.id, lfs_objects.id"
             " FROM projects, lfs_objects");
    assert_list(context, "[]");
    assert_int_equal(scripted_server_requests(context->server), 0);
}

static void objects_of_other_projects_are_asked_for(void **state)
{
    const LfsContext *context = *state;
    g_autofree char *kept =
        private_gitlab_sql("INSERT INTO lfs_objects (oid, size) VALUES ('" OID("a") "', 1)");
    add_pointer(context, "a", 1);
    answer(context, 200, "{\"objects\":[]}");
    assert_list(context, "[]");
    assert_int_equal(scripted_server_requests(context->server), 1);
}

static gboolean is_enabled(const LfsContext *context)
{
    gboolean enabled;
    g_autoptr(GError) error = NULL;
    lfs_enabled(context->import->session, context->import->project, &enabled, &error);
    assert_no_error(error);
    return enabled;
}

static void set_lfs(const char *project, const char *group)
{
    g_autofree char *sql = g_strdup_printf(
        "UPDATE projects SET lfs_enabled = %s; UPDATE namespaces SET lfs_enabled = %s", project, group);
    g_autofree char *changed = private_gitlab_sql(sql);
}

static void the_project_s_setting_counts_and_then_its_group_s(void **state)
{
    assert_true(is_enabled(*state));
    set_lfs("NULL", "false");
    assert_false(is_enabled(*state));
    set_lfs("true", "false");
    assert_true(is_enabled(*state));
    set_lfs("false", "true");
    assert_false(is_enabled(*state));
}

static void an_instance_without_lfs_has_none(void **state)
{
    set_lfs("true", "true");
    private_gitlab_configuration()->lfs = FALSE;
    assert_false(is_enabled(*state));
}

static void where_lfs_is_disabled_nobody_is_asked(void **state)
{
    const LfsContext *context = *state;
    add_pointer(context, "a", 1);
    set_lfs("false", "NULL");
    assert_list(context, "[]");
    assert_int_equal(scripted_server_requests(context->server), 0);
}

/* --- .lfsconfig --- */

static void assert_config_url(const char *text, const char *expected)
{
    g_autofree char *url = lfs_config_url(text);
    assert_int_equal(g_strcmp0(url, expected), 0);
}

static void the_first_line_with_a_url_behind_one_tab_at_most_counts(G_GNUC_UNUSED void **state)
{
    assert_config_url("[lfs]\n\turl = https://a/b\n\turl = https://c/d\n", "https://a/b");
    assert_config_url("url=https://a/b", "https://a/b");
    assert_config_url("[lfs]\n\t\turl = https://a/b\n", NULL);
    assert_config_url("[lfs]\n    url = https://a/b\n", NULL);
    assert_config_url("[lfs]\n\tpushurl = https://a/b\n", NULL);
    assert_config_url("", NULL);
}

static void its_address_on_the_same_host_is_used_as_it_stands(void **state)
{
    const LfsContext *context = *state;
    g_autofree char *config =
        g_strdup_printf("[lfs]\n\turl = %s/elsewhere/lfs\n", scripted_server_url(context->server));
    set_lfsconfig(context, config);
    add_pointer(context, "a", 1);
    answer(context, 200, "{\"objects\":[]}");
    assert_list(context, "[]");
    assert_true(request_has(context->server, 0, "POST /elsewhere/lfs HTTP/1.1"));
    assert_true(request_has(context->server, 0, BASIC));
}

static void its_own_credentials_are_used_instead_of_the_token(void **state)
{
    const LfsContext *context = *state;
    g_autofree char *config =
        g_strdup_printf("\turl = http://u:p@127.0.0.1:%u/lfs", scripted_server_port(context->server));
    set_lfsconfig(context, config);
    add_pointer(context, "a", 1);
    answer(context, 200, "{\"objects\":[]}");
    assert_list(context, "[]");
    assert_true(request_has(context->server, 0, "Authorization: Basic dTpw\r\n"));
}

static void another_port_does_not_get_the_token(void **state)
{
    const LfsContext *context = *state;
    g_autoptr(ScriptedServer) other = scripted_server_new();
    g_autofree char *config = g_strdup_printf("\turl = %s/lfs", scripted_server_url(other));
    set_lfsconfig(context, config);
    add_pointer(context, "a", 1);
    scripted_server_reply(other, 200, NULL, "{\"objects\":[]}");
    assert_list(context, "[]");
    assert_true(request_has(other, 0, "POST /lfs"));
    assert_false(request_has(other, 0, "Authorization"));
    assert_int_equal(scripted_server_requests(context->server), 0);
}

static void another_host_switches_lfs_off(void **state)
{
    const LfsContext *context = *state;
    set_lfsconfig(context, "[lfs]\n\turl = https://lfs.example.com/rocket\n");
    add_pointer(context, "a", 1);
    assert_list(context, "[]");
    assert_int_equal(scripted_server_requests(context->server), 0);
    assert_sql("SELECT lfs_enabled FROM projects", "f");
}

static void an_address_that_is_none_is_an_error(void **state)
{
    set_lfsconfig(*state, "\turl = https://lfs example com/\n");
    assert_list_fails(*state, "Invalid URL in .lfsconfig file");
    set_lfsconfig(*state, "\turl = https://lfs.example.com/\r\n");
    assert_list_fails(*state, "Invalid URL in .lfsconfig file");
    assert_sql("SELECT lfs_enabled FROM projects", "");
}

static void no_other_scheme_is_spoken(void **state)
{
    g_autoptr(GError) error = NULL;
    set_lfsconfig(*state, "\turl = ftp://127.0.0.1/lfs");
    assert_null(list_objects(*state, &error));
    assert_error(error, HTTP_ERROR, HTTP_ERROR_INVALID_URL);
}

/* --- the request --- */

static void the_batch_api_beside_the_repository_is_asked(void **state)
{
    const LfsContext *context = *state;
    add_pointer(context, "b", 22);
    add_pointer(context, "a", 1);
    answer(context, 200, "{\"objects\":[]}");
    assert_list(context, "[]");
    assert_true(request_has(context->server, 0, BATCH));
    assert_true(request_has(context->server, 0, "Accept: application/vnd.git-lfs+json\r\n"));
    assert_true(request_has(context->server, 0, "Content-Type: application/vnd.git-lfs+json\r\n"));
    assert_true(request_has(context->server, 0, BASIC));
    assert_true(request_has(context->server, 0,
                            "{\"operation\":\"download\",\"objects\":[{\"oid\":\"" OID(
                                "a") "\",\"size\":1},"
                                     "{\"oid\":\"" OID("b") "\",\"size\":22}]}"));
}

static void an_import_url_without_suffix_gets_one(void **state)
{
    const LfsContext *context = *state;
    Project *project = context->import->project;
    g_free(project->import_url);
    project->import_url = g_strconcat(scripted_server_url(context->server), "/acme/rocket/", NULL);
    add_pointer(context, "a", 1);
    answer(context, 200, "{\"objects\":[]}");
    assert_list(context, "[]");
    assert_true(request_has(context->server, 0, BATCH));
}

static void a_hundred_objects_are_asked_for_at_a_time(void **state)
{
    const LfsContext *context = *state;
    g_autoptr(GString) sizes = g_string_new(NULL);
    add_pointers(context, 101);
    for (guint i = 0; i < 2; i++)
        answer(context, 200, "{\"objects\":[]}");
    g_autofree char *found = list_with_sizes(context, sizes, NULL);
    assert_string_equal(sizes->str, "0 0 ");
    assert_false(request_has(context->server, 0, "000000065\""));
    assert_true(request_has(context->server, 1, "000000065\""));
}

static void too_many_at_once_are_asked_for_again_by_fifty(void **state)
{
    const LfsContext *context = *state;
    g_autoptr(GString) sizes = g_string_new(NULL);
    add_pointers(context, 101);
    answer(context, 200, "{\"objects\":[]}");
    answer(context, 413, "");
    for (guint i = 0; i < 3; i++)
        answer(context, 200, "{\"objects\":[]}");
    g_autofree char *found = list_with_sizes(context, sizes, NULL);
    assert_string_equal(sizes->str, "0 0 0 0 ");
    assert_true(request_has(context->server, 2, "000000032\""));
    assert_false(request_has(context->server, 2, "000000033\""));
}

static void too_many_again_is_an_error(void **state)
{
    const LfsContext *context = *state;
    add_pointer(context, "a", 1);
    answer(context, 413, "");
    answer(context, 413, "");
    assert_list_fails(context, LIST_FAILED "Unable to download due to RequestEntityTooLarge errors");
}

static void a_server_that_wants_a_pause_gets_two_minutes(void **state)
{
    const LfsContext *context = *state;
    g_autoptr(GError) error = NULL;
    add_pointer(context, "a", 1);
    answer(context, 429, "");
    assert_null(list_objects(context, &error));
    assert_error(error, GITHUB_ERROR, GITHUB_ERROR_RATE_LIMIT);
    assert_int_equal((int)github_error_reset_in(error), 120);
}

static void what_passes_is_tried_again(void **state)
{
    const LfsContext *context = *state;
    add_pointer(context, "a", 1);
    answer(context, 502, "");
    scripted_server_reply_raw(context->server, "");
    scripted_server_reply_raw(context->server, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"obj");
    answer(context, 200, "{\"objects\":[]}");
    assert_list(context, "[]");
    assert_int_equal(naps, 1 + 2 + 4);
}

static void a_server_that_does_not_recover_is_an_error(void **state)
{
    const LfsContext *context = *state;
    add_pointer(context, "a", 1);
    for (guint i = 0; i < LFS_BATCH_ATTEMPTS; i++)
        answer(context, 503, "");
    assert_list_fails(context, LIST_FAILED "HTTP status 503");
    assert_int_equal(scripted_server_requests(context->server), LFS_BATCH_ATTEMPTS);
}

static void other_answers_are_errors(void **state)
{
    const LfsContext *context = *state;
    add_pointer(context, "a", 1);
    answer(context, 404, "{\"message\":\"Not Found\"}");
    assert_list_fails(context, LIST_FAILED "HTTP status 404");
    scripted_server_reply(context->server, 302, "Location: http://127.0.0.1:1/\r\n", "");
    assert_list_fails(context, LIST_FAILED "HTTP status 302");
    answer(context, 200, "<html>");
    assert_list_fails(context, LIST_FAILED "LFS Batch API response is not JSON");
    answer(context, 200, "[]");
    assert_list_fails(context, LIST_FAILED "LFS Batch API did return any objects");
    answer(context, 200, "{\"objects\":7}");
    assert_list_fails(context, LIST_FAILED "LFS Batch API did return any objects");
}

static void private_addresses_are_not_called(void **state)
{
    const LfsContext *context = *state;
    g_autoptr(GError) error = NULL;
    add_pointer(context, "a", 1);
    allow_local = FALSE;
    assert_null(list_objects(context, &error));
    assert_error(error, HTTP_ERROR, HTTP_ERROR_BLOCKED_URL);
    assert_int_equal(scripted_server_requests(context->server), 0);
}

static void a_process_that_stops_asks_no_more(void **state)
{
    const LfsContext *context = *state;
    g_autoptr(GError) error = NULL;
    const gint stopping = TRUE;
    add_pointer(context, "a", 1);
    context->import->session->stopping = &stopping;
    g_autofree char *found = list_objects(context, &error);
    context->import->session->stopping = NULL;
    assert_error(error, JOB_ERROR, JOB_ERROR_INTERRUPTED);
    assert_int_equal(scripted_server_requests(context->server), 0);
}

/* --- hostile answers --- */

static void an_endless_answer_ends_at_50_mib(void **state)
{
    const LfsContext *context = *state;
    g_autofree char *spaces = g_strnfill(1024 * 1024, ' ');
    add_pointer(context, "a", 1);
    scripted_server_reply_endlessly(context->server, "HTTP/1.1 200 OK\r\n\r\n",
                                    g_bytes_new(spaces, strlen(spaces)), 0);
    assert_list_fails(context, LIST_FAILED "Response size exceeds 52428800 bytes");
}

static void deeply_nested_json_is_refused(void **state)
{
    const LfsContext *context = *state;
    g_autofree char *brackets = g_strnfill(100000, '[');
    add_pointer(context, "a", 1);
    answer(context, 200, brackets);
    assert_list_fails(context, LIST_FAILED "LFS Batch API response is not JSON");
}

static void objects_that_nobody_asked_for_are_ignored(void **state)
{
    const LfsContext *context = *state;
    add_pointer(context, "a", 1);
    answer(context, 200,
           "{\"objects\":[{\"oid\":\"" OID("b") "\",\"size\":1," STORED(
               "http://h/b") "},"
                             "{\"oid\":\"../../../etc/passwd\",\"size\":1," STORED(
                                 "http://h/c") "},7,null,{\"oid\":7}]}");
    assert_list(context, "[]");
}

/* --- job arguments --- */

static void an_object_becomes_a_job_argument(void **state)
{
    const LfsContext *context = *state;
    add_pointer(context, "a", 1);
    answer_one(context, "\"actions\":{\"download\":{\"href\":\"https://lfs.example.com/a?X-Sig=1\","
                        "\"header\":{\"Authorization\":\"RemoteAuth x\"},\"expires_in\":3600}}");
    assert_list(context,
                "[{\"oid\":\"" OID("a") "\",\"link\":\"https://lfs.example.com/a?X-Sig=1\","
                                        "\"size\":1,\"headers\":{\"Authorization\":\"RemoteAuth x\"}}]");
}

static void no_headers_are_an_empty_object(void **state)
{
    const LfsContext *context = *state;
    add_pointer(context, "a", 1);
    answer_one(context, "\"actions\":{\"download\":{\"href\":\"https://u:p@h/a\",\"header\":null}}");
    assert_list(context, "[{\"oid\":\"" OID("a") "\",\"link\":\"https://u:p@h/a\",\"size\":1,"
                                                 "\"headers\":{}}]");
}

static void a_link_on_the_same_server_gets_the_credentials(void **state)
{
    const LfsContext *context = *state;
    guint port = scripted_server_port(context->server);
    g_autofree char *rest = g_strdup_printf(STORED("http://127.0.0.1:%u/lfs/a"), port);
    g_autofree char *expected =
        g_strdup_printf("[{\"oid\":\"" OID("a") "\",\"link\":\"http://" LFS_TOKEN "@127.0.0.1:%u/lfs/a\","
                                                "\"size\":1,\"headers\":{}}]",
                        port);
    add_pointer(context, "a", 1);
    answer_one(context, rest);
    assert_list(context, expected);
}

static void links_elsewhere_never_get_them(G_GNUC_UNUSED void **state)
{
    char url[] = "https://github.com/a.git/info/lfs/objects/batch", user[] = LFS_TOKEN;
    const LfsEndpoint endpoint = {url, user, NULL};
    static const char *const links[] = {
        "http://github.com/a",
        "https://github.com:8443/a",
        "https://github.com.example.com/a",
        "https://example.com/a",
        "https://github.com@evil/a",
        "https://api.github.com/a",
        "https://evil/?https://github.com/",
    };
    for (guint i = 0; i < G_N_ELEMENTS(links); i++) {
        g_autofree char *link = lfs_endpoint_link(&endpoint, links[i]);
        assert_string_equal(link, links[i]);
    }
    g_autofree char *own = lfs_endpoint_link(&endpoint, "https://GitHub.com:443/a?b=c");
    assert_non_null(strstr(own, LFS_TOKEN "@"));
}

static void objects_without_a_usable_link_are_left_out(void **state)
{
    const LfsContext *context = *state;
    static const char *const rests[] = {
        "\"error\":{\"code\":404}",
        "\"actions\":{}",
        "\"actions\":{\"download\":{}}",
        STORED("ftp://h/a"),
        STORED("file:///etc/passwd"),
        STORED("javascript:alert(1)"),
        STORED("/relative"),
        STORED(""),
    };
    add_pointer(context, "a", 1);
    for (guint i = 0; i < G_N_ELEMENTS(rests); i++) {
        answer_one(context, rests[i]);
        assert_list(context, "[]");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LFS_TEST(without_pointers_nobody_is_asked),
        LFS_TEST(objects_that_the_project_has_are_left_out),
        LFS_TEST(objects_of_other_projects_are_asked_for),
        LFS_TEST(the_project_s_setting_counts_and_then_its_group_s),
        LFS_TEST(an_instance_without_lfs_has_none),
        LFS_TEST(where_lfs_is_disabled_nobody_is_asked),
        cmocka_unit_test(the_first_line_with_a_url_behind_one_tab_at_most_counts),
        LFS_TEST(its_address_on_the_same_host_is_used_as_it_stands),
        LFS_TEST(its_own_credentials_are_used_instead_of_the_token),
        LFS_TEST(another_port_does_not_get_the_token),
        LFS_TEST(another_host_switches_lfs_off),
        LFS_TEST(an_address_that_is_none_is_an_error),
        LFS_TEST(no_other_scheme_is_spoken),
        LFS_TEST(the_batch_api_beside_the_repository_is_asked),
        LFS_TEST(an_import_url_without_suffix_gets_one),
        LFS_TEST(a_hundred_objects_are_asked_for_at_a_time),
        LFS_TEST(too_many_at_once_are_asked_for_again_by_fifty),
        LFS_TEST(too_many_again_is_an_error),
        LFS_TEST(a_server_that_wants_a_pause_gets_two_minutes),
        LFS_TEST(what_passes_is_tried_again),
        LFS_TEST(a_server_that_does_not_recover_is_an_error),
        LFS_TEST(other_answers_are_errors),
        LFS_TEST(private_addresses_are_not_called),
        LFS_TEST(a_process_that_stops_asks_no_more),
        LFS_TEST(an_endless_answer_ends_at_50_mib),
        LFS_TEST(deeply_nested_json_is_refused),
        LFS_TEST(objects_that_nobody_asked_for_are_ignored),
        LFS_TEST(an_object_becomes_a_job_argument),
        LFS_TEST(no_headers_are_an_empty_object),
        LFS_TEST(a_link_on_the_same_server_gets_the_credentials),
        cmocka_unit_test(links_elsewhere_never_get_them),
        LFS_TEST(objects_without_a_usable_link_are_left_out),
    };
    log_configure(-1, LOG_FATAL);
    return cmocka_run_group_tests_name("lfs_download_list", tests, lfs_context_set_up_group,
                                       lfs_context_tear_down_group);
}
