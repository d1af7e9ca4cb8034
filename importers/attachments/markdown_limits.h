/*
 * Limits on Markdown from strangers. The cmark-gfm of Debian bookworm (0.29.0.gfm.6) needs quadratic time for
 * some texts (CVE-2023-22483, CVE-2023-22484, CVE-2023-22486, CVE-2023-24824); a comment of 65,536 characters
 * could keep it busy for a minute. What is beyond the limits below, which nobody reaches with a text that is
 * meant to be read, loses its meaning: it becomes plain text of the same length. Linear time; thread-safe.
 */
#pragma once

/* Bytes at the beginning of a line: behind them no quotation and no list begins. */
#define MARKDOWN_MAX_PREFIX 200
/* Within lines of which none is empty, and thus within a paragraph: */
#define MARKDOWN_MAX_IMAGES 2000 /* "![" */
#define MARKDOWN_MAX_MARKUP 200  /* "<?", "<!DOCTYPE", "<![CDATA[" */

/* In place. */
void markdown_limit(char *text);
