#include "importers/http/http_error.h"

#include "protocol/error_class.h"

static const char *const CLASSES[] = {
    [HTTP_ERROR_CONNECTION] = "Errno::ECONNREFUSED",
    [HTTP_ERROR_TIMEOUT] = "Net::ReadTimeout",
    [HTTP_ERROR_TLS] = "OpenSSL::SSL::SSLError",
    [HTTP_ERROR_BODY] = "EOFError",
    [HTTP_ERROR_ANSWER] = "Net::HTTPBadResponse",
    [HTTP_ERROR_INVALID_URL] = "URI::InvalidURIError",
    [HTTP_ERROR_BLOCKED_URL] = "Gitlab::HTTP_V2::BlockedUrlError",
    [HTTP_ERROR_REDIRECTS] = "HTTParty::RedirectionTooDeep",
    [HTTP_ERROR_HEADER] = "Gitlab::HTTP_V2::HeaderInjectionError",
};

static const char *http_error_class(int code)
{
    return CLASSES[code];
}

DEFINE_ERROR_DOMAIN(http_error, http_error_class)

/* A failure before the request was sent is a connection that failed. */
static HttpError once_sent(CURL *curl, HttpError code)
{
    double sent_after = 0;
    curl_easy_getinfo(curl, CURLINFO_PRETRANSFER_TIME, &sent_after);
    return sent_after > 0 ? code : HTTP_ERROR_CONNECTION;
}

HttpError http_error_code(CURL *curl, CURLcode result)
{
    switch (result) {
    case CURLE_OPERATION_TIMEDOUT:
        return once_sent(curl, HTTP_ERROR_TIMEOUT);
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
        return HTTP_ERROR_TLS;
    case CURLE_URL_MALFORMAT:
        return HTTP_ERROR_INVALID_URL;
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
        return once_sent(curl, HTTP_ERROR_BODY);
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL: /* HTTP/0.9; the scheme was checked before */
        return HTTP_ERROR_ANSWER;
    default:
        return HTTP_ERROR_CONNECTION;
    }
}
