#include "importers/git/prohibited_references.h"

#include "importers/git/error.h"
#include "importers/git/reader.h"
#include "importers/git/references.h"
#include "importers/git/storage.h"

#include <string.h>

#define SHA1_LENGTH   40
#define SHA256_LENGTH 64

static const char *const PREFIXES[] = {"refs/heads/", "refs/tags/"};

static gboolean like_an_id(const char *name)
{
    size_t length = strspn(name, "0123456789abcdefABCDEF");
    return name[length] == '\0' && (length == SHA1_LENGTH || length == SHA256_LENGTH);
}

gboolean git_reference_prohibited(const char *name)
{
    for (guint i = 0; i < G_N_ELEMENTS(PREFIXES); i++)
        if (g_str_has_prefix(name, PREFIXES[i]))
            return like_an_id(name + strlen(PREFIXES[i]));
    return FALSE;
}

/* (transfer full; array of char *) */
static GPtrArray *find_prohibited(git_repository *repository, GError **error)
{
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) names = git_reference_names(repository, "refs/*", error);
    if (!names)
        return NULL;
    for (guint i = 0; i < names->len; i++)
        if (git_reference_prohibited(names->pdata[i]))
            g_ptr_array_add(found, g_strdup(names->pdata[i]));
    return g_steal_pointer(&found);
}

static gboolean remove_references(git_repository *repository, const GPtrArray *names, GError **error)
{
    for (guint i = 0; i < names->len; i++) {
        int result = git_reference_remove(repository, names->pdata[i]);
        if (result < 0 && result != GIT_ENOTFOUND)
            return git_fail(result, GIT_ERROR_DOMAIN_STORAGE, "removing a ref", error);
    }
    return TRUE;
}

static gboolean remove_all(Session *session, const Project *project, GError **error)
{
    g_autoptr(GitStorage) storage = git_storage_begin_references(session, project, error);
    g_autoptr(GPtrArray) names = storage ? find_prohibited(storage->repository, error) : NULL;
    return names && remove_references(storage->repository, names, error) &&
           git_storage_finish(storage, error);
}

/* Nearly no repository has any, and then nobody is asked for the right to write. */
gboolean git_remove_prohibited_references(Session *session, const Project *project, GError **error)
{
    git_repository *repository;
    if (!git_reader_find(session, project, &repository, error))
        return FALSE;
    if (!repository)
        return TRUE;
    g_autoptr(GPtrArray) names = find_prohibited(repository, error);
    return names && (names->len == 0 || remove_all(session, project, error));
}
