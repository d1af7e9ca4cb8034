/*
 * The "@@ -1,7 +1,8 @@ int main(void)" lines of a patch as git prints them (xdiff/xutils.c and xemit.c,
 * diff.c): which line of the old file they quote, and where they cut it. libgit2 cuts elsewhere.
 */
#pragma once

#include <glib.h>

typedef struct HunkHeaders {
    const char *position, *end; /* what is left of the old file (borrowed) */
    gsize line;                 /* number of lines before `position` */
    const char *function;       /* the last line before `position` that is one to quote; NULL: none */
    gsize function_length;
} HunkHeaders;

/* Zero for lines: that side has none in the hunk, and `start` is the line before it. */
typedef struct HunkRange {
    gsize old_start, old_lines, new_start, new_lines;
} HunkRange;

void hunk_headers_begin(HunkHeaders *headers, const char *old_text, gsize length);
/* Appends the next hunk's header line to `text`. Hunks come in order. */
void hunk_headers_append(HunkHeaders *headers, const HunkRange *range, GString *text);
