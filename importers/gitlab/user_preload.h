/*
 * GitHub asked about many people at once. A stage that pages through a collection tells whom it meets; those
 * whose display name (or, without user contribution mapping, e-mail address) would have to be asked for are
 * pending. user_preload_resolve() asks for all of them, 100 accounts a call, over GitHub's GraphQL API, and
 * writes the very cache keys that Gitlab::GithubImport::UserFinder writes after asking for one account
 * (lib/gitlab/github_import/user_finder.rb), so that the object jobs, Ruby's or ours, need not ask.
 *
 * Only an optimisation: whoever is not resolved (bots, deleted accounts, a server without GraphQL) is asked
 * for one by one by the jobs. Nobody is pending who needs no answer: ghosts, source users that exist, names
 * in the cache, contributors to a user's own namespace, and whoever was met before in this run.
 *
 * One object per run of a stage. Not thread-safe.
 */
#pragma once

#include "importers/stages/stage.h"

typedef struct UserPreload UserPreload;

/* The stage is borrowed and must outlive the object. (transfer full) */
UserPreload *user_preload_new(Stage *stage);
void user_preload_free(UserPreload *preload);

/* `users` is an array of GitHub's user objects or nulls. At most one round trip to Redis and one query;
 * neither when all of them were met before. */
gboolean user_preload_add(UserPreload *preload, const json_t *users, GError **error);
/* How many accounts wait for user_preload_resolve(). */
guint user_preload_pending(const UserPreload *preload);
/* Asks for all pending accounts; afterwards none is pending, also when GitHub does not answer. Fails with
 * GITHUB_ERROR_RATE_LIMIT (the accounts stay pending), JOB_ERROR_INTERRUPTED or an error of Redis's. */
gboolean user_preload_resolve(UserPreload *preload, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(UserPreload, user_preload_free)
