/*
 * How one text becomes another: Google's diff-match-patch (diff_main with its defaults, then
 * diff_cleanupSemantic), as GitLab's change marks use it (lib/gitlab/diff/char_diff.rb). How well an edit
 * fits the words around it is judged as the Ruby gem diff_match_patch does, which differs from the original.
 *
 * A script is an array of hunks. Where a hunk lies in both texts follows from the hunks before it.
 */
#pragma once

#include <glib.h>

/* Code points; borrowed. */
typedef struct Text {
    const gunichar *chars;
    guint length;
} Text;

/* So many characters of the old text go, so many of the new one come, and so many stay after that. */
typedef struct Hunk {
    guint deleted, inserted, equal;
} Hunk;

/* Texts longer than this (a title of GitHub's has 256 characters at most) are one hunk. */
#define EDIT_SCRIPT_LONGEST 2048

/* (transfer full; array of Hunk) */
GArray *edit_script_new(Text old, Text new);

/* What follows is shared by edit_script.c and edit_script_cleanup.c. */

/* Brings a script into its normal form (diff_cleanupMerge). */
void edit_script_merge(GArray *script, Text old, Text new);
/* Makes it readable (diff_cleanupSemantic). */
void edit_script_cleanup(GArray *script, Text old, Text new);

/* Adds to the end: adjacent edits become one, adjacent equal parts too. */
void edit_script_add(GArray *script, guint deleted, guint inserted, guint equal);

/* Parts of a text. */
static inline Text text_part(Text text, guint from, guint length)
{
    return (Text){text.chars + from, length};
}
guint text_common_prefix(Text a, Text b);
guint text_common_suffix(Text a, Text b);
