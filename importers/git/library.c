#include "importers/git/library.h"

#include "importers/git/socket_stream.h"

#include <git2.h>
#include <glib.h>

#define WINDOW_SIZE    ((size_t)8 * 1024 * 1024)   /* of a pack, mapped at once */
#define MAPPED_LIMIT   ((size_t)64 * 1024 * 1024)  /* of all packs together */
#define CACHE_MAX_SIZE ((ssize_t)32 * 1024 * 1024) /* of unpacked objects */
#define CACHED_TREE    ((size_t)512 * 1024)        /* the largest tree that is kept: many commits have it */

static void ignore_user_configuration(void)
{
    static const git_config_level_t levels[] = {GIT_CONFIG_LEVEL_SYSTEM, GIT_CONFIG_LEVEL_XDG,
                                                GIT_CONFIG_LEVEL_GLOBAL, GIT_CONFIG_LEVEL_PROGRAMDATA};
    for (gsize i = 0; i < G_N_ELEMENTS(levels); i++)
        git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, (int)levels[i], "");
    /* GitLab's storage may belong to another user of the same group. */
    git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
}

static void set_certificates(void)
{
    const char *file = g_getenv("SSL_CERT_FILE"), *directory = g_getenv("SSL_CERT_DIR");
    if (file || directory)
        git_libgit2_opts(GIT_OPT_SET_SSL_CERT_LOCATIONS, file, directory);
}

static gpointer start(G_GNUC_UNUSED gpointer data)
{
    git_libgit2_init();
    git_libgit2_opts(GIT_OPT_SET_MWINDOW_SIZE, WINDOW_SIZE);
    git_libgit2_opts(GIT_OPT_SET_MWINDOW_MAPPED_LIMIT, MAPPED_LIMIT);
    git_libgit2_opts(GIT_OPT_SET_CACHE_MAX_SIZE, CACHE_MAX_SIZE);
    git_libgit2_opts(GIT_OPT_SET_CACHE_OBJECT_LIMIT, (int)GIT_OBJECT_TREE, CACHED_TREE);
    /* As git, which hashes what it receives and not what it reads. */
    git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 0);
    git_libgit2_opts(GIT_OPT_SET_USER_AGENT, "hubferry/" HUBFERRY_VERSION);
    ignore_user_configuration();
    set_certificates();
    socket_stream_register();
    return NULL;
}

void git_library_start(void)
{
    static GOnce once = G_ONCE_INIT;
    g_once(&once, start, NULL);
}
