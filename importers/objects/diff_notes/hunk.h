/*
 * diff_hunk of a review comment: its lines with their old and new numbers (lib/gitlab/diff/parser.rb), and
 * the line code made of the last one (lib/gitlab/git.rb, diff_line_code).
 */
#pragma once

#include <glib.h>

typedef struct HunkLine {
    char type;                 /* '+', '-', ' ', '\\' for "\ No newline at end of file" */
    gint64 old_line, new_line; /* as GitLab's parser counts them */
    const char *text;          /* with its first character, without line end; borrowed from the hunk */
    gsize length;
} HunkLine;

/* Array of HunkLine; empty when nothing can be read. `hunk` must outlive it. (transfer full) */
GArray *hunk_parse(const char *hunk);
/* "SHA1(path)_OLD_NEW". (transfer full) */
char *hunk_line_code(const char *path, gint64 old_line, gint64 new_line);
