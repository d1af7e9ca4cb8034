/*
 * The descriptions of one kind of object: all of a repository's, or those that belong to one of its
 * objects (the comments of an issue).
 *
 * They come from the data file when it states them, otherwise from the repository's generator, otherwise
 * there are none. What belongs to a stated object is stated too. Issues and pull requests are one collection
 * with shared numbers, as on GitHub.
 *
 * A Collection belongs to one thread; the descriptions are shared and never changed.
 */
#pragma once

#include "spec/fake_github/repository.h"

typedef struct {
    const Repository *repository;
    const ObjectKind *kind;
    guint64 parent_number; /* 0: the repository itself */
    json_t *parent;        /* description of the object that owns these; NULL: the repository itself */
    json_t *stated;        /* NULL: generated */
} Collection;

/* parent: the key of the object that owns the collection, ignored for a repository's own collections.
 * FALSE when there is no such object; the collection must be cleared in any case. */
gboolean collection_open(Collection *collection, const Repository *repository, const ObjectKind *kind,
                         const char *parent);
void collection_clear(Collection *collection);

guint collection_count(const Collection *collection);
/* (transfer full: a reference) */
json_t *collection_describe(const Collection *collection, guint index);
/* NULL when no object has this key. (transfer full: a reference) */
json_t *collection_find(const Collection *collection, const char *key);

/* How many objects of a kind each object of `owners` has: an array of guint. (transfer full) */
GArray *collection_owned_counts(const Collection *owners, const ObjectKind *kind);

/* The same for a repository's own collection in one call. */
json_t *repository_find(const Repository *repository, const ObjectKind *kind, const char *key);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Collection, collection_clear)
