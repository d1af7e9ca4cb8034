#include "importers/git/branch_names.h"

#include "importers/git/reader.h"
#include "importers/git/references.h"
#include "importers/git/repository.h"

#include <string.h>

GPtrArray *git_branch_names(Session *session, const Project *project, GError **error)
{
    git_repository *repository;
    g_autoptr(GPtrArray) branches = g_ptr_array_new_with_free_func(g_free);
    if (!git_reader_find(session, project, &repository, error))
        return NULL;
    if (!repository)
        return g_steal_pointer(&branches);
    g_autoptr(GPtrArray) names = git_reference_names(repository, "refs/heads/*", error);
    if (!names)
        return NULL;
    for (guint i = 0; i < names->len; i++)
        g_ptr_array_add(branches, g_strdup((const char *)names->pdata[i] + strlen("refs/heads/")));
    return g_steal_pointer(&branches);
}
