/*
 * Gitlab::GithubImport::Client (lib/gitlab/github_import/client.rb): GitHub's REST API as the importer uses
 * it. Times are in seconds.
 *
 * Every request obeys the rate limit: with 50 requests or fewer left the call fails with
 * GITHUB_ERROR_RATE_LIMIT before anything is sent, and GitHub's own 403/429 answers (primary and secondary
 * limits, Retry-After) become the same error; github_error_reset_in() tells how long to wait. Connection
 * failures are tried three times (0.5 s and 0.75 s apart, ±50 %), 5xx answers and timeouts twice more at
 * once. Bodies above 50 MiB are refused. Redirects: at most 3, GET only, the token is not sent to another
 * host. The limits of one token are shared by all threads of the process, so that no request is wasted on
 * asking for them.
 */
#pragma once

#include "importers/gitlab/import_data.h"
#include "importers/gitlab/project.h"

#define GITHUB_ERROR (github_error_quark())
GQuark github_error_quark(void);
typedef enum {
    GITHUB_ERROR_RATE_LIMIT, /* Gitlab::GithubImport::RateLimitError */

    /* Octokit's errors, by status; which text makes which kind of a status is said in response.c. */
    GITHUB_ERROR_BAD_REQUEST,                /* 400 */
    GITHUB_ERROR_UNAUTHORIZED,               /* 401 */
    GITHUB_ERROR_ONE_TIME_PASSWORD_REQUIRED, /* 401 that asks for one in X-GitHub-OTP */
    GITHUB_ERROR_FORBIDDEN,                  /* 403 of no kind below */
    GITHUB_ERROR_TOO_MANY_LOGIN_ATTEMPTS,
    GITHUB_ERROR_TOO_LARGE_CONTENT,
    GITHUB_ERROR_REPOSITORY_UNAVAILABLE,
    GITHUB_ERROR_UNVERIFIED_EMAIL,
    GITHUB_ERROR_ACCOUNT_SUSPENDED,
    GITHUB_ERROR_BILLING_ISSUE,
    GITHUB_ERROR_SAML_PROTECTED,
    GITHUB_ERROR_INSTALLATION_SUSPENDED,
    GITHUB_ERROR_NOT_FOUND,                     /* 404 */
    GITHUB_ERROR_BRANCH_NOT_PROTECTED,          /* 404 of a branch's protection */
    GITHUB_ERROR_METHOD_NOT_ALLOWED,            /* 405 */
    GITHUB_ERROR_NOT_ACCEPTABLE,                /* 406 */
    GITHUB_ERROR_CONFLICT,                      /* 409 */
    GITHUB_ERROR_DEPRECATED,                    /* 410 */
    GITHUB_ERROR_UNSUPPORTED_MEDIA_TYPE,        /* 415 */
    GITHUB_ERROR_UNPROCESSABLE,                 /* 422 */
    GITHUB_ERROR_UNAVAILABLE_FOR_LEGAL_REASONS, /* 451 */
    GITHUB_ERROR_CLIENT,                        /* any other below 500 */
    GITHUB_ERROR_INTERNAL_SERVER,               /* 500 */
    GITHUB_ERROR_NOT_IMPLEMENTED,               /* 501 */
    GITHUB_ERROR_BAD_GATEWAY,                   /* 502 */
    GITHUB_ERROR_SERVICE_UNAVAILABLE,           /* 503 */
    GITHUB_ERROR_SERVER,                        /* any other from 500 */

    GITHUB_ERROR_CONNECTION,         /* Faraday::ConnectionFailed */
    GITHUB_ERROR_TIMEOUT,            /* Faraday::TimeoutError */
    GITHUB_ERROR_TLS,                /* Faraday::SSLError */
    GITHUB_ERROR_TOO_LARGE,          /* Gitlab::Octokit::ResponseValidation::ResponseSizeTooLarge */
    GITHUB_ERROR_BODY,               /* not the JSON that was asked for: JSON::ParserError */
    GITHUB_ERROR_INVALID_URL,        /* no http(s) URL, or a next link to another host: InvalidURLError */
    GITHUB_ERROR_NO_TOKEN,           /* no import data: the import was canceled; nothing may be sent */
    GITHUB_ERROR_INVALID_REPOSITORY, /* import_source is not owner/name: Octokit::InvalidRepository */
    GITHUB_ERROR_BLOCKED_URL,        /* GitLab's outbound request rules forbid it:
                                        Gitlab::HTTP_V2::UrlBlocker::BlockedUrlError */
    GITHUB_ERROR_GRAPHQL,            /* GraphQL answered with errors and without data */
} GithubErrorCode;

/* Seconds until the call may be repeated, for GITHUB_ERROR_RATE_LIMIT; at least 1. */
double github_error_reset_in(const GError *error);

typedef struct GithubClient GithubClient;

/* For a project's token, host and page size. Fails with GITHUB_ERROR_NO_TOKEN when there are no credentials.
 * (transfer full) */
GithubClient *github_client_new(Session *session, const Project *project, const ImportData *data,
                                GError **error);
void github_client_free(GithubClient *client);

/* One object: GET of a path relative to the API ("repos/o/n"), plain text that is escaped here. `client` may
 * be NULL: GITHUB_ERROR_NO_TOKEN. (transfer full) */
json_t *github_get(GithubClient *client, const char *path, GError **error);
/* The same; *etag (may be NULL) is sent as If-None-Match and replaced by the answer's own (transfer full). A
 * 304 gives *not_modified, and NULL without error. */
json_t *github_get_conditional(GithubClient *client, const char *path, char **etag, gboolean *not_modified,
                               GError **error);

/* A collection, page by page. `query` is "state=all&sort=created" or NULL; per_page is added. */
typedef struct GithubPages GithubPages;
/* `resume` is NULL, or the URL of a page to begin with (GithubPage.url of an earlier run). (transfer full) */
GithubPages *github_pages(GithubClient *client, const char *path, const char *query, const char *resume);
/* Asks for pages of `per_page` objects; before the first page of a collection that is not resumed. */
void github_pages_set_size(GithubPages *pages, guint per_page);
/* The next page's objects, or NULL: without error at the end. (transfer full) */
json_t *github_pages_next(GithubPages *pages, GError **error);
/* Number of the page just returned (from its URL, else counted from 1), and its URL. */
guint github_pages_number(const GithubPages *pages);
const char *github_pages_url(const GithubPages *pages);
void github_pages_free(GithubPages *pages);

/* The project's repository on GitHub: "repos/owner/name". Borrowed. */
const char *github_client_repository_path(const GithubClient *client);
/* https://github.com, or the Enterprise server's web address, without trailing slash. Borrowed. */
const char *github_client_web_endpoint(const GithubClient *client);
/* A secret. Borrowed. */
const char *github_client_token(const GithubClient *client);
/* The URL for git, with the token as user: a secret. (transfer full) */
char *github_client_clone_url(const GithubClient *client);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GithubClient, github_client_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GithubPages, github_pages_free)
