/*
 * How the files of this directory make a GITHUB_ERROR that carries more than a text.
 */
#pragma once

#include "importers/github/client.h"

/* GITHUB_ERROR_RATE_LIMIT whose github_error_reset_in() is `reset_in` seconds. */
void github_set_rate_limit_error(GError **error, double reset_in, const char *message);

/* A 5xx answer: Octokit::ServerError or a class below it. */
gboolean github_error_is_server_error(const GError *error);
