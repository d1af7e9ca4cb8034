/*
 * The text of one file's difference as git prints it (`git diff`, Myers with the indent heuristic, three
 * lines of context), without the header lines: from the first "@@" on, or the line "Binary files a/x and b/x
 * differ". Nothing for a mere rename or change of mode. Attributes are not looked at, as in a bare
 * repository.
 *
 * Memory: one pair of files at a time, and of large pairs one in the whole process. Thread-safe for
 * repositories of the threads' own.
 */
#pragma once

#include "importers/git/diff/entry.h"

/* Blobs above this size are binary and never read, as Gitaly tells git (core.bigFileThreshold). */
#define GIT_PATCH_BLOB_MAX ((git_object_size_t)50 * 1024 * 1024)
/* Two texts with more bytes or lines than this together are not compared, so that memory stays bounded: each
 * line costs more than 100 bytes. */
#define GIT_PATCH_PAIR_MAX  ((git_object_size_t)64 * 1024 * 1024)
#define GIT_PATCH_LINES_MAX 1000000

typedef struct GitPatchSink {
    /* One line with its line end. FALSE: enough, no more lines. */
    gboolean (*line)(const char *line, gsize length, gpointer data);
    gpointer data;
} GitPatchSink;

/* An entry of status 'T' is to be split before (git_diff_split_type_changes()). *unreadable: two texts above
 * one of the limits, no line was given. */
gboolean git_diff_patch(git_repository *repository, const GitDiffEntry *entry, const GitPatchSink *sink,
                        gboolean *unreadable, GError **error);
