#include "importers/git/default_branch.h"

#include "importers/git/error.h"
#include "importers/git/reader.h"
#include "importers/git/repository.h"

gboolean git_default_branch(Session *session, const Project *project, char **branch, GError **error)
{
    git_repository *repository;
    g_autoptr(git_reference) head = NULL;
    *branch = NULL;
    if (!git_reader_find(session, project, &repository, error))
        return FALSE;
    if (!repository)
        return TRUE;
    int result = git_repository_head(&head, repository);
    if (result == GIT_ENOTFOUND || result == GIT_EUNBORNBRANCH)
        return TRUE;
    if (result < 0)
        return git_fail(result, GIT_ERROR_DOMAIN_STORAGE, "reading HEAD", error);
    *branch = g_strdup(git_reference_shorthand(head));
    return TRUE;
}
