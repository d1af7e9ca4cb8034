#include "importers/objects/diff_notes/blob_at.h"

#include "importers/git/file_text.h"
#include "importers/git/reader.h"

gboolean blob_at_text(Session *session, const Project *project, const char *commit_id, const char *path,
                      char **text, GError **error)
{
    git_repository *repository;
    *text = NULL;
    if (!git_reader_find(session, project, &repository, error))
        return FALSE;
    return !repository || git_file_text(repository, commit_id, path, text, error);
}
