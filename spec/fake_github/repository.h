/*
 * One repository of the data set: what it is, and its collections of object descriptions.
 *
 * A collection comes from the data file when the file has it, otherwise from the repository's generator,
 * otherwise it is empty. Issues and pull requests are one collection with shared numbers, as on GitHub.
 * A Repository is immutable except for its status and is reference counted; thread-safe.
 */
#pragma once

#include <glib.h>
#include <jansson.h>

#include "spec/fake_github/generator.h"
#include "spec/fake_github/objects/object.h"

/* description: a member of "repositories" in the data file (borrowed). generator: (transfer full) or
 * NULL. shas: what make_repository wrote into the Git repository, name -> sha, or NULL (borrowed). */
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

/* parent: the number of the object that owns the collection, 0 for the repository itself. */
guint repository_count(const Repository *repository, const ObjectKind *kind, guint64 parent);
/* (transfer full: a reference) */
json_t *repository_describe(const Repository *repository, const ObjectKind *kind, guint64 parent,
                            guint index);
/* NULL when no object has this key. (transfer full: a reference) */
json_t *repository_find(const Repository *repository, const ObjectKind *kind, guint64 parent,
                        const char *key);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Repository, repository_unref)
