/* A project's file, its row and its link: every rule of FileUploader and UploadService. */
#include "importers/gitlab/upload.h"

#include "spec/support/gitlab_context.h"
#include "spec/support/scripted_server.h"

#include <glib/gstdio.h>

#define ORIGIN "Issue/3401/https://github.com/user-attachments/assets/75334fd4"
#define SHA256 "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" /* of "abc" */

typedef struct Context {
    GitlabContext gitlab;
    char *folder;
    GError *error;
} Context;

static int set_up(void **state)
{
    Context *context = g_new0(Context, 1);
    gitlab_context_begin(&context->gitlab, NULL);
    context->folder = g_dir_make_tmp("uploads-XXXXXX", NULL);
    context->gitlab.configuration->uploads.directory = context->folder;
    *state = context;
    return 0;
}

static int tear_down(void **state)
{
    Context *context = *state;
    g_autofree char *remove = g_strdup_printf("rm -r '%s'", context->folder);
    assert_true(g_spawn_command_line_sync(remove, NULL, NULL, NULL, NULL));
    context->gitlab.configuration->uploads = (FileStoreSettings){0};
    gitlab_context_end(&context->gitlab);
    g_clear_error(&context->error);
    g_free(context->folder);
    g_free(context);
    return 0;
}

static Upload *store_as(Context *context, const char *origin, const char *name)
{
    Session *session = context->gitlab.session;
    g_autoptr(IncomingFile) file = file_store_receive(session, FILE_STORE_UPLOADS, 100, &context->error);
    assert_no_error(context->error);
    assert_true(incoming_file_write(file, "abc", 3, &context->error));
    return upload_store(session, context->gitlab.project, origin, file, name, "image/png", &context->error);
}

static Upload *store(Context *context)
{
    Upload *upload = store_as(context, ORIGIN, "a.png");
    assert_no_error(context->error);
    return upload;
}

static void record_all(Context *context, const GPtrArray *uploads)
{
    assert_true(upload_record_all(context->gitlab.session, context->gitlab.project, uploads,
                                  "2024-03-01 10:00:00.123456", &context->error));
}

/* (transfer container) */
static GPtrArray *list_of(Upload *one, Upload *other)
{
    GPtrArray *uploads = g_ptr_array_new();
    g_ptr_array_add(uploads, one);
    if (other)
        g_ptr_array_add(uploads, other);
    return uploads;
}

static void record(Context *context, Upload *upload)
{
    g_autoptr(GPtrArray) uploads = list_of(upload, NULL);
    record_all(context, uploads);
}

static void assert_content(Context *context, const char *path, const char *expected)
{
    g_autofree char *whole = g_build_filename(context->folder, path, NULL);
    g_autofree char *content = NULL;
    assert_true(g_file_get_contents(whole, &content, NULL, NULL));
    assert_string_equal(content, expected);
}

/* --- the file --- */

static void a_file_lies_in_the_hashed_folder_of_its_project(void **state)
{
    Context *context = *state;
    g_autoptr(Upload) upload = store(context);
    g_autofree char *id = g_strdup_printf("%" G_GINT64_FORMAT, context->gitlab.project->id);
    g_autofree char *hash = g_compute_checksum_for_string(G_CHECKSUM_SHA256, id, -1);
    g_autofree char *path =
        g_strdup_printf("@hashed/%.2s/%.2s/%s/%s/a.png", hash, hash + 2, hash, upload->secret);
    assert_content(context, path, "abc");
}

static void a_file_of_an_older_project_lies_in_its_full_path(void **state)
{
    Context *context = *state;
    g_autofree char *changed = private_gitlab_sql("UPDATE projects SET storage_version = 1");
    project_free(context->gitlab.project);
    gint64 id = private_gitlab_integer("SELECT max(id) FROM projects");
    assert_true(project_find(context->gitlab.session, id, &context->gitlab.project, NULL));
    g_autoptr(Upload) upload = store(context);
    g_autofree char *path =
        g_strdup_printf("%s/%s/a.png", context->gitlab.project->full_path, upload->secret);
    assert_content(context, path, "abc");
}

static void the_link_has_neither_host_nor_project(void **state)
{
    g_autoptr(Upload) upload = store(*state);
    g_autofree char *expected = g_strdup_printf("/uploads/%s/a.png", upload->secret);
    assert_text(upload_markdown_url(upload), expected);
}

static void a_name_that_no_file_system_takes_is_cut_but_for_its_extension(void **state)
{
    Context *context = *state;
    g_autofree char *stem = g_strnfill(255, 'n');
    g_autofree char *name = g_strconcat(stem, ".png", NULL);
    g_autofree char *bare = g_strnfill(4000, 'n');
    g_autofree char *odd = g_strdup_printf("a.%s", bare);
    g_autoptr(Upload) upload = store_as(context, ORIGIN, name);
    g_autoptr(Upload) other = store_as(context, "other", bare);
    g_autoptr(Upload) third = store_as(context, "third", odd);
    assert_no_error(context->error);
    assert_int_equal(strlen(upload->name), 255);
    assert_true(g_str_has_suffix(upload->name, "n.png"));
    assert_string_equal(other->name, stem);
    assert_int_equal(strlen(third->name), 255);
    record(context, upload);
}

/* --- the secret --- */

static void a_secret_has_32_hex_digits_and_is_the_same_for_the_same_file(void **state)
{
    Context *context = *state;
    g_autoptr(Upload) upload = store(context);
    g_autoptr(Upload) again = store(context);
    g_autoptr(Upload) other = store_as(context, "Issue/3402/https://github.com/a", "a.png");
    assert_true(g_regex_match_simple("^[0-9a-f]{32}$", upload->secret, 0, 0));
    assert_string_equal(again->secret, upload->secret);
    assert_string_not_equal(other->secret, upload->secret);
}

static void secrets_differ_between_projects(void **state)
{
    Context *context = *state;
    g_autoptr(Upload) upload = store(context);
    context->gitlab.project->id += 1;
    g_autoptr(Upload) other = store(context);
    context->gitlab.project->id -= 1;
    assert_string_not_equal(other->secret, upload->secret);
}

static Upload *store_with_keys(Context *context, char **keys)
{
    char **own = context->gitlab.configuration->db_key_base;
    context->gitlab.configuration->db_key_base = keys;
    Upload *upload = store_as(context, ORIGIN, "a.png");
    context->gitlab.configuration->db_key_base = own;
    return upload;
}

static void the_last_key_makes_the_secret(void **state)
{
    Context *context = *state;
    char old_key[] = "old", key[] = "current";
    g_autoptr(Upload) upload = store_with_keys(context, (char *[]){key, NULL});
    g_autoptr(Upload) rotated = store_with_keys(context, (char *[]){old_key, key, NULL});
    g_autoptr(Upload) other = store_with_keys(context, (char *[]){key, old_key, NULL});
    assert_string_equal(rotated->secret, upload->secret);
    assert_string_not_equal(other->secret, upload->secret);
}

static void without_a_key_the_job_is_ruby_s(void **state)
{
    Context *context = *state;
    assert_null(store_with_keys(context, (char *[]){NULL}));
    assert_error(context->error, JOB_ERROR, JOB_ERROR_HAND_OVER);
}

/* --- the row --- */

static void a_row_of_a_local_file_has_every_column(void **state)
{
    Context *context = *state;
    g_autoptr(Upload) upload = store(context);
    record(context, upload);
    g_autofree char *expected = g_strdup_printf("3|%s/a.png|" SHA256 "|Project|FileUploader|1||%s|2||t|t|t"
                                                "|2024-03-01 10:00:00.123456",
                                                upload->secret, upload->secret);
    assert_sql("SELECT size, path, checksum, model_type, uploader, store, mount_point, secret, version,"
               " uploaded_by_user_id, model_id = (SELECT max(id) FROM projects), project_id = model_id,"
               " num_nonnulls(namespace_id, organization_id) = 0, created_at FROM uploads",
               expected);
    assert_sql("SELECT count(*) FROM project_uploads", "1");
}

static void a_row_is_written_once(void **state)
{
    Context *context = *state;
    g_autoptr(Upload) upload = store(context);
    g_autoptr(Upload) again = store(context);
    record(context, upload);
    record(context, again);
    assert_sql("SELECT count(*) FROM uploads", "1");
}

static void rows_of_several_files_are_written_together_each_once(void **state)
{
    Context *context = *state;
    g_autoptr(Upload) upload = store(context);
    g_autoptr(Upload) again = store(context);
    g_autoptr(Upload) other = store_as(context, "other", "b.png");
    record(context, upload);
    g_autoptr(GPtrArray) uploads = list_of(again, other);
    g_ptr_array_add(uploads, other);
    record_all(context, uploads);
    assert_sql("SELECT string_agg(split_part(path, '/', 2), ' ' ORDER BY id) FROM uploads", "a.png b.png");
}

/* --- what was kept before --- */

static Upload *find(Context *context)
{
    Upload *found = NULL;
    assert_true(
        upload_find(context->gitlab.session, context->gitlab.project, ORIGIN, &found, &context->error));
    return found;
}

static void a_file_that_was_kept_is_found_again(void **state)
{
    Context *context = *state;
    assert_null(find(context));
    g_autoptr(Upload) upload = store(context);
    g_autoptr(Upload) found = find(context);
    assert_non_null(found);
    assert_string_equal(found->path, upload->path);
    assert_string_equal(found->secret, upload->secret);
    assert_string_equal(found->name, upload->name);
    assert_string_equal(found->checksum, upload->checksum);
    assert_int_equal(found->size, upload->size);
    assert_int_equal(found->place, upload->place);
}

static void a_file_that_is_not_there_any_more_is_not_found(void **state)
{
    Context *context = *state;
    g_autoptr(Upload) upload = store(context);
    g_autofree char *empty = g_strdup_printf("rm -r '%s/@hashed'", context->folder);
    assert_true(g_spawn_command_line_sync(empty, NULL, NULL, NULL, NULL));
    assert_null(find(context));
}

static void a_file_of_another_size_is_not_found(void **state)
{
    Context *context = *state;
    g_autoptr(Upload) upload = store(context);
    g_autofree char *folder = project_hashed_path(context->gitlab.project);
    g_autofree char *path = g_build_filename(context->folder, folder, upload->path, NULL);
    assert_true(g_file_set_contents(path, "abcd", 4, NULL));
    assert_null(find(context));
}

static void a_job_that_is_done_forgets_its_files(void **state)
{
    Context *context = *state;
    g_autoptr(Upload) upload = store(context);
    g_autoptr(Upload) other = store_as(context, "other", "b.png");
    g_autoptr(GPtrArray) uploads = list_of(upload, other);
    assert_true(
        upload_forget_all(context->gitlab.session, context->gitlab.project, uploads, &context->error));
    assert_null(find(context));
    assert_redis("", "KEYS", "*hubferry/uploads*");
}

/* --- object storage --- */

static void use_bucket(Context *context, Bucket *bucket, ScriptedServer *server)
{
    *bucket = (Bucket){.endpoint = (char *)scripted_server_url(server),
                       .region = (char *)"eu-west-1",
                       .name = (char *)"files",
                       .prefix = (char *)"",
                       .path_style = TRUE,
                       .access_key_id = (char *)"id",
                       .secret_access_key = (char *)"secret"};
    context->gitlab.configuration->uploads.bucket = bucket;
}

static void a_row_of_a_file_in_object_storage_has_its_key_and_no_checksum(void **state)
{
    Context *context = *state;
    g_autoptr(ScriptedServer) server = scripted_server_new();
    Bucket bucket;
    use_bucket(context, &bucket, server);
    scripted_server_reply(server, 200, NULL, "");
    g_autoptr(Upload) upload = store(context);
    record(context, upload);
    g_autofree char *folder = project_hashed_path(context->gitlab.project);
    g_autofree char *expected = g_strdup_printf("%s/%s/a.png||2", folder, upload->secret);
    assert_sql("SELECT path, checksum, store FROM uploads", expected);
    g_autofree char *request = scripted_server_request(server, 0);
    assert_true(g_str_has_prefix(request, "PUT /files/"));
    assert_non_null(strstr(request, upload->secret));
    assert_non_null(strcasestr(request, "Content-Type: image/png\r\n"));
}

static void a_key_is_no_longer_than_the_column(void **state)
{
    Context *context = *state;
    g_autoptr(ScriptedServer) server = scripted_server_new();
    Bucket bucket;
    Project *project = context->gitlab.project;
    g_autofree char *full_path = g_steal_pointer(&project->full_path);
    g_autofree char *name = g_strnfill(200, 'n');
    g_autofree char *with_extension = g_strconcat(name, ".png", NULL);
    use_bucket(context, &bucket, server);
    scripted_server_reply(server, 200, NULL, "");
    project->hashed_attachments = FALSE;
    project->full_path = g_strnfill(400, 'p');
    g_autoptr(Upload) upload = store_as(context, ORIGIN, with_extension);
    assert_no_error(context->error);
    assert_int_equal(strlen(upload->path), 511);
    assert_true(g_str_has_suffix(upload->path, "n.png"));
    record(context, upload);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_file_lies_in_the_hashed_folder_of_its_project),
        TEST(a_file_of_an_older_project_lies_in_its_full_path),
        TEST(the_link_has_neither_host_nor_project),
        TEST(a_name_that_no_file_system_takes_is_cut_but_for_its_extension),
        TEST(a_secret_has_32_hex_digits_and_is_the_same_for_the_same_file),
        TEST(secrets_differ_between_projects),
        TEST(the_last_key_makes_the_secret),
        TEST(without_a_key_the_job_is_ruby_s),
        TEST(a_row_of_a_local_file_has_every_column),
        TEST(a_row_is_written_once),
        TEST(rows_of_several_files_are_written_together_each_once),
        TEST(a_file_that_was_kept_is_found_again),
        TEST(a_file_that_is_not_there_any_more_is_not_found),
        TEST(a_file_of_another_size_is_not_found),
        TEST(a_job_that_is_done_forgets_its_files),
        TEST(a_row_of_a_file_in_object_storage_has_its_key_and_no_checksum),
        TEST(a_key_is_no_longer_than_the_column),
    };
    return cmocka_run_group_tests_name("upload", tests, NULL, NULL);
}
