/*
 * One HTTP request over the session's curl handle, whatever the status of its answer. The body is handed on
 * piece by piece as it arrives, unpacked when it was compressed on the way, so that no answer has to fit into
 * memory. Connections are kept between calls. Proxies come from the environment (http_proxy, https_proxy,
 * no_proxy). Redirects are not followed. GitLab's outbound rules are asked with the address that is about to
 * be connected to, or that an open connection leads to: a name cannot change its meaning after the check.
 *
 * Errors are HTTP_ERROR, what the sink said, or what session_check_stopping() says. Their texts name the host
 * and nothing else of the URL. A sink must not use session_curl().
 */
#pragma once

#include "importers/http/outbound_rules.h"

#define HTTP_ERROR (http_error_quark())
GQuark http_error_quark(void);
typedef enum {
    HTTP_ERROR_CONNECTION,  /* Errno::ECONNREFUSED, SocketError: nothing was sent */
    HTTP_ERROR_TIMEOUT,     /* Net::ReadTimeout */
    HTTP_ERROR_TLS,         /* OpenSSL::SSL::SSLError */
    HTTP_ERROR_BODY,        /* EOFError: the answer ends too early, or is not packed as announced */
    HTTP_ERROR_ANSWER,      /* Net::HTTPBadResponse: this is not HTTP */
    HTTP_ERROR_INVALID_URL, /* URI::InvalidURIError: no http(s) URL with a host */
    HTTP_ERROR_BLOCKED_URL, /* Gitlab::HTTP_V2::BlockedUrlError: the outbound rules forbid it */
    HTTP_ERROR_REDIRECTS,   /* HTTParty::RedirectionTooDeep */
    HTTP_ERROR_HEADER,      /* Gitlab::HTTP_V2::HeaderInjectionError: a header to send has a line break */
} HttpError;

#define HTTP_TIMEOUT          60   /* seconds, to connect and without progress (Net::HTTP's defaults) */
#define HTTP_MIN_SPEED        1024 /* bytes per second; less is no progress */
#define HTTP_CONTINUE_TIMEOUT 100  /* milliseconds until a body is sent that nobody asked for */
#define HTTP_MAX_HEADERS      (256 * 1024) /* bytes, all headers of an answer together */
#define HTTP_MAX_DROPPED      (64 * 1024)  /* bytes of a body nobody wants; then the connection is given up */

/* Takes the next bytes of a body, 16 KiB at most at a time. FALSE with an error ends the exchange with that
 * error. */
typedef struct HttpSink {
    gboolean (*write)(gpointer data, const char *bytes, gsize length, GError **error);
    gpointer data;
    /* Before the first bytes of a body that is not packed and says how long it is. May be absent. */
    gboolean (*announce)(gpointer data, guint64 length, GError **error);
} HttpSink;

/* AWS Signature Version 4, made by libcurl. Secrets. */
typedef struct HttpSignature {
    const char *region, *service; /* "eu-central-1", "s3" */
    const char *access_key_id, *secret_access_key;
} HttpSignature;

typedef struct HttpExchange {
    const char *method; /* "GET", "POST", "PUT", "HEAD", "DELETE" */
    const char *url;
    const char *const *headers;     /* "Name: value", may be secrets, ended by NULL; or NULL */
    const char *body;               /* of a POST, a text; or NULL */
    int upload;                     /* of a PUT: a file that is sent from its beginning ... */
    guint64 upload_size;            /* ... to here, bytes */
    const HttpSignature *signature; /* or NULL */
    const HttpSink *sink;           /* NULL: the body is dropped */
    gboolean only_success;          /* bodies of answers other than 2xx are dropped */
    gboolean verify_tls;
    guint timeout;              /* seconds; 0: HTTP_TIMEOUT */
    const OutboundRules *rules; /* NULL: the address is the operator's own choice (object storage) */
} HttpExchange;

typedef struct HttpAnswer {
    guint status;
    GHashTable *headers; /* lower-case name -> value; repeated headers are joined by ", " */
} HttpAnswer;

/* (transfer full) */
HttpAnswer *http_exchange(Session *session, const HttpExchange *exchange, GError **error);
void http_answer_free(HttpAnswer *answer);

/* NULL when absent. Borrowed. */
const char *http_answer_header(const HttpAnswer *answer, const char *lower_case_name);
/* A number in a header, `otherwise` when absent or not a number. */
gint64 http_answer_integer(const HttpAnswer *answer, const char *lower_case_name, gint64 otherwise);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HttpAnswer, http_answer_free)
