#include "importers/git/leftovers.h"

#include "protocol/log.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

typedef gboolean (*IsLeftover)(const char *name);

static gboolean is_lock(const char *name)
{
    return g_str_has_suffix(name, ".lock") && !g_str_equal(name, "hubferry.lock");
}

/* libgit2 names its unfinished files NAME_git2_RANDOM. */
static gboolean is_temporary(const char *name)
{
    return strstr(name, "_git2_") != NULL;
}

static void remove_file(const char *path)
{
    if (g_unlink(path) == 0)
        log_info("Removed a leftover of an interrupted mirror", "{s:s}", "path", path);
    else if (errno != ENOENT)
        log_warn("Could not remove a leftover of an interrupted mirror", "{s:s, s:s}", "path", path, "error",
                 g_strerror(errno));
}

static void remove_in(const char *directory, IsLeftover is_leftover, time_t since, gboolean recurse)
{
    g_autoptr(GDir) entries = g_dir_open(directory, 0, NULL);
    for (const char *name; entries && (name = g_dir_read_name(entries));) {
        GStatBuf status;
        g_autofree char *path = g_build_filename(directory, name, NULL);
        if (g_lstat(path, &status) != 0)
            continue;
        if (S_ISREG(status.st_mode) && is_leftover(name) && status.st_mtime >= since)
            remove_file(path);
        else if (recurse && S_ISDIR(status.st_mode))
            remove_in(path, is_leftover, since, TRUE);
    }
}

void git_remove_leftovers(const char *repository_path, time_t since)
{
    g_autofree char *refs = g_build_filename(repository_path, "refs", NULL);
    g_autofree char *packs = g_build_filename(repository_path, "objects", "pack", NULL);
    remove_in(repository_path, is_lock, since, FALSE);
    remove_in(refs, is_lock, since, TRUE);
    remove_in(packs, is_temporary, since, FALSE);
}
