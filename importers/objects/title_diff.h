/*
 * The text of a changed title, as its system note shows it (lib/gitlab/diff/inline_diff.rb, char_diff.rb,
 * inline_diff_markdown_marker.rb): characters that went are marked {-so-}, new ones {+so+}. Which characters
 * these are is decided by the algorithm of Google's diff-match-patch with its semantic clean-up: a minimal
 * difference by characters, in which chance matches between rewritten words count as rewritten too.
 *
 * Titles are one line, so the algorithm's mode for many lines is left out. Works on code points. Thread-safe.
 */
#pragma once

#include <glib.h>

/* "changed title from **Fix log{-in-} bug** to **Fix log{+out+} bug**". Both are UTF-8. (transfer full) */
char *title_diff_text(const char *old_title, const char *new_title);
