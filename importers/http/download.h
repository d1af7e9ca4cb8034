/*
 * A GET that follows redirects, as Gitlab::HTTP.get with stream_body does (gems/gitlab-http,
 * lib/gitlab/http_v2/client.rb): http and https only, and every hop obeys GitLab's outbound rules. What the
 * caller adds to the request (headers with credentials) goes to the first server only: same scheme, host and
 * port, and nowhere once another server has been asked. Credentials inside a redirect's address are ignored.
 * Errors are those of http_exchange(), and HTTP_ERROR_REDIRECTS.
 */
#pragma once

#include "importers/http/exchange.h"

#define DOWNLOAD_REDIRECTS 4 /* HTTParty's limit is five requests */

typedef struct Download {
    const char *url;
    const char *const *headers; /* as in HttpExchange */
    guint redirects;            /* how many are followed (more: an error); 0: a redirect is an answer */
    const HttpSink *sink;       /* gets the body of a 2xx answer; may be called after an earlier attempt */
    gboolean verify_tls;
    guint timeout; /* seconds; 0: HTTP_TIMEOUT */
} Download;

/* *final_url (may be NULL) is the address that gave the answer. (both transfer full) */
HttpAnswer *download(Session *session, const Download *wanted, char **final_url, GError **error);
