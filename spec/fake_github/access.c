#include "spec/fake_github/access.h"

#include <string.h>

static gboolean is_token(const Options *options, const char *text)
{
    return options->tokens == NULL || g_strv_contains((const char *const *)options->tokens, text);
}

/* "user:password" of Basic credentials, NULL for another scheme. (transfer full) */
static char *basic_credentials(const char *authorization)
{
    if (g_ascii_strncasecmp(authorization, "Basic ", strlen("Basic ")) != 0) {
        return NULL;
    }
    gsize length = 0;
    g_autofree guchar *bytes = g_base64_decode(authorization + strlen("Basic "), &length);
    return g_strndup((const char *)bytes, length);
}

static gboolean has_token(const Options *options, const char *authorization)
{
    g_autofree char *credentials = basic_credentials(authorization);
    if (credentials != NULL) {
        g_auto(GStrv) pair = g_strsplit(credentials, ":", 2);
        return pair[0] != NULL &&
               (is_token(options, pair[0]) || (pair[1] != NULL && is_token(options, pair[1])));
    }
    const char *space = strchr(authorization, ' ');
    return space != NULL && is_token(options, space + 1);
}

Access access_of_request(const Options *options, const Request *request)
{
    const char *authorization = request_header(request, MHD_HTTP_HEADER_AUTHORIZATION);
    if (authorization == NULL) {
        return options->require_auth ? ACCESS_DENIED : ACCESS_ANONYMOUS;
    }
    return has_token(options, authorization) ? ACCESS_GRANTED : ACCESS_DENIED;
}

Access access_of_push(const Options *options, const Request *request)
{
    const char *authorization = request_header(request, MHD_HTTP_HEADER_AUTHORIZATION);
    g_autofree char *credentials = authorization != NULL ? basic_credentials(authorization) : NULL;
    if (credentials == NULL) {
        return ACCESS_DENIED;
    }
    return options->push_credentials == NULL || strcmp(options->push_credentials, credentials) == 0
               ? ACCESS_GRANTED
               : ACCESS_DENIED;
}

static const char *masked_user(const char *user)
{
    return strcmp(user, "x-access-token") == 0 || strcmp(user, "oauth2") == 0 ? user : "***";
}

char *access_masked(const Options *options, const Request *request)
{
    const char *authorization = request_header(request, MHD_HTTP_HEADER_AUTHORIZATION);
    const char *verdict = has_token(options, authorization) ? "accepted" : "unknown";
    g_autofree char *credentials = basic_credentials(authorization);
    if (credentials != NULL) {
        g_auto(GStrv) pair = g_strsplit(credentials, ":", 2);
        const char *password = pair[0] != NULL && pair[1] != NULL && *pair[1] != '\0' ? "***" : "";
        return g_strdup_printf("Basic %s:%s (%s)", pair[0] != NULL ? masked_user(pair[0]) : "", password,
                               verdict);
    }
    g_auto(GStrv) words = g_strsplit(authorization, " ", 2);
    return g_strdup_printf("%s *** (%s)", words[0] != NULL ? words[0] : "", verdict);
}
