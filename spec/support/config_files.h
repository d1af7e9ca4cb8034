/*
 * A temporary config directory of GitLab for one test: files are written into it and vanish with it.
 */
#pragma once

#include <glib/gstdio.h>

#include "spec/support/cmocka_glib.h"

typedef struct ConfigFiles {
    char *folder;
} ConfigFiles;

static inline ConfigFiles config_files_new(void)
{
    ConfigFiles files = {g_dir_make_tmp("hubferry-config-XXXXXX", NULL)};
    assert_non_null(files.folder);
    return files;
}

static inline char *config_files_path(const ConfigFiles *files, const char *name)
{
    return g_build_filename(files->folder, name, NULL);
}

static inline void config_files_write(const ConfigFiles *files, const char *name, const char *text)
{
    g_autofree char *path = config_files_path(files, name);
    assert_true(g_file_set_contents(path, text, -1, NULL));
}

static inline void config_files_remove(ConfigFiles *files)
{
    g_autoptr(GDir) dir = g_dir_open(files->folder, 0, NULL);
    for (const char *name = g_dir_read_name(dir); name; name = g_dir_read_name(dir)) {
        g_autofree char *path = config_files_path(files, name);
        g_unlink(path);
    }
    g_rmdir(files->folder);
    g_free(files->folder);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ConfigFiles, config_files_remove)
