/*
 * Gitlab::GithubImport::UserFinder with user contribution mapping (lib/gitlab/github_import/user_finder.rb,
 * lib/gitlab/import/source_user_mapper.rb, newest generation): which GitLab user stands for a GitHub user.
 * Order: no user or login "ghost": the organization's ghost user; root namespace of a user: its owner; else
 * the source user's reassigned or placeholder user, both created when missing.
 */
#pragma once

#include "importers/github/client.h"
#include "importers/gitlab/placeholder_reference.h"
#include "importers/gitlab/project.h"

struct FoundUser {
    gint64 user_id;        /* always set */
    gint64 source_user_id; /* 0: none, no placeholder reference is due */
    gboolean accepted;     /* the source user was reassigned: no reference is due */
};

#define USER_FINDER_ERROR (user_finder_error_quark())
GQuark user_finder_error_quark(void);
typedef enum {
    USER_FINDER_ERROR_LOCK,      /* Gitlab::GithubImport::UserFinder::FailedToObtainLockError: reschedule */
    USER_FINDER_ERROR_DUPLICATED /* Gitlab::Import::SourceUserMapper::DuplicatedUserError: retry */
} UserFinderError;

/* `user` is GitHub's user object ({"id":..,"login":..}) or JSON null or NULL. Not within a transaction: what
 * it creates is for everybody, whatever becomes of the caller's own rows. */
gboolean user_finder_find(Session *session, GithubClient *github, const Project *project, const json_t *user,
                          FoundUser *found, GError **error);
