/*
 * Gitlab::GithubImport::UserFinder (lib/gitlab/github_import/user_finder.rb): which GitLab user stands for a
 * GitHub user.
 *
 * With user contribution mapping (lib/gitlab/import/source_user_mapper.rb, newest generation), in this order:
 * no user or login "ghost": the organization's ghost user; root namespace of a user: its owner; else the
 * source user's reassigned or placeholder user, both created when missing.
 *
 * Without it (see people_mode.h): the GitLab user who signed in with that GitHub account or who has the
 * account's public e-mail address, if there is one.
 *
 * A finder serves one batch of jobs or one run of a stage: what it has found it remembers. Nothing here may
 * be called within a transaction: what is created is for everybody, whatever becomes of the caller's own
 * rows.
 */
#pragma once

#include "importers/github/client.h"
#include "importers/gitlab/placeholder_reference.h"
#include "importers/gitlab/project.h"

struct FoundUser {
    gint64 user_id;        /* 0: nobody (without mapping, or for a ghost that is not wanted) */
    gint64 source_user_id; /* 0: none, no placeholder reference is due */
    gboolean accepted;     /* the source user was reassigned: no reference is due */
};

#define USER_FINDER_ERROR (user_finder_error_quark())
GQuark user_finder_error_quark(void);
typedef enum {
    USER_FINDER_ERROR_LOCK,      /* Gitlab::GithubImport::UserFinder::FailedToObtainLockError: reschedule */
    USER_FINDER_ERROR_DUPLICATED /* Gitlab::Import::SourceUserMapper::DuplicatedUserError: retry */
} UserFinderError;

typedef struct UserFinder UserFinder;

/* Everything is borrowed and must outlive the finder. `github` may be NULL: whoever would have to be asked
 * for there fails with GITHUB_ERROR_NO_TOKEN. */
UserFinder *user_finder_new(Session *session, GithubClient *github, const Project *project,
                            const ImportData *data);
void user_finder_free(UserFinder *finder);

/* Finds those of `users` (an array of GitHub's user objects or nulls) who are known already, with as few
 * questions as possible: one query with mapping, two round trips to Redis and two queries without. Asks
 * GitHub nothing, creates nobody. */
gboolean user_finder_preload(UserFinder *finder, const json_t *users, GError **error);
/* `user` is GitHub's user object ({"id":..,"login":..}), JSON null or NULL. With `ghost` FALSE a deleted
 * account is nobody (assignees, reviewers). Creates and asks what is missing. */
gboolean user_finder_find(UserFinder *finder, const json_t *user, gboolean ghost, FoundUser *found,
                          GError **error);
/* author_id_for: the same with ghost, and the project's creator when nobody is found; *is_found (may be NULL)
 * tells the two apart. */
gboolean user_finder_author(UserFinder *finder, const json_t *user, FoundUser *found, gboolean *is_found,
                            GError **error);

/* A deleted account: no user, or the one with the login "ghost". */
gboolean user_finder_is_ghost(const json_t *user);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(UserFinder, user_finder_free)
