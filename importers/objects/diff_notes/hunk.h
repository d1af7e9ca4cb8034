/*
 * diff_hunk of a review comment, or any diff of one file: its lines with their old and new numbers
 * (lib/gitlab/diff/parser.rb), and the line code made of the last one (lib/gitlab/git.rb, diff_line_code).
 * The parser's quirks are kept, as they show in stored line codes. Thread-safe.
 */
#pragma once

#include <glib.h>

typedef struct HunkLine {
    /* '+', '-', ' ', '\\' for "\ No newline at end of file", '@' for the header of a hunk (which counts as a
     * line unless the hunk begins at the top of the file) */
    char type;
    gint64 old_line, new_line; /* as GitLab's parser counts them: both, whatever the type */
    const char *text;          /* with its first character, without line feed; borrowed from the hunk */
    gsize length;
} HunkLine;

/* Array of HunkLine; empty when nothing can be read. `hunk` must outlive it. (transfer full) */
GArray *hunk_parse(const char *hunk);
/* "SHA1(path)_OLD_NEW". (transfer full) */
char *hunk_line_code(const char *path, gint64 old_line, gint64 new_line);
