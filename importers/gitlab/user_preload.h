/*
 * GitHub asked about many people at once. A stage that pages through a collection tells whom it meets; those
 * whose display name (or, without user contribution mapping, e-mail address) would have to be asked for are
 * pending. user_preload_resolve() asks for all of them, 100 accounts a call, over GitHub's GraphQL API, and
 * writes the very cache keys that Gitlab::GithubImport::UserFinder writes after asking for one account
 * (lib/gitlab/github_import/user_finder.rb), so that the object jobs, Ruby's or ours, need not ask.
 *
 * Apps ("type":"Bot") are asked for by nobody: REST would answer with an account without name and address.
 * A user whom GraphQL does not find is gone, as a 404 of REST's would say; without mapping Ruby asks again
 * for each object of such a user, which is not repeated here.
 *
 * Only an optimisation: whoever is not resolved (organizations, a server without GraphQL) is asked for one by
 * one by the jobs. Nobody is pending who needs no answer: ghosts, source users that exist, names in the
 * cache, contributors to a user's own namespace, and whoever was met before in this run.
 *
 * One object per run of a stage. Not thread-safe.
 */
#pragma once

#include "importers/stages/stage.h"

typedef struct UserPreload UserPreload;

#define USER_PRELOAD_CALL 100 /* accounts in one call */

/* The stage is borrowed and must outlive the object. (transfer full) */
UserPreload *user_preload_new(Stage *stage);
void user_preload_free(UserPreload *preload);

/* `users` is an array of GitHub's user objects, with their `type`, or nulls. At most two round trips to Redis
 * and one query; none of them when all users were met before. */
gboolean user_preload_add(UserPreload *preload, const json_t *users, GError **error);
/* How many accounts wait for user_preload_resolve(). */
guint user_preload_pending(const UserPreload *preload);
/* How many accounts have waited and do so no longer, since the beginning: they are answered for in order. */
guint64 user_preload_asked(const UserPreload *preload);
/* Asks for all pending accounts; afterwards none is pending, also when GitHub does not answer. Fails with
 * GITHUB_ERROR_RATE_LIMIT (the accounts stay pending), JOB_ERROR_INTERRUPTED or an error of Redis's. */
gboolean user_preload_resolve(UserPreload *preload, GError **error);
/* The same as long as a call would be full: fewer than USER_PRELOAD_CALL accounts stay pending. */
gboolean user_preload_resolve_full(UserPreload *preload, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(UserPreload, user_preload_free)
