/*
 * A GET that follows redirects, as Gitlab::HTTP.get with stream_body does (gems/gitlab-http,
 * lib/gitlab/http_v2/client.rb): http and https only, and every hop obeys GitLab's outbound rules. What the
 * caller adds to the request (headers with credentials) goes to the first host only.
 */
#pragma once

#include "importers/http/exchange.h"

#define DOWNLOAD_REDIRECTS 5 /* HTTParty's limit */

typedef struct Download {
    const char *url;
    const char *const *headers; /* as in HttpExchange */
    guint redirects;            /* how many are followed; 0: a redirect is an answer */
    const HttpSink *sink;       /* gets the body of a 2xx answer; may be called after an earlier attempt */
    gboolean verify_tls;
    guint timeout;
} Download;

/* *final_url (may be NULL) is the address that gave the answer. (both transfer full) */
HttpAnswer *download(Session *session, const Download *wanted, char **final_url, GError **error);
