#include "importers/objects/diff_notes/blob_at.h"

#include "importers/git/error.h"
#include "importers/git/file_text.h"
#include "importers/git/reader.h"

gboolean blob_at_text(Session *session, const Project *project, const char *commit_id, const char *path,
                      char **text, GError **error)
{
    g_autoptr(GError) failure = NULL;
    git_repository *repository = git_reader_repository(session, project, &failure);
    *text = NULL;
    if (repository)
        return git_file_text(repository, commit_id, path, text, error);
    if (g_error_matches(failure, GIT_ERROR_DOMAIN, GIT_ERROR_DOMAIN_NOT_FOUND))
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}
