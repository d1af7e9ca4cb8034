#include "importers/git/storage.h"

#include "importers/files/directory.h"
#include "importers/git/error.h"
#include "importers/git/leftovers.h"
#include "importers/git/library.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCK_FILE     "hubferry.lock"
#define MIRRORED_FILE "hubferry.mirrored"
#define LOCK_INTERVAL (100 * 1000) /* microseconds between two attempts */

/* What the lock file says. */
#define UNFINISHED_MIRROR "unfinished\n"
#define WRITING_REFS      "writing refs\n"

static gboolean fail(GError **error, const char *path, int problem)
{
    g_set_error(error, GIT_ERROR_DOMAIN, GIT_ERROR_DOMAIN_STORAGE, "%s: %s", path, g_strerror(problem));
    return FALSE;
}

char *git_disk_path(const Project *project, GitRepositoryKind kind)
{
    const char *suffix = kind == GIT_WIKI ? ".wiki" : "";
    if (!project->hashed_storage)
        return g_strconcat(project->full_path, suffix, NULL);
    g_autofree char *path = project_hashed_path(project);
    return g_strconcat(path, suffix, NULL);
}

/* The directory that all repositories of the project's storage lie in. Borrowed. */
static const char *storage_root(const Session *session, const Project *project, GError **error)
{
    const Configuration *configuration = session->configuration;
    const char *root = configuration->repository_backend == REPOSITORY_HTTP
                           ? configuration->git_work_directory
                           : g_hash_table_lookup(configuration->storages, project->repository_storage);
    if (!root)
        g_set_error(
            error, GIT_ERROR_DOMAIN, GIT_ERROR_DOMAIN_STORAGE,
            "No path is configured for the storage '%s': name it in gitlab.yml (repositories.storages), or "
            "push with --repository-backend http",
            project->repository_storage);
    return root;
}

char *git_storage_path(const Session *session, const Project *project, GitRepositoryKind kind, GError **error)
{
    const char *root = storage_root(session, project, error);
    g_autofree char *disk_path = git_disk_path(project, kind);
    return root ? g_strdup_printf("%s/%s.git", root, disk_path) : NULL;
}

/* A storage that is not mounted is an error, not an empty directory to fill. */
static gboolean create_directories(const Session *session, const char *root, const char *path, GError **error)
{
    if (session->configuration->repository_backend == REPOSITORY_HTTP &&
        g_mkdir_with_parents(root, 0700) != 0)
        return fail(error, root, errno);
    return directory_create(path, root) || fail(error, path, errno);
}

static gboolean take_lock(const Session *session, GitStorage *storage, GError **error)
{
    g_autofree char *lock_path = g_build_filename(storage->path, LOCK_FILE, NULL);
    storage->lock = open(lock_path, O_RDWR | O_CREAT | O_CLOEXEC, 0660);
    if (storage->lock < 0)
        return fail(error, lock_path, errno);
    while (flock(storage->lock, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return fail(error, lock_path, errno);
        if (!session_check_stopping(session, error))
            return FALSE;
        g_usleep(LOCK_INTERVAL);
    }
    return TRUE;
}

static gboolean write_mark(GitStorage *storage, const char *mark, GError **error)
{
    ssize_t length = (ssize_t)strlen(mark);
    return (pwrite(storage->lock, mark, (size_t)length, 0) == length &&
            ftruncate(storage->lock, length) == 0) ||
           fail(error, storage->path, errno);
}

/* What was left behind is younger than its beginning, the last change of the lock file; older files belong to
 * others. */
static gboolean remove_leftovers(GitStorage *storage, GError **error)
{
    struct stat before;
    if (fstat(storage->lock, &before) != 0)
        return fail(error, storage->path, errno);
    if (before.st_size > 0)
        git_remove_leftovers(storage->path, before.st_mtime);
    return TRUE;
}

static gboolean mark_mirror(GitStorage *storage, GError **error)
{
    return remove_leftovers(storage, error) && write_mark(storage, UNFINISHED_MIRROR, error);
}

/* The mark of an unfinished mirror stays for the mirror that finishes it. */
static gboolean mark_references(GitStorage *storage, GError **error)
{
    storage->needs_mirror = git_storage_unfinished(storage->path);
    return remove_leftovers(storage, error) &&
           (storage->needs_mirror || write_mark(storage, WRITING_REFS, error));
}

static gboolean open_or_create(GitStorage *storage, GError **error)
{
    if (git_repository_open_bare(&storage->repository, storage->path) == 0)
        return TRUE;
    git_repository_init_options options;
    git_repository_init_options_init(&options, GIT_REPOSITORY_INIT_OPTIONS_VERSION);
    options.flags = GIT_REPOSITORY_INIT_BARE | GIT_REPOSITORY_INIT_NO_DOTGIT_DIR;
    options.initial_head = "main";
    int result = git_repository_init_ext(&storage->repository, storage->path, &options);
    return result == 0 || git_fail(result, GIT_ERROR_DOMAIN_STORAGE, "creating the repository", error);
}

GitStorage *git_storage_begin(const Session *session, const Project *project, GitRepositoryKind kind,
                              GError **error)
{
    git_library_start();
    const char *root = storage_root(session, project, error);
    if (!root)
        return NULL;
    g_autoptr(GitStorage) storage = g_new0(GitStorage, 1);
    storage->lock = -1;
    storage->mirrors = TRUE;
    storage->path = git_storage_path(session, project, kind, error);
    if (!storage->path || !create_directories(session, root, storage->path, error) ||
        !take_lock(session, storage, error) || !mark_mirror(storage, error) ||
        !open_or_create(storage, error))
        return NULL;
    return g_steal_pointer(&storage);
}

GitStorage *git_storage_begin_references(const Session *session, const Project *project, GError **error)
{
    git_library_start();
    g_autoptr(GitStorage) storage = g_new0(GitStorage, 1);
    storage->lock = -1;
    storage->path = git_storage_path(session, project, GIT_PROJECT, error);
    if (!storage->path || !take_lock(session, storage, error) || !mark_references(storage, error))
        return NULL;
    int result = git_repository_open_bare(&storage->repository, storage->path);
    if (result == 0)
        return g_steal_pointer(&storage);
    git_fail(result, GIT_ERROR_DOMAIN_STORAGE, "opening the repository", error);
    return NULL;
}

/* The file's own time says it. */
static gboolean note_mirrored(const GitStorage *storage, GError **error)
{
    g_autofree char *path = g_build_filename(storage->path, MIRRORED_FILE, NULL);
    return g_file_set_contents(path, "", 0, error);
}

gboolean git_storage_finish(GitStorage *storage, GError **error)
{
    if (storage->needs_mirror)
        return TRUE;
    if (storage->mirrors && !note_mirrored(storage, error))
        return FALSE;
    return ftruncate(storage->lock, 0) == 0 || fail(error, storage->path, errno);
}

void git_storage_free(GitStorage *storage)
{
    g_clear_pointer(&storage->repository, git_repository_free);
    if (storage->lock >= 0)
        close(storage->lock);
    g_free(storage->path);
    g_free(storage);
}

gboolean git_storage_unfinished(const char *path)
{
    g_autofree char *lock_path = g_build_filename(path, LOCK_FILE, NULL);
    g_autofree char *mark = NULL;
    return g_file_get_contents(lock_path, &mark, NULL, NULL) && g_str_equal(mark, UNFINISHED_MIRROR);
}

gint64 git_storage_mirrored_at(const char *path)
{
    struct stat mirrored;
    g_autofree char *file = g_build_filename(path, MIRRORED_FILE, NULL);
    if (stat(file, &mirrored) != 0)
        return 0;
    return (gint64)mirrored.st_mtim.tv_sec * G_USEC_PER_SEC + mirrored.st_mtim.tv_nsec / 1000;
}
