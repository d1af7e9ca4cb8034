#include "importers/files/object_storage.h"

#include "importers/files/incoming_file.h"
#include "importers/gitlab/session.h"
#include "spec/support/free_port.h"
#include "spec/support/private_object_storage.h"
#include "spec/support/scripted_server.h"
#include "spec/support/temporary_folder.h"

#include <fcntl.h>

#define NO_CONTENT "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static gulong slept; /* microseconds */

void __wrap_g_usleep(gulong microseconds);

void __wrap_g_usleep(gulong microseconds)
{
    slept += microseconds;
}

static TemporaryFolder folder; /* the objects are in it */
static PrivateObjectStorage *storage;

typedef struct Fixture {
    Configuration configuration;
    Session *session;
    gint stopping;
    Bucket *bucket;
} Fixture;

static void set_endpoint(Fixture *fixture, const char *format, guint port)
{
    g_free(fixture->bucket->endpoint);
    fixture->bucket->endpoint = g_strdup_printf("%s:%u", format, port);
}

static void set(char **field, const char *value)
{
    g_free(*field);
    *field = g_strdup(value);
}

static int set_up(void **state)
{
    Fixture *fixture = g_new0(Fixture, 1);
    slept = 0;
    fixture->session = session_new(&fixture->configuration, NULL, NULL, &fixture->stopping);
    fixture->bucket = g_new0(Bucket, 1);
    set_endpoint(fixture, "http://127.0.0.1", private_object_storage_port(storage));
    fixture->bucket->region = g_strdup(PRIVATE_OBJECT_STORAGE_REGION);
    fixture->bucket->name = g_strdup("attic");
    fixture->bucket->prefix = g_strdup("");
    fixture->bucket->path_style = TRUE;
    fixture->bucket->access_key_id = g_strdup(PRIVATE_OBJECT_STORAGE_KEY_ID);
    fixture->bucket->secret_access_key = g_strdup(PRIVATE_OBJECT_STORAGE_SECRET_KEY);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    Fixture *fixture = *state;
    session_free(fixture->session);
    bucket_free(fixture->bucket);
    g_free(fixture);
    return 0;
}

static gboolean put(Fixture *fixture, const char *key, const char *content, gssize length, GError **error)
{
    g_autoptr(IncomingFile) file = incoming_file_new(folder.path, G_MAXUINT64, NULL);
    assert_true(incoming_file_write(file, content, length < 0 ? strlen(content) : (gsize)length, NULL));
    g_autofree char *sha256 = incoming_file_sha256(file);
    return object_storage_put(fixture->session, fixture->bucket, key, incoming_file_descriptor(file),
                              incoming_file_size(file), sha256, "image/png", error);
}

static void assert_put(Fixture *fixture, const char *key, const char *content)
{
    g_autoptr(GError) error = NULL;
    put(fixture, key, content, -1, &error);
    assert_no_error(error);
}

static void assert_put_fails(Fixture *fixture, const char *message)
{
    g_autoptr(GError) error = NULL;
    assert_false(put(fixture, "key", "content", -1, &error));
    assert_error(error, FILE_ERROR, FILE_ERROR_REMOTE);
    assert_string_equal(error->message, message);
}

static gboolean find(Fixture *fixture, const char *key, guint64 *size)
{
    gboolean found = FALSE;
    g_autoptr(GError) error = NULL;
    object_storage_find(fixture->session, fixture->bucket, key, &found, size, &error);
    assert_no_error(error);
    return found;
}

static ScriptedServer *scripted_bucket(Fixture *fixture)
{
    ScriptedServer *server = scripted_server_new();
    set(&fixture->bucket->endpoint, scripted_server_url(server));
    return server;
}

static void a_signed_file_is_stored(void **state)
{
    assert_put(*state, "@hashed/73/47/name.png", "content");
    assert_file(&folder, "attic/@hashed/73/47/name.png", "content");
}

static void an_empty_file_is_stored(void **state)
{
    assert_put(*state, "empty", "");
    assert_file(&folder, "attic/empty", "");
}

static void a_file_of_several_pieces_is_stored(void **state)
{
    g_autoptr(GError) error = NULL;
    gsize length = 3 * 1024 * 1024 + 17;
    g_autofree char *content = g_malloc(length);
    memset(content, 'x', length);
    put(*state, "large", content, (gssize)length, &error);
    assert_no_error(error);
    assert_int_equal(status_of(&folder, "attic/large").st_size, length);
}

static void any_name_can_be_signed(void **state)
{
    static const char *const keys[] = {"a b",       "a+b",    "a%2Fb",     "a%b",       "ä€😀.png",
                                       "a?b=c&d",   "a#b",    "a=b;c:d@e", "a'b\"c(d)", "..a..",
                                       "a~b-c_d.e", "a*b!$,", "a\\b|c<d>"};
    for (guint i = 0; i < G_N_ELEMENTS(keys); i++) {
        guint64 size = 0;
        g_autofree char *name = g_strconcat("attic/", keys[i], NULL);
        assert_put(*state, keys[i], keys[i]);
        assert_file(&folder, name, keys[i]);
        assert_true(find(*state, keys[i], &size));
        assert_int_equal(size, strlen(keys[i]));
    }
}

static void storing_again_replaces(void **state)
{
    assert_put(*state, "twice", "first");
    assert_put(*state, "twice", "second");
    assert_file(&folder, "attic/twice", "second");
}

static void the_prefix_is_part_of_every_name(void **state)
{
    guint64 size = 0;
    Fixture *fixture = *state;
    set(&fixture->bucket->prefix, "gitlab/files/");
    assert_put(fixture, "key", "content");
    assert_file(&folder, "attic/gitlab/files/key", "content");
    assert_true(find(fixture, "key", &size));
}

static void the_bucket_may_be_named_in_the_host(void **state)
{
    guint64 size = 0;
    Fixture *fixture = *state;
    set_endpoint(fixture, "http://localhost", private_object_storage_port(storage));
    fixture->bucket->path_style = FALSE;
    assert_put(fixture, "in the host", "content");
    assert_file(&folder, "attic/in the host", "content");
    assert_true(find(fixture, "in the host", &size));
}

static void encryption_is_asked_for_by_a_signed_header(void **state)
{
    Fixture *fixture = *state;
    fixture->bucket->encryption = g_strdup("AES256");
    assert_put(fixture, "encrypted", "content");
    assert_file(&folder, "attic/encrypted", "content");
}

static void what_is_not_there_is_not_found(void **state)
{
    guint64 size = 1;
    assert_false(find(*state, "missing", &size));
    assert_int_equal(size, 0);
}

static void a_wrong_secret_is_refused(void **state)
{
    Fixture *fixture = *state;
    set(&fixture->bucket->secret_access_key, "hunter2");
    assert_put_fails(fixture,
                     "Object storage: PUT in bucket attic was answered with 403 SignatureDoesNotMatch");
}

static void a_wrong_region_is_refused(void **state)
{
    Fixture *fixture = *state;
    set(&fixture->bucket->region, "us-east-1");
    assert_put_fails(
        fixture, "Object storage: PUT in bucket attic was answered with 400 AuthorizationHeaderMalformed");
}

static void a_bucket_that_is_not_there_is_an_error(void **state)
{
    Fixture *fixture = *state;
    set(&fixture->bucket->name, "cellar");
    assert_put_fails(fixture, "Object storage: PUT in bucket cellar was answered with 404 NoSuchBucket");
}

static void without_the_right_to_list_nothing_is_found(void **state)
{
    guint64 size = 1;
    g_autoptr(ScriptedServer) server = scripted_bucket(*state);
    scripted_server_reply_raw(server, "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
    assert_false(find(*state, "key", &size));
    assert_int_equal(size, 0);
}

static void another_answer_is_not_a_missing_file(void **state)
{
    guint64 size = 0;
    gboolean found = FALSE;
    Fixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    set(&fixture->bucket->region, "us-east-1");
    assert_false(object_storage_find(fixture->session, fixture->bucket, "key", &found, &size, &error));
    assert_error(error, FILE_ERROR, FILE_ERROR_REMOTE);
    assert_string_equal(error->message, "Object storage: HEAD in bucket attic was answered with 400");
}

static void what_was_removed_is_not_found(void **state)
{
    guint64 size = 0;
    Fixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    assert_put(fixture, "removed", "content");
    for (guint i = 0; i < 2; i++) {
        object_storage_remove(fixture->session, fixture->bucket, "removed", &error);
        assert_no_error(error);
        assert_false(find(fixture, "removed", &size));
    }
}

static void content_that_is_not_what_the_digest_says_is_refused(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    temporary_folder_write(&folder, "file", "content");
    g_autofree char *path = temporary_folder_path(&folder, "file");
    int file = open(path, O_RDONLY | O_CLOEXEC);
    assert_false(
        object_storage_put(fixture->session, fixture->bucket, "wrong", file, 7, NO_CONTENT, NULL, &error));
    assert_error(error, FILE_ERROR, FILE_ERROR_REMOTE);
    assert_non_null(strstr(error->message, "XAmzContentSHA256Mismatch"));
    close(file);
}

static void a_file_that_s3_takes_in_parts_only_is_refused(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    assert_false(object_storage_put(fixture->session, fixture->bucket, "key", -1, OBJECT_STORAGE_MAX_SIZE + 1,
                                    NO_CONTENT, NULL, &error));
    assert_error(error, FILE_ERROR, FILE_ERROR_TOO_LARGE);
}

static void the_whole_file_is_sent_again_after_a_server_s_error(void **state)
{
    g_autoptr(ScriptedServer) server = scripted_bucket(*state);
    scripted_server_reply(server, 503, NULL, "<Error><Code>SlowDown</Code></Error>");
    scripted_server_reply(server, 200, NULL, "");
    assert_put(*state, "key", "content");
    g_autofree char *again = scripted_server_request(server, 1);
    assert_int_equal(scripted_server_requests(server), 2);
    assert_true(g_str_has_suffix(again, "\r\n\r\ncontent"));
}

static void the_whole_file_is_sent_again_after_a_lost_connection(void **state)
{
    g_autoptr(ScriptedServer) server = scripted_bucket(*state);
    scripted_server_reply_raw(server, "");
    scripted_server_reply_raw(server, "HTTP/1.1 200 OK\r\nContent-Le");
    scripted_server_reply(server, 200, NULL, "");
    assert_put(*state, "key", "content");
    g_autofree char *again = scripted_server_request(server, 2);
    assert_true(g_str_has_suffix(again, "\r\n\r\ncontent"));
}

static void an_upload_that_is_cut_begins_again(void **state)
{
    g_autoptr(GError) error = NULL;
    gsize length = 8 * 1024 * 1024;
    g_autofree char *content = g_malloc(length);
    memset(content, 'x', length);
    private_object_storage_fail(storage, "cut");
    private_object_storage_fail(storage, "500");
    put(*state, "cut", content, (gssize)length, &error);
    assert_no_error(error);
    assert_int_equal(status_of(&folder, "attic/cut").st_size, length);
}

static void three_attempts_are_enough(void **state)
{
    g_autoptr(ScriptedServer) server = scripted_bucket(*state);
    for (guint i = 0; i < 4; i++)
        scripted_server_reply(server, 503, NULL, "<Error><Code>SlowDown</Code></Error>");
    assert_put_fails(*state, "Object storage: PUT in bucket attic was answered with 503 SlowDown");
    assert_int_equal(scripted_server_requests(server), 3);
    assert_int_equal(slept, (200 + 400) * 1000);
}

static void a_refusal_is_final(void **state)
{
    g_autoptr(ScriptedServer) server = scripted_bucket(*state);
    scripted_server_reply(server, 403, NULL, "no XML at all");
    assert_put_fails(*state, "Object storage: PUT in bucket attic was answered with 403");
    assert_int_equal(scripted_server_requests(server), 1);
    assert_int_equal(slept, 0);
}

static void nobody_there_is_an_error_of_the_connection(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    set_endpoint(fixture, "http://127.0.0.1", (guint)free_port());
    assert_false(put(fixture, "key", "content", -1, &error));
    assert_error(error, HTTP_ERROR, HTTP_ERROR_CONNECTION);
    assert_true(g_str_has_prefix(error->message, "Object storage: "));
}

static void a_process_that_is_to_stop_makes_no_further_attempt(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    g_autoptr(ScriptedServer) server = scripted_bucket(fixture);
    fixture->stopping = TRUE;
    assert_false(put(fixture, "key", "content", -1, &error));
    assert_error(error, JOB_ERROR, JOB_ERROR_INTERRUPTED);
}

static void secrets_are_not_sent(void **state)
{
    g_autoptr(ScriptedServer) server = scripted_bucket(*state);
    scripted_server_reply(server, 200, NULL, "");
    assert_put(*state, "key", "content");
    g_autofree char *request = scripted_server_request(server, 0);
    assert_null(strstr(request, PRIVATE_OBJECT_STORAGE_SECRET_KEY));
    assert_non_null(
        strstr(request, "Authorization: AWS4-HMAC-SHA256 Credential=" PRIVATE_OBJECT_STORAGE_KEY_ID));
}

static int start_storage(G_GNUC_UNUSED void **state)
{
    folder = temporary_folder_new();
    storage = private_object_storage_start(folder.path, "attic");
    return 0;
}

static int stop_storage(G_GNUC_UNUSED void **state)
{
    private_object_storage_stop(storage);
    temporary_folder_remove(&folder);
    return 0;
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_signed_file_is_stored),
        TEST(an_empty_file_is_stored),
        TEST(a_file_of_several_pieces_is_stored),
        TEST(any_name_can_be_signed),
        TEST(storing_again_replaces),
        TEST(the_prefix_is_part_of_every_name),
        TEST(the_bucket_may_be_named_in_the_host),
        TEST(encryption_is_asked_for_by_a_signed_header),
        TEST(what_is_not_there_is_not_found),
        TEST(a_wrong_secret_is_refused),
        TEST(a_wrong_region_is_refused),
        TEST(a_bucket_that_is_not_there_is_an_error),
        TEST(without_the_right_to_list_nothing_is_found),
        TEST(another_answer_is_not_a_missing_file),
        TEST(what_was_removed_is_not_found),
        TEST(content_that_is_not_what_the_digest_says_is_refused),
        TEST(a_file_that_s3_takes_in_parts_only_is_refused),
        TEST(the_whole_file_is_sent_again_after_a_server_s_error),
        TEST(the_whole_file_is_sent_again_after_a_lost_connection),
        TEST(an_upload_that_is_cut_begins_again),
        TEST(three_attempts_are_enough),
        TEST(a_refusal_is_final),
        TEST(nobody_there_is_an_error_of_the_connection),
        TEST(a_process_that_is_to_stop_makes_no_further_attempt),
        TEST(secrets_are_not_sent),
    };
    return cmocka_run_group_tests(tests, start_storage, stop_storage);
}
