#include "importers/git/reader.h"

#include "importers/git/error.h"
#include "importers/git/library.h"
#include "importers/git/storage.h"

#define KEPT_FOR (5 * G_TIME_SPAN_SECOND)

struct GitReader {
    gint64 project_id;
    gint64 opened_at; /* monotonic, microseconds */
    git_repository *repository;
};

void git_reader_free(GitReader *reader)
{
    git_repository_free(reader->repository);
    g_free(reader);
}

static gboolean is_current(const GitReader *reader, gint64 project_id)
{
    return reader && reader->project_id == project_id &&
           g_get_monotonic_time() - reader->opened_at < KEPT_FOR;
}

static git_repository *open_repository(const Session *session, const Project *project, GError **error)
{
    git_library_start();
    g_autofree char *path = git_storage_path(session, project, GIT_PROJECT, error);
    git_repository *repository = NULL;
    int result = path ? git_repository_open_bare(&repository, path) : 0;
    if (result < 0)
        git_fail(result, GIT_ERROR_DOMAIN_STORAGE, "opening the repository", error);
    return repository;
}

git_repository *git_reader_repository(Session *session, const Project *project, GError **error)
{
    if (is_current(session->git_reader, project->id))
        return session->git_reader->repository;
    g_clear_pointer(&session->git_reader, git_reader_free);
    git_repository *repository = open_repository(session, project, error);
    if (!repository)
        return NULL;
    session->git_reader = g_new(GitReader, 1);
    *session->git_reader = (GitReader){project->id, g_get_monotonic_time(), repository};
    return repository;
}
