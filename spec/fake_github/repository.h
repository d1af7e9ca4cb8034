/*
 * One repository of the data set: what it is, and where its objects come from.
 *
 * Immutable except for its status, and reference counted; thread-safe.
 */
#pragma once

#include <glib.h>
#include <jansson.h>

#include "spec/fake_github/generator.h"
#include "spec/fake_github/objects/object.h"

/* description: a member of "repositories" in the data file (borrowed). generator: (transfer full) or
 * NULL; it learns what make_repository tells. shas: what make_repository wrote into the Git repository, name
 * -> sha and more, or NULL (borrowed). */
Repository *repository_new(const json_t *description, Generator *generator, const json_t *shas);
Repository *repository_ref(Repository *repository);
void repository_unref(Repository *repository);

const char *repository_full_name(const Repository *repository);
gint64 repository_id(const Repository *repository);
const char *repository_default_branch(const Repository *repository);
const json_t *repository_description(const Repository *repository);
gboolean repository_flag(const Repository *repository, const char *member, gboolean fallback);

/* The HTTP status that everything about this repository is answered with; 0: it is served. */
guint repository_status(const Repository *repository);
void repository_set_status(Repository *repository, guint status);
/* Back to the status of the data file. */
void repository_reset_status(Repository *repository);

/* The sha of "heads/NAME", "tags/NAME", "pull/N/head", "pull/N/base" or "pull/N/merge"; without a Git
 * repository a made-up one that is always the same. (transfer full) */
char *repository_sha(const Repository *repository, const char *name);

/* NULL: nothing is generated. */
const Generator *repository_generator(const Repository *repository);
/* The data file's array of a kind, NULL when it has none. Issues include pull requests, by number. */
const json_t *repository_stated(const Repository *repository, const ObjectKind *kind);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Repository, repository_unref)
