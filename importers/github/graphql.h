/*
 * GitHub's GraphQL API, which answers in one call what takes a hundred over REST. GitLab's importer does not
 * use it. The client's token, outbound rules, time-outs and retries hold; the rate limit is one of its own,
 * as GitHub counts it.
 *
 * An answer may hold data and errors: these explain what is null in the data. Errors without data are
 * GITHUB_ERROR_GRAPHQL (a token that may not ask this); those that tell of a rate limit are
 * GITHUB_ERROR_RATE_LIMIT.
 */
#pragma once

#include "importers/github/client.h"

/* The answer's data. `variables` is consumed. *errors (transfer full) are the errors beside the data: an
 * array of {"type":"NOT_FOUND","path":["ALIAS"],..}; NULL when there are none. (transfer full) */
json_t *github_graphql(GithubClient *client, const char *query, json_t *variables, json_t **errors,
                       GError **error);
