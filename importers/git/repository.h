/*
 * A project's git repository, where the importer writes it: in GitLab's storage (hashed storage path) or,
 * where the storage is not mounted, in a private bare repository whose branches and tags are pushed to GitLab
 * over HTTP (importers/git/storage.c, push_mirror.c). Mirror fetch with GitLab's refspecs
 * (lib/gitlab/github_import.rb): heads, tags, +refs/pull/N/head:refs/merge-requests/N/head, forced and
 * pruned; no remote is left in the repository's configuration.
 */
#pragma once

#include "importers/gitlab/project.h"

/* When the work is to stop, the calls below end with what session_check_stopping() says instead. */
#define GIT_ERROR_DOMAIN (git_error_domain_quark())
GQuark git_error_domain_quark(void);
typedef enum {
    GIT_ERROR_DOMAIN_STORAGE,   /* the storage is not there or not writable */
    GIT_ERROR_DOMAIN_NOT_FOUND, /* the remote repository does not exist */
    GIT_ERROR_DOMAIN_AUTHENTICATION,
    GIT_ERROR_DOMAIN_FETCH, /* Gitlab::Git::CommandError */
    GIT_ERROR_DOMAIN_PUSH,
} GitErrorDomain;

typedef enum { GIT_PROJECT, GIT_WIKI } GitRepositoryKind;

/* "@hashed/73/47/7347…" for hashed storage, the full path otherwise; without ".git". (transfer full) */
char *git_disk_path(const Project *project, GitRepositoryKind kind);

/* *empty: missing, without branches, or left unfinished by a mirror that was killed or failed. */
gboolean git_repository_empty(Session *session, const Project *project, GitRepositoryKind kind,
                              gboolean *empty, GError **error);

typedef void (*GitProgress)(guint received_objects, guint total_objects, guint64 received_bytes,
                            gpointer user_data);
/* What the caller has to do with a mirror that is under way. Each may be NULL. */
typedef struct GitMirrorCallbacks {
    GitProgress progress;
    /* Where mirrors are pushed: all is fetched and can be read, nothing is pushed yet. */
    gboolean (*before_push)(gpointer user_data, GError **error);
    gpointer user_data;
} GitMirrorCallbacks;

/* Creates the repository if needed and mirrors `url` (a secret) into it; safe to repeat after a kill at any
 * moment. */
gboolean git_mirror(Session *session, const Project *project, GitRepositoryKind kind, const char *url,
                    const GitMirrorCallbacks *callbacks, GError **error);
/* The branches that the importer has made itself, without "refs/heads/". (transfer full; array of names) */
typedef GPtrArray *(*GitKeptBranches)(Session *session, const Project *project, GError **error);
/* Mirrors once more into a repository that is in use: HEAD stays, and so do the branches of `kept`, which
 * GitHub does not have, unless git cannot have them beside one of GitHub's. `kept` is asked while nobody else
 * writes the repository. Ruby deletes them. */
gboolean git_refetch(Session *session, const Project *project, const char *url, GitKeptBranches kept,
                     const GitMirrorCallbacks *callbacks, GError **error);
/* Over HTTP: the same into the private mirror of this process alone, which is only read; nothing is pushed.
 * Does nothing when it was mirrored after `since` (microseconds since 1970). */
gboolean git_fetch_own(Session *session, const Project *project, const char *url, GitKeptBranches kept,
                       gint64 since, GError **error);
/* HEAD becomes refs/heads/BRANCH, if that branch exists. */
gboolean git_set_default_branch(Session *session, const Project *project, const char *branch, GError **error);
/* *exists: the remote answers with at least a repository (ls-remote). */
gboolean git_remote_exists(Session *session, const char *url, gboolean *exists, GError **error);
