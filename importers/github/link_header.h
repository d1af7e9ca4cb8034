/*
 * The Link header as GitHub writes it and Octokit reads it (Sawyer, lib/sawyer/response.rb): pieces split on
 * ", ", each exactly <URL>; rel="NAME". Any bytes may come. Thread-safe.
 */
#pragma once

#include <glib.h>

/* *next is the URL of rel="next", or NULL when there is none (`header` NULL: no header). FALSE with
 * GITHUB_ERROR_INVALID_URL when a piece has another form: to read on as if there were no next page would lose
 * objects. (transfer full) */
gboolean link_header_next(const char *header, char **next, GError **error);
