/*
 * Paths as git prints them with core.quotePath, its default (quote.c, quote_two_c_style()): in double quotes
 * with escapes if there is a byte that is not printable ASCII, a quote or a backslash.
 */
#pragma once

#include <glib.h>

/* Appends PREFIX and path; the quotes go around both. */
void append_quoted_path(GString *text, const char *prefix, const char *path);
