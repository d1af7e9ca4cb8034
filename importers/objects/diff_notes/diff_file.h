/*
 * Gitlab::Diff::File (lib/gitlab/diff/file.rb): the file of a merge request's latest diff that comments point
 * at, as merge_request_diffs and merge_request_diff_files have it. Unlike Ruby, which asks Gitaly for the
 * diff of the new path alone and so sees a renamed file as a new one, this is the diff that GitLab shows.
 * Reference-counted, for one thread.
 */
#pragma once

#include "importers/gitlab/session.h"
#include "importers/objects/diff_notes/hunk.h"

typedef struct DiffFile {
    char *base_sha, *start_sha, *head_sha; /* diff_refs; all NULL: the merge request has no diff yet */
    /* NULL: the diff does not have the file */
    char *old_path, *new_path, *a_mode, *b_mode;
    gboolean new_file, renamed_file, deleted_file;
    char *diff;    /* empty: of a file that is too large */
    GArray *lines; /* of HunkLine; empty: of a binary file too. NULL with old_path */
} DiffFile;

typedef struct DiffTarget {
    gint64 merge_request_id;
    const char *path; /* as GitHub names the file: its new path */
} DiffTarget;

/* A DiffFile for each of the n targets, in order; equal targets share one. One statement for all. (transfer
 * full) */
GPtrArray *diff_files_load(Session *session, const DiffTarget *targets, guint n, GError **error);
DiffFile *diff_file_ref(DiffFile *file);
void diff_file_unref(DiffFile *file);

/* line_for_position: an added line by its new number, or a removed one by its old number. NULL: there is
 * none. Borrowed. */
const HunkLine *diff_file_line(const DiffFile *file, char type, gint64 number);
/* diff_hunk: the diff up to the line, and one line further where it begins at the top of the file, as then
 * its first header is left out. (transfer full) */
char *diff_file_hunk(const DiffFile *file, const HunkLine *line);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(DiffFile, diff_file_unref)
