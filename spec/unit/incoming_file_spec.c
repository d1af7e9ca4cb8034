#include "importers/files/incoming_file.h"

#include "spec/support/temporary_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOBODY 65534

/* As on a file system without files that have no name. */
static gboolean only_named_files;

static gboolean refuses(int flags)
{
    errno = EOPNOTSUPP;
    return only_named_files && (flags & O_TMPFILE) == O_TMPFILE;
}

/* open() has one of these names, depending on the libraries' compiler flags. */
#define WRAP_OPEN(function)                                                                                  \
    int __wrap_##function(const char *path, int flags, mode_t mode);                                         \
    int __real_##function(const char *path, int flags, mode_t mode);                                         \
    int __wrap_##function(const char *path, int flags, mode_t mode)                                          \
    {                                                                                                        \
        return refuses(flags) ? -1 : __real_##function(path, flags, mode);                                   \
    }

WRAP_OPEN(open)
WRAP_OPEN(open64)

static int both_kinds_of_files(void **state)
{
    (void)state;
    only_named_files = FALSE;
    return 0;
}

static int named_files(void **state)
{
    (void)state;
    only_named_files = TRUE;
    return 0;
}

static IncomingFile *receive(const TemporaryFolder *folder, const char *text)
{
    g_autoptr(GError) error = NULL;
    IncomingFile *file = incoming_file_new(folder->path, 1000, &error);
    assert_no_error(error);
    assert_true(incoming_file_write(file, text, strlen(text), NULL));
    return file;
}

static gboolean publish(IncomingFile *file, const TemporaryFolder *folder, const char *name, GError **error)
{
    g_autofree char *path = temporary_folder_path(folder, name);
    return incoming_file_publish(file, path, error);
}

static void assert_published(IncomingFile *file, const TemporaryFolder *folder, const char *name)
{
    g_autoptr(GError) error = NULL;
    publish(file, folder, name, &error);
    assert_no_error(error);
}

static void assert_not_published(const TemporaryFolder *folder, const char *name, const char *reason)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(IncomingFile) file = receive(folder, "hello");
    assert_false(publish(file, folder, name, &error));
    assert_error(error, FILE_ERROR, FILE_ERROR_STORAGE);
    assert_non_null(strstr(error->message, folder->path));
    assert_non_null(strstr(error->message, reason));
}

static void a_file_has_no_name_until_it_is_published(G_GNUC_UNUSED void **state)
{
    g_auto(TemporaryFolder) folder = temporary_folder_new();
    g_autoptr(IncomingFile) file = receive(&folder, "hello");
    assert_int_equal(temporary_folder_count(&folder), 0);
    assert_published(file, &folder, "name");
    assert_file(&folder, "name", "hello");
    assert_int_equal(temporary_folder_count(&folder), 1);
}

static void a_file_that_needs_a_name_has_a_hidden_one(G_GNUC_UNUSED void **state)
{
    g_auto(TemporaryFolder) folder = temporary_folder_new();
    g_autoptr(IncomingFile) file = receive(&folder, "hello");
    g_autoptr(GDir) dir = g_dir_open(folder.path, 0, NULL);
    assert_true(g_str_has_prefix(g_dir_read_name(dir), ".hubferry-"));
    assert_null(g_dir_read_name(dir));
    assert_published(file, &folder, "name");
    assert_file(&folder, "name", "hello");
    assert_int_equal(temporary_folder_count(&folder), 1);
}

static void a_file_that_is_not_published_leaves_nothing(G_GNUC_UNUSED void **state)
{
    g_auto(TemporaryFolder) folder = temporary_folder_new();
    incoming_file_free(receive(&folder, "hello"));
    assert_int_equal(temporary_folder_count(&folder), 0);
}

static void make_file(const TemporaryFolder *folder, const char *name, time_t modified)
{
    const struct timespec times[] = {{.tv_sec = modified}, {.tv_sec = modified}};
    g_autofree char *path = temporary_folder_path(folder, name);
    assert_true(g_file_set_contents(path, "half", -1, NULL));
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void what_a_killed_process_has_left_is_removed_a_day_later(G_GNUC_UNUSED void **state)
{
    g_auto(TemporaryFolder) folder = temporary_folder_new();
    time_t now = time(NULL);
    make_file(&folder, ".hubferry-killed", now - 90000);
    make_file(&folder, ".hubferry-others", now - 3600);
    make_file(&folder, "somebody's", now - 90000);
    incoming_file_free(receive(&folder, "hello"));
    assert_file(&folder, ".hubferry-others", "half");
    assert_file(&folder, "somebody's", "half");
    assert_int_equal(temporary_folder_count(&folder), 2);
}

static void size_and_digest_are_those_of_what_was_received(G_GNUC_UNUSED void **state)
{
    g_auto(TemporaryFolder) folder = temporary_folder_new();
    g_autoptr(IncomingFile) file = receive(&folder, "hel");
    assert_int_equal(incoming_file_size(file), 3);
    assert_text(incoming_file_sha256(file),
                "d6a81f224bbf2f7c22baddbd5d40730eb20cfb0b3d74e10cab61788214caceb1");
    assert_true(incoming_file_write(file, "lo", 2, NULL));
    assert_int_equal(incoming_file_size(file), 5);
    assert_text(incoming_file_sha256(file),
                "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
}

static void another_attempt_forgets_the_first(G_GNUC_UNUSED void **state)
{
    g_auto(TemporaryFolder) folder = temporary_folder_new();
    g_autoptr(IncomingFile) file = receive(&folder, "something longer");
    assert_true(incoming_file_restart(file, NULL));
    assert_int_equal(incoming_file_size(file), 0);
    assert_true(incoming_file_write(file, "hello", 5, NULL));
    assert_text(incoming_file_sha256(file),
                "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
    assert_published(file, &folder, "name");
    assert_file(&folder, "name", "hello");
}

static void the_largest_file_is_as_large_as_allowed(G_GNUC_UNUSED void **state)
{
    g_auto(TemporaryFolder) folder = temporary_folder_new();
    g_autoptr(GError) error = NULL;
    g_autoptr(IncomingFile) file = incoming_file_new(folder.path, 5, NULL);
    assert_true(incoming_file_write(file, "hello", 5, NULL));
    assert_false(incoming_file_write(file, "!", 1, &error));
    assert_error(error, FILE_ERROR, FILE_ERROR_TOO_LARGE);
    assert_string_equal(error->message, "The file is larger than 5 bytes");
}

static void what_was_received_can_be_read(G_GNUC_UNUSED void **state)
{
    char byte = 0;
    g_auto(TemporaryFolder) folder = temporary_folder_new();
    g_autoptr(IncomingFile) file = receive(&folder, "hello");
    assert_int_equal(pread(incoming_file_descriptor(file), &byte, 1, 4), 1);
    assert_int_equal(byte, 'o');
}

static void files_and_new_folders_have_the_access_of_their_folder(G_GNUC_UNUSED void **state)
{
    g_auto(TemporaryFolder) folder = temporary_folder_new();
    assert_int_equal(chmod(folder.path, 02770), 0);
    mode_t before = umask(0077);
    g_autoptr(IncomingFile) file = receive(&folder, "hello");
    assert_published(file, &folder, "@hashed/73/name");
    umask(before);
    assert_int_equal(status_of(&folder, "@hashed").st_mode & 07777, 02770);
    assert_int_equal(status_of(&folder, "@hashed/73").st_mode & 07777, 02770);
    assert_int_equal(status_of(&folder, "@hashed/73/name").st_mode & 07777, 0660);
}

static void root_gives_files_to_the_owner_of_their_folder(G_GNUC_UNUSED void **state)
{
    if (geteuid() != 0)
        skip();
    g_auto(TemporaryFolder) folder = temporary_folder_new();
    assert_int_equal(chown(folder.path, NOBODY, NOBODY), 0);
    g_autoptr(IncomingFile) file = receive(&folder, "hello");
    assert_published(file, &folder, "@hashed/name");
    assert_int_equal(status_of(&folder, "@hashed").st_uid, NOBODY);
    assert_int_equal(status_of(&folder, "@hashed/name").st_uid, NOBODY);
    assert_int_equal(status_of(&folder, "@hashed/name").st_gid, NOBODY);
}

static void a_file_of_the_same_size_is_that_of_an_earlier_run(G_GNUC_UNUSED void **state)
{
    g_auto(TemporaryFolder) folder = temporary_folder_new();
    temporary_folder_write(&folder, "name", "HELLO");
    g_autoptr(IncomingFile) file = receive(&folder, "hello");
    assert_published(file, &folder, "name");
    assert_file(&folder, "name", "HELLO");
}

static void a_file_of_another_size_is_replaced(G_GNUC_UNUSED void **state)
{
    g_auto(TemporaryFolder) folder = temporary_folder_new();
    temporary_folder_write(&folder, "name", "half");
    g_autoptr(IncomingFile) file = receive(&folder, "hello");
    assert_published(file, &folder, "name");
    assert_file(&folder, "name", "hello");
    assert_int_equal(temporary_folder_count(&folder), 1);
}

static void publishing_is_repeatable(G_GNUC_UNUSED void **state)
{
    g_auto(TemporaryFolder) folder = temporary_folder_new();
    g_autoptr(IncomingFile) file = receive(&folder, "hello");
    assert_published(file, &folder, "name");
    assert_published(file, &folder, "name");
    assert_published(file, &folder, "another");
    assert_file(&folder, "another", "hello");
    assert_int_equal(temporary_folder_count(&folder), 2);
}

/* As when it is unmounted while a file is being received. */
static void a_missing_folder_is_not_made(G_GNUC_UNUSED void **state)
{
    g_auto(TemporaryFolder) folder = temporary_folder_new();
    g_autofree char *path = temporary_folder_path(&folder, "a");
    g_autofree char *away = temporary_folder_path(&folder, "away");
    g_autofree char *name = temporary_folder_path(&folder, "a/b/name");
    assert_int_equal(g_mkdir(path, 0700), 0);
    g_autoptr(IncomingFile) file = incoming_file_new(path, 5, NULL);
    assert_non_null(file);
    assert_int_equal(g_rename(path, away), 0);
    g_autoptr(GError) error = NULL;
    assert_false(incoming_file_publish(file, name, &error));
    assert_error(error, FILE_ERROR, FILE_ERROR_STORAGE);
    assert_null(incoming_file_new(path, 5, NULL));
    assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
}

static void what_is_in_the_way_of_a_file_is_an_error(G_GNUC_UNUSED void **state)
{
    g_auto(TemporaryFolder) folder = temporary_folder_new();
    g_autofree char *directory = temporary_folder_path(&folder, "directory");
    temporary_folder_write(&folder, "file", "");
    assert_int_equal(g_mkdir(directory, 0700), 0);
    assert_not_published(&folder, "file/name", "Not a directory");
    assert_not_published(&folder, "directory", "Is a directory");
    assert_int_equal(temporary_folder_count(&folder), 2);
}

static void a_folder_that_is_a_file_is_an_error(G_GNUC_UNUSED void **state)
{
    g_auto(TemporaryFolder) folder = temporary_folder_new();
    g_autoptr(GError) error = NULL;
    g_autofree char *path = temporary_folder_path(&folder, "file");
    temporary_folder_write(&folder, "file", "");
    assert_null(incoming_file_new(path, 5, &error));
    assert_error(error, FILE_ERROR, FILE_ERROR_STORAGE);
}

static void a_folder_that_is_not_writable_is_an_error(G_GNUC_UNUSED void **state)
{
    g_auto(TemporaryFolder) folder = temporary_folder_new();
    g_autoptr(GError) error = NULL;
    uid_t user = geteuid();
    assert_int_equal(chmod(folder.path, 0555), 0);
    assert_true(user != 0 || seteuid(NOBODY) == 0);
    IncomingFile *file = incoming_file_new(folder.path, 5, &error);
    assert_int_equal(seteuid(user), 0);
    assert_null(file);
    assert_error(error, FILE_ERROR, FILE_ERROR_STORAGE);
    assert_non_null(strstr(error->message, "Permission denied"));
    assert_int_equal(chmod(folder.path, 0700), 0);
}

/* The limit of a file's size ends a write in its middle, as a full disk does. */
static void a_place_that_is_full_is_an_error(G_GNUC_UNUSED void **state)
{
    g_auto(TemporaryFolder) folder = temporary_folder_new();
    g_autoptr(GError) error = NULL;
    g_autoptr(IncomingFile) file = incoming_file_new(folder.path, G_MAXUINT64, NULL);
    g_autofree char *bytes = g_malloc0(10000);
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &(struct rlimit){4096, before.rlim_max}), 0);
    gboolean written = incoming_file_write(file, bytes, 10000, &error);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_false(written);
    assert_error(error, FILE_ERROR, FILE_ERROR_STORAGE);
    assert_int_equal(incoming_file_size(file), 4096);
}

#define TEST(function) cmocka_unit_test_setup(function, both_kinds_of_files)
#define NAMED_TEST(function)                                                                                 \
    {                                                                                                        \
#function " (with a name)", function, named_files, NULL, NULL                                        \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_file_has_no_name_until_it_is_published),
        NAMED_TEST(a_file_that_needs_a_name_has_a_hidden_one),
        TEST(a_file_that_is_not_published_leaves_nothing),
        NAMED_TEST(a_file_that_is_not_published_leaves_nothing),
        NAMED_TEST(what_a_killed_process_has_left_is_removed_a_day_later),
        TEST(size_and_digest_are_those_of_what_was_received),
        TEST(another_attempt_forgets_the_first),
        NAMED_TEST(another_attempt_forgets_the_first),
        TEST(the_largest_file_is_as_large_as_allowed),
        TEST(what_was_received_can_be_read),
        TEST(files_and_new_folders_have_the_access_of_their_folder),
        NAMED_TEST(files_and_new_folders_have_the_access_of_their_folder),
        TEST(root_gives_files_to_the_owner_of_their_folder),
        TEST(a_file_of_the_same_size_is_that_of_an_earlier_run),
        NAMED_TEST(a_file_of_the_same_size_is_that_of_an_earlier_run),
        TEST(a_file_of_another_size_is_replaced),
        NAMED_TEST(a_file_of_another_size_is_replaced),
        TEST(publishing_is_repeatable),
        NAMED_TEST(publishing_is_repeatable),
        TEST(a_missing_folder_is_not_made),
        TEST(what_is_in_the_way_of_a_file_is_an_error),
        NAMED_TEST(what_is_in_the_way_of_a_file_is_an_error),
        TEST(a_folder_that_is_a_file_is_an_error),
        TEST(a_folder_that_is_not_writable_is_an_error),
        TEST(a_place_that_is_full_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
