/* A folder for one test: whatever is in it vanishes with it. */
#pragma once

#include "spec/support/cmocka_glib.h"

#include <ftw.h>
#include <glib/gstdio.h>
#include <sys/stat.h>

typedef struct TemporaryFolder {
    char *path;
} TemporaryFolder;

static inline TemporaryFolder temporary_folder_new(void)
{
    TemporaryFolder folder = {g_dir_make_tmp("hubferry-spec-XXXXXX", NULL)};
    assert_non_null(folder.path);
    return folder;
}

static inline int temporary_folder_remove_one(const char *path, const struct stat *status, int type,
                                              struct FTW *position)
{
    (void)status, (void)type, (void)position;
    return remove(path);
}

static inline void temporary_folder_remove(TemporaryFolder *folder)
{
    nftw(folder->path, temporary_folder_remove_one, 16, FTW_DEPTH | FTW_PHYS);
    g_free(folder->path);
}

/* (transfer full) */
static inline char *temporary_folder_path(const TemporaryFolder *folder, const char *name)
{
    return g_build_filename(folder->path, name, NULL);
}

static inline void temporary_folder_write(const TemporaryFolder *folder, const char *name, const char *text)
{
    g_autofree char *path = temporary_folder_path(folder, name);
    assert_true(g_file_set_contents(path, text, -1, NULL));
}

static inline void assert_file(const TemporaryFolder *folder, const char *name, const char *expected)
{
    g_autofree char *path = temporary_folder_path(folder, name);
    g_autofree char *text = NULL;
    if (!g_file_get_contents(path, &text, NULL, NULL))
        fail_msg("there is no file %s", name);
    assert_string_equal(text, expected);
}

static inline struct stat status_of(const TemporaryFolder *folder, const char *name)
{
    struct stat status;
    g_autofree char *path = temporary_folder_path(folder, name);
    assert_int_equal(lstat(path, &status), 0);
    return status;
}

/* How many files and folders are directly in it. */
static inline guint temporary_folder_count(const TemporaryFolder *folder)
{
    guint count = 0;
    g_autoptr(GDir) dir = g_dir_open(folder->path, 0, NULL);
    while (g_dir_read_name(dir))
        count++;
    return count;
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(TemporaryFolder, temporary_folder_remove)
