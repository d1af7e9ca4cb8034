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

/* A damaged pack makes libgit2 say of all that is in it that it is not there, as if GitHub had never had it.
 */
static gboolean check_head(git_repository *repository, GError **error)
{
    g_autoptr(git_odb) odb = NULL;
    git_oid id;
    if (git_reference_name_to_id(&id, repository, "HEAD") != 0)
        return TRUE;
    if (git_repository_odb(&odb, repository) == 0 && git_odb_exists(odb, &id))
        return TRUE;
    g_set_error(error, GIT_ERROR_DOMAIN, GIT_ERROR_DOMAIN_STORAGE,
                "opening the repository: it is damaged, HEAD's commit %s is not there", git_oid_tostr_s(&id));
    return FALSE;
}

static git_repository *open_repository(const Session *session, const Project *project, GError **error)
{
    git_library_start();
    g_autofree char *path = git_storage_path(session, project, GIT_PROJECT, error);
    g_autoptr(git_repository) repository = NULL;
    int result = path ? git_repository_open_bare(&repository, path) : 0;
    if (result < 0)
        git_fail(result, GIT_ERROR_DOMAIN_STORAGE, "opening the repository", error);
    return repository && check_head(repository, error) ? g_steal_pointer(&repository) : NULL;
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

gboolean git_reader_find(Session *session, const Project *project, git_repository **repository,
                         GError **error)
{
    g_autoptr(GError) failure = NULL;
    *repository = git_reader_repository(session, project, &failure);
    if (*repository || g_error_matches(failure, GIT_ERROR_DOMAIN, GIT_ERROR_DOMAIN_NOT_FOUND))
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}
