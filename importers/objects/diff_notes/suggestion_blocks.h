/*
 * The suggestion blocks of a comment's Markdown: fenced code blocks "suggestion:-ABOVE+BELOW", as CommonMark
 * and GitLab's filters read them (lib/gitlab/diff/suggestions_parser.rb, lib/banzai/filter/
 * code_language_filter.rb, syntax_highlight_filter.rb). Blocks within lists and quotations are not looked
 * for: GitHub's suggestions have been moved to the beginning of the line (suggestion_formatter.h).
 * Thread-safe.
 */
#pragma once

#include <glib.h>

typedef struct SuggestionBlock {
    char *text; /* of the block, without the last line's end; CR LF became LF */
    gint64 lines_above, lines_below;
} SuggestionBlock;

/* In order; array of SuggestionBlock. (transfer full) */
GPtrArray *suggestion_blocks(const char *markdown);
