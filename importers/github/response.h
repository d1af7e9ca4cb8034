/*
 * What an answer of GitHub means: Octokit's errors by status and body (lib/octokit/error.rb), and the limits
 * on its JSON (lib/gitlab/octokit/response_validation.rb).
 */
#pragma once

#include "importers/github/rate_limit.h"

/* TRUE for 2xx and 304. Else the error of the status, with Octokit's text: "REQUEST: STATUS - MESSAGE // See:
 * DOCUMENTATION", where `request` is "GET https://..." . `token` is cut out of the text. A refusal by a rate
 * limit closes `limit`. */
gboolean github_response_check(const HttpResponse *response, const char *request, const char *token,
                               RateLimit *limit, GError **error);

/* The body as JSON, of at most 250,000 values, and of the `type` that was asked for: JSON_ARRAY or
 * JSON_OBJECT. What is not UTF-8 in it, half of a surrogate pair for example, is left out: Ruby's parser
 * reads such an answer, and GitLab drops it from texts before they are stored
 * (lib/gitlab/encoding_helper.rb). (transfer full) */
json_t *github_response_json(const HttpResponse *response, json_type type, GError **error);
