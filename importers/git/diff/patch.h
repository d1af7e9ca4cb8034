/*
 * The text of one file's difference as git prints it (`git diff`, Myers with the indent heuristic, three
 * lines of context), without the header lines: from the first "@@" on, or the line "Binary files a/x and b/x
 * differ". Nothing for a mere rename or change of mode.
 */
#pragma once

#include "importers/git/diff/entry.h"

/* Blobs above this size are never read, so that memory stays bounded: bytes. */
#define GIT_PATCH_BLOB_MAX ((git_object_size_t)32 * 1024 * 1024)

typedef struct GitPatchSink {
    /* One line with its line end. FALSE: enough, no more lines. */
    gboolean (*line)(const char *line, gsize length, gpointer data);
    gpointer data;
} GitPatchSink;

/* *unreadable: a side is larger than GIT_PATCH_BLOB_MAX, no line was given. */
gboolean git_diff_patch(git_repository *repository, const GitDiffEntry *entry, const GitPatchSink *sink,
                        gboolean *unreadable, GError **error);
