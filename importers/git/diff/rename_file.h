/*
 * A deleted or an added file that may be one side of a rename, and how similar two of them are. Contents are
 * read when they are first needed, one at a time, and only their measure is kept.
 */
#pragma once

#include "importers/git/diff/entry.h"
#include "importers/git/diff/similarity.h"

typedef struct RenameFile {
    GitDiffEntry *entry; /* borrowed like the next two; may be NULL */
    const char *path;
    const git_oid *id;
    guint mode;
    struct RenameFile *other; /* the side that it was paired with, or NULL */
    gboolean has_size;
    git_object_size_t size; /* bytes */
    GitPieces *pieces;      /* NULL: not read yet, or dropped */
} RenameFile;

/* Where contents come from and what their measures take. */
typedef struct RenameContents {
    git_odb *odb;
    gsize footprint; /* bytes */
} RenameContents;

/* (transfer full) */
RenameFile *rename_file_new(GitDiffEntry *entry, const char *path, const git_oid *id, guint mode);
void rename_file_free(RenameFile *file);

gboolean rename_contents_open(RenameContents *contents, git_repository *repository, GError **error);
void rename_contents_clear(RenameContents *contents);

gboolean rename_file_is_regular(const RenameFile *file);
/* What follows the last slash. */
const char *rename_file_name(const RenameFile *file);
/* Makes sure that `size` is there; of a regular file. */
gboolean rename_file_read_size(const RenameContents *contents, RenameFile *file, GError **error);
/* *similarity is 0 to GIT_SIMILARITY_MAX: 0 if it cannot reach `minimum`, if one of the two is no regular
 * file, or is larger than GIT_PATCH_BLOB_MAX. */
gboolean rename_file_similarity(RenameContents *contents, RenameFile *source, RenameFile *destination,
                                guint minimum, guint *similarity, GError **error);
/* Forgets the measure. */
void rename_file_drop(RenameContents *contents, RenameFile *file);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RenameFile, rename_file_free)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(RenameContents, rename_contents_clear)
