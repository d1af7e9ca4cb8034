#include "importers/git/branch_names.h"

#include "importers/git/reader.h"
#include "importers/git/references.h"
#include "importers/git/repository.h"

#include <string.h>

GPtrArray *git_branch_names(Session *session, const Project *project, GError **error)
{
    g_autoptr(GError) failure = NULL;
    g_autoptr(GPtrArray) branches = g_ptr_array_new_with_free_func(g_free);
    git_repository *repository = git_reader_repository(session, project, &failure);
    if (g_error_matches(failure, GIT_ERROR_DOMAIN, GIT_ERROR_DOMAIN_NOT_FOUND))
        return g_steal_pointer(&branches);
    if (!repository) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return NULL;
    }
    g_autoptr(GPtrArray) names = git_reference_names(repository, "refs/heads/*", error);
    if (!names)
        return NULL;
    for (guint i = 0; i < names->len; i++)
        g_ptr_array_add(branches, g_strdup((const char *)names->pdata[i] + strlen("refs/heads/")));
    return g_steal_pointer(&branches);
}
