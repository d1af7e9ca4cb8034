#include "importers/git/default_branch.h"

#include "importers/git/error.h"
#include "importers/git/reader.h"
#include "importers/git/repository.h"

gboolean git_default_branch(Session *session, const Project *project, char **branch, GError **error)
{
    g_autoptr(GError) failure = NULL;
    g_autoptr(git_reference) head = NULL;
    *branch = NULL;
    git_repository *repository = git_reader_repository(session, project, &failure);
    if (g_error_matches(failure, GIT_ERROR_DOMAIN, GIT_ERROR_DOMAIN_NOT_FOUND))
        return TRUE;
    if (!repository) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return FALSE;
    }
    int result = git_repository_head(&head, repository);
    if (result == GIT_ENOTFOUND || result == GIT_EUNBORNBRANCH)
        return TRUE;
    if (result < 0)
        return git_fail(result, GIT_ERROR_DOMAIN_STORAGE, "reading HEAD", error);
    *branch = g_strdup(git_reference_shorthand(head));
    return TRUE;
}
