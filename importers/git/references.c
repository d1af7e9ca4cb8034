#include "importers/git/references.h"

#include "importers/git/error.h"

#include <string.h>

static gint compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

GPtrArray *git_reference_names(git_repository *repository, const char *glob, GError **error)
{
    g_autoptr(git_reference_iterator) iterator = NULL;
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    int result = git_reference_iterator_glob_new(&iterator, repository, glob);
    const char *name;
    while (result == 0 && (result = git_reference_next_name(&name, iterator)) == 0)
        g_ptr_array_add(names, g_strdup(name));
    if (result != GIT_ITEROVER) {
        git_fail(result, GIT_ERROR_DOMAIN_STORAGE, "listing refs", error);
        return NULL;
    }
    g_ptr_array_sort(names, compare_names);
    return g_steal_pointer(&names);
}

gboolean git_pack_references(git_repository *repository, GError **error)
{
    g_autoptr(git_refdb) refdb = NULL;
    int result = git_repository_refdb(&refdb, repository);
    if (result == 0)
        result = git_refdb_compress(refdb);
    return result == 0 || git_fail(result, GIT_ERROR_DOMAIN_STORAGE, "packing refs", error);
}

gboolean git_point_head(git_repository *repository, const char *name, GError **error)
{
    g_autoptr(git_reference) target = NULL;
    g_autoptr(git_reference) head = NULL;
    int result = git_reference_lookup(&target, repository, name);
    if (result == GIT_ENOTFOUND || result == GIT_EINVALIDSPEC)
        return TRUE;
    if (result == 0)
        result = git_reference_symbolic_create(&head, repository, "HEAD", name, 1, NULL);
    return result == 0 || git_fail(result, GIT_ERROR_DOMAIN_STORAGE, "setting HEAD", error);
}
