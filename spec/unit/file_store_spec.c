#include "importers/files/file_store.h"

#include "importers/gitlab/session.h"
#include "spec/support/scripted_server.h"
#include "spec/support/temporary_folder.h"

typedef struct Fixture {
    TemporaryFolder folder;
    Configuration configuration;
    Session *session;
} Fixture;

static int set_up(void **state)
{
    Fixture *fixture = g_new0(Fixture, 1);
    fixture->folder = temporary_folder_new();
    fixture->configuration.uploads.directory = g_strdup(fixture->folder.path);
    fixture->session = session_new(&fixture->configuration, NULL, NULL, NULL);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    Fixture *fixture = *state;
    session_free(fixture->session);
    file_store_settings_clear(&fixture->configuration.uploads);
    file_store_settings_clear(&fixture->configuration.lfs_objects);
    temporary_folder_remove(&fixture->folder);
    g_free(fixture);
    return 0;
}

static void use_bucket(Fixture *fixture, const char *endpoint)
{
    Bucket *bucket = g_new0(Bucket, 1);
    bucket->endpoint = g_strdup(endpoint);
    bucket->region = g_strdup("eu-central-1");
    bucket->name = g_strdup("attic");
    bucket->prefix = g_strdup("gitlab/");
    bucket->path_style = TRUE;
    bucket->access_key_id = g_strdup("AKIA");
    bucket->secret_access_key = g_strdup("hunter2");
    fixture->configuration.uploads.bucket = bucket;
}

static IncomingFile *receive(Fixture *fixture, const char *text)
{
    g_autoptr(GError) error = NULL;
    IncomingFile *file = file_store_receive(fixture->session, FILE_STORE_UPLOADS, 1000, &error);
    assert_no_error(error);
    assert_true(incoming_file_write(file, text, strlen(text), NULL));
    return file;
}

static void keep(Fixture *fixture, const char *key, const char *text)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(IncomingFile) file = receive(fixture, text);
    file_store_keep(fixture->session, FILE_STORE_UPLOADS, file, key, NULL, &error);
    assert_no_error(error);
}

static gboolean find(Fixture *fixture, const char *key, guint64 *size)
{
    gboolean found = FALSE;
    g_autoptr(GError) error = NULL;
    file_store_find(fixture->session, FILE_STORE_UPLOADS, FILE_PLACE_LOCAL, key, &found, size, &error);
    assert_no_error(error);
    return found;
}

static FilePlace place_of(Fixture *fixture)
{
    FilePlace place;
    g_autoptr(GError) error = NULL;
    file_store_place(fixture->session, FILE_STORE_UPLOADS, &place, &error);
    assert_no_error(error);
    return place;
}

static void assert_handed_over(Fixture *fixture, FileStoreKind kind, const char *words)
{
    FilePlace place;
    g_autoptr(GError) error = NULL;
    assert_false(file_store_place(fixture->session, kind, &place, &error));
    assert_error(error, JOB_ERROR, JOB_ERROR_HAND_OVER);
    if (!strstr(error->message, words))
        fail_msg("'%s' does not say '%s'", error->message, words);
    assert_null(file_store_receive(fixture->session, kind, 10, NULL));
}

static void new_files_go_to_the_mounted_folder(void **state)
{
    Fixture *fixture = *state;
    assert_int_equal(place_of(fixture), FILE_PLACE_LOCAL);
    keep(fixture, "@hashed/73/47/secret/name.png", "image");
    assert_file(&fixture->folder, "@hashed/73/47/secret/name.png", "image");
    assert_int_equal(temporary_folder_count(&fixture->folder), 1);
}

static void keeping_is_repeatable(void **state)
{
    keep(*state, "a/b", "text");
    keep(*state, "a/b", "text");
    guint64 size = 0;
    assert_true(find(*state, "a/b", &size));
    assert_int_equal(size, 4);
}

static void only_files_are_found(void **state)
{
    guint64 size = 0;
    keep(*state, "a/b", "text");
    assert_false(find(*state, "a/c", &size));
    assert_false(find(*state, "a", &size));
    assert_false(find(*state, "a/b/c", &size));
}

static void ruby_gets_the_files_that_have_no_place_here(void **state)
{
    assert_handed_over(*state, FILE_STORE_LFS, "No place for LFS objects: give --lfs-directory");
}

static void ruby_gets_the_files_of_a_folder_that_is_not_mounted(void **state)
{
    Fixture *fixture = *state;
    fixture->configuration.lfs_objects.directory = temporary_folder_path(&fixture->folder, "missing");
    assert_handed_over(*state, FILE_STORE_LFS, "missing is not a directory; mount it");
    assert_int_equal(temporary_folder_count(&fixture->folder), 0);
}

static void ruby_gets_the_files_of_other_object_storage(void **state)
{
    Fixture *fixture = *state;
    fixture->configuration.uploads.handed_over = g_strdup("they are in Azure");
    assert_handed_over(fixture, FILE_STORE_UPLOADS, "No place for uploads: they are in Azure");
    guint64 size = 0;
    assert_false(find(fixture, "local", &size));
}

static void a_bucket_that_is_not_configured_cannot_be_asked(void **state)
{
    Fixture *fixture = *state;
    guint64 size = 0;
    gboolean found = FALSE;
    g_autoptr(GError) error = NULL;
    assert_false(file_store_find(fixture->session, FILE_STORE_UPLOADS, FILE_PLACE_REMOTE, "key", &found,
                                 &size, &error));
    assert_error(error, JOB_ERROR, JOB_ERROR_HAND_OVER);
}

static void keys_never_leave_their_folder(void **state)
{
    static const char *const keys[] = {"", "/etc/passwd", "../x", "a/../x", "a/..", "a//b", "a/", "./a", "."};
    Fixture *fixture = *state;
    for (guint i = 0; i < G_N_ELEMENTS(keys); i++) {
        guint64 size = 0;
        gboolean found = FALSE;
        g_autoptr(GError) error = NULL;
        g_autoptr(GError) not_found = NULL;
        g_autoptr(IncomingFile) file = receive(fixture, "text");
        assert_false(file_store_keep(fixture->session, FILE_STORE_UPLOADS, file, keys[i], NULL, &error));
        assert_error(error, FILE_ERROR, FILE_ERROR_KEY);
        assert_false(file_store_find(fixture->session, FILE_STORE_UPLOADS, FILE_PLACE_LOCAL, keys[i], &found,
                                     &size, &not_found));
        assert_error(not_found, FILE_ERROR, FILE_ERROR_KEY);
    }
    assert_int_equal(temporary_folder_count(&fixture->folder), 0);
}

static void dots_in_names_are_no_way_out(void **state)
{
    guint64 size = 0;
    keep(*state, "a/..b...", "text");
    assert_true(find(*state, "a/..b...", &size));
}

static void a_bucket_goes_before_the_folder(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(ScriptedServer) server = scripted_server_new();
    scripted_server_reply(server, 200, NULL, "");
    use_bucket(fixture, scripted_server_url(server));
    assert_int_equal(place_of(fixture), FILE_PLACE_REMOTE);
    keep(fixture, "@hashed/73/name.png", "image");
    g_autofree char *request = scripted_server_request(server, 0);
    assert_true(g_str_has_prefix(request, "PUT /attic/gitlab/%40hashed/73/name.png HTTP/1.1\r\n"));
    assert_true(g_str_has_suffix(request, "\r\n\r\nimage"));
    assert_null(strstr(request, "hunter2"));
    assert_int_equal(temporary_folder_count(&fixture->folder), 0);
}

static void files_from_before_the_bucket_are_found_in_the_folder(void **state)
{
    guint64 size = 0;
    keep(*state, "a/b", "text");
    use_bucket(*state, "http://127.0.0.1:1");
    assert_true(find(*state, "a/b", &size));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(new_files_go_to_the_mounted_folder),
        TEST(keeping_is_repeatable),
        TEST(only_files_are_found),
        TEST(ruby_gets_the_files_that_have_no_place_here),
        TEST(ruby_gets_the_files_of_a_folder_that_is_not_mounted),
        TEST(ruby_gets_the_files_of_other_object_storage),
        TEST(a_bucket_that_is_not_configured_cannot_be_asked),
        TEST(keys_never_leave_their_folder),
        TEST(dots_in_names_are_no_way_out),
        TEST(a_bucket_goes_before_the_folder),
        TEST(files_from_before_the_bucket_are_found_in_the_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
