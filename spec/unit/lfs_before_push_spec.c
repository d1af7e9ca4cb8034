/* The LFS objects that GitLab wants to have before it takes a push. The download list is the spec's own. */
#include "importers/objects/lfs_before_push.h"

#include "importers/github/error.h"
#include "importers/lfs/lfs_download_list.h"
#include "importers/lfs/lfs_error.h"
#include "spec/support/lfs_context.h"

#define CONTENT "content of a large file\n"

static struct {
    json_t *objects; /* of the download list */
    GError *failure; /* instead of it; or NULL */
} now;

gboolean __wrap_lfs_download_list(Stage *stage, ObjectSink take, gpointer data, GError **error);
gboolean __wrap_lfs_download_list(G_GNUC_UNUSED Stage *stage, ObjectSink take, gpointer data, GError **error)
{
    if (!now.failure)
        return take(data, now.objects, error);
    g_propagate_error(error, g_steal_pointer(&now.failure));
    return FALSE;
}

static int set_up(void **state)
{
    now.objects = json_array();
    return lfs_context_set_up(state);
}

static int tear_down(void **state)
{
    g_clear_pointer(&now.objects, json_decref);
    g_clear_error(&now.failure);
    return lfs_context_tear_down(state);
}

/* An object of this content, on the server; its size is said to be `size`. */
static void list_object_of_size(const LfsContext *context, const char *content, gsize size)
{
    g_autofree char *oid = g_compute_checksum_for_string(G_CHECKSUM_SHA256, content, -1);
    g_autofree char *link = g_strconcat(scripted_server_url(context->server), "/o", NULL);
    json_array_append_new(now.objects, json_pack("{s:s, s:s, s:I, s:{}}", "oid", oid, "link", link, "size",
                                                 (json_int_t)size, "headers"));
    scripted_server_reply(context->server, 200, NULL, content);
}

static void list_object(const LfsContext *context, const char *content)
{
    list_object_of_size(context, content, strlen(content));
}

static gboolean bring(const LfsContext *context, GError **error)
{
    Stage stage = {.session = context->import->session, .project = context->import->project};
    return lfs_objects_before_push(&stage, error);
}

static void assert_brought(const LfsContext *context)
{
    g_autoptr(GError) error = NULL;
    bring(context, &error);
    assert_no_error(error);
}

static void assert_linked(const char *count)
{
    assert_sql("SELECT count(*) FROM lfs_objects_projects JOIN lfs_objects ON lfs_objects.id = lfs_object_id",
               count);
}

static void assert_counted(const LfsContext *context, const char *count)
{
    g_autofree char *fetched =
        object_import_key(context->import, "github-importer/object-counter", "fetched/lfs_object");
    assert_redis(count, "GET", fetched);
    object_import_assert_counted(context->import, "lfs_object", count);
}

static void every_object_is_stored_linked_and_counted(void **state)
{
    const LfsContext *context = *state;
    list_object(context, CONTENT);
    list_object(context, "another\n");
    assert_brought(context);
    assert_linked("2");
    assert_counted(context, "2");
    g_autofree char *files = run_in_folder(context, "cd lfs; find . -type f | wc -l");
    assert_string_equal(files, "2");
}

/* A stage that is performed again may be told of an object that it has brought already. */
static void an_object_is_brought_once(void **state)
{
    const LfsContext *context = *state;
    list_object(context, CONTENT);
    assert_brought(context);
    assert_brought(context);
    assert_linked("1");
    assert_counted(context, "1");
    assert_int_equal(scripted_server_requests(context->server), 1);
}

/* The stage of LFS objects will try it again, and count it. */
static void what_is_not_what_it_should_be_is_left_to_the_stage(void **state)
{
    const LfsContext *context = *state;
    list_object_of_size(context, "short\n", 100);
    list_object(context, CONTENT);
    assert_brought(context);
    assert_linked("1");
    assert_counted(context, "1");
}

static void assert_left_to_gitlab(const LfsContext *context, GError *failure)
{
    now.failure = failure;
    assert_brought(context);
    assert_linked("0");
}

static void without_the_lfs_server_gitlab_decides(void **state)
{
    assert_left_to_gitlab(*state, g_error_new_literal(HTTP_ERROR, HTTP_ERROR_TIMEOUT, "late"));
    assert_left_to_gitlab(*state, g_error_new_literal(LFS_ERROR, LFS_ERROR_LIST, "no"));
}

static void assert_fails(const LfsContext *context, GError *failure)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GError) expected = g_error_copy(failure);
    now.failure = failure;
    assert_false(bring(context, &error));
    assert_error(error, expected->domain, expected->code);
}

static void a_rate_limit_and_our_own_servers_are_the_stage_s(void **state)
{
    GError *limit = NULL;
    github_set_rate_limit_error(&limit, 120, "Rate Limit exceeded");
    assert_fails(*state, limit);
    assert_fails(*state, g_error_new_literal(DATABASE_ERROR, DATABASE_ERROR_DISCONNECTED, "gone"));
}

static void without_a_place_for_them_the_stage_is_ruby_s(void **state)
{
    const LfsContext *context = *state;
    g_autofree char *removed = run_in_folder(context, "rm -r lfs");
    g_autoptr(GError) error = NULL;
    list_object(context, CONTENT);
    assert_false(bring(context, &error));
    assert_error(error, JOB_ERROR, JOB_ERROR_HAND_OVER);
    assert_linked("0");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_object_is_stored_linked_and_counted),
        TEST(an_object_is_brought_once),
        TEST(what_is_not_what_it_should_be_is_left_to_the_stage),
        TEST(without_the_lfs_server_gitlab_decides),
        TEST(a_rate_limit_and_our_own_servers_are_the_stage_s),
        TEST(without_a_place_for_them_the_stage_is_ruby_s),
    };
    return cmocka_run_group_tests(tests, lfs_context_set_up_group, lfs_context_tear_down_group);
}
