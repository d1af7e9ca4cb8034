/*
 * One request of the client with everything around it: rate limit, redirects, retries.
 */
#pragma once

#include "importers/github/client.h"
#include "importers/github/response.h"

#define REQUEST_TRIES         3   /* where the connection failed (Retriable) */
#define REQUEST_FIRST_WAIT    0.5 /* seconds before the second, times 1.5 before the third, each ±50 % */
#define REQUEST_RETRIES_AFTER 2   /* more, at once, after 5xx and time-outs (faraday-retry) */
#define REQUEST_REDIRECTS     3

struct GithubClient {
    Session *session; /* borrowed */
    char *endpoint, *web_endpoint;
    char *repository_path;
    char *import_url;
    char *token;
    guint per_page;
    HttpOptions http;
    OutboundRules *rules;
    RateLimit *limit;         /* shared */
    RateLimit *graphql_limit; /* shared; GitHub counts the two apart */
};

/* Answers with 2xx or 304. Stops with what session_check_stopping() says. (transfer full) */
HttpResponse *github_request(GithubClient *client, const char *url, const char *etag, GError **error);
/* A POST of JSON that changes nothing, so that it may be repeated like a GET. Redirects are errors. (transfer
 * full) */
HttpResponse *github_post(GithubClient *client, const char *url, const char *json, GError **error);

/* The client without a look at the database: `rules` is consumed. For github_client_new() and for specs.
 * (transfer full) */
GithubClient *github_client_with_rules(Session *session, const Project *project, const ImportData *data,
                                       OutboundRules *rules, GError **error);
