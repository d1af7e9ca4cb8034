#include "spec/fake_github/rest.h"

#include <string.h>

#include "spec/fake_github/access.h"

Response *rest_not_found(void)
{
    return response_new_message(MHD_HTTP_NOT_FOUND, "Not Found");
}

char *rest_api_url(const Request *request, const Route *route)
{
    return g_strconcat(request->base_url, route->api_prefix, NULL);
}

/* --- Things that are answered before the object is looked at --- */

static Response *moved_repository(const Request *request, const Route *route)
{
    g_autofree char *base = rest_api_url(request, route);
    GString *url = g_string_new(NULL);
    g_string_printf(url, "%s/repositories/%" G_GINT64_FORMAT, base, repository_id(route->repository));
    if (*route->subpath != '\0') {
        g_string_append_printf(url, "/%s", route->subpath);
    }
    if (*request->query != '\0') {
        g_string_append_printf(url, "?%s", request->query);
    }
    Response *response = response_new_json(
        MHD_HTTP_MOVED_PERMANENTLY,
        json_pack("{s:s, s:s, s:s}", "message", "Moved Permanently", "url", url->str, "documentation_url",
                  "https://docs.github.com/rest/guides/"
                  "best-practices-for-using-the-rest-api#follow-redirects"));
    response_set_header(response, MHD_HTTP_HEADER_LOCATION, url->str);
    g_string_free(url, TRUE);
    return response;
}

static Response *blocked_repository(guint status)
{
    switch (status) {
    case MHD_HTTP_NOT_FOUND:
        return rest_not_found();
    case MHD_HTTP_UNAVAILABLE_FOR_LEGAL_REASONS:
        return response_new_json(status, json_pack("{s:s, s:{s:s, s:s, s:s}}", "message",
                                                   "Repository access blocked", "block", "reason", "dmca",
                                                   "created_at", "2016-03-17T15:39:46-07:00", "html_url",
                                                   "https://github.com/github/dmca"));
    case MHD_HTTP_GONE:
        return response_new_message(status, "Issues has been disabled in this repository.");
    default:
        return response_new_message(status, "Repository access blocked");
    }
}

static Response *refused_access(const Request *request)
{
    gboolean stated = request_header(request, MHD_HTTP_HEADER_AUTHORIZATION) != NULL;
    return response_new_message(MHD_HTTP_UNAUTHORIZED,
                                stated ? "Bad credentials" : "Requires authentication");
}

/* NULL: nothing stands in the way. */
static Response *repository_obstacle(const Request *request, const Route *route, Access access)
{
    guint status = repository_status(route->repository);
    if (status != 0) {
        return blocked_repository(status);
    }
    if (repository_flag(route->repository, "private", FALSE) && access != ACCESS_GRANTED) {
        return rest_not_found();
    }
    if (route->is_renamed) {
        return moved_repository(request, route);
    }
    if (route->kind == &ISSUE_KIND && !repository_flag(route->repository, "has_issues", TRUE)) {
        return blocked_repository(MHD_HTTP_GONE);
    }
    return NULL;
}

static Response *obstacle(FakeGithub *fake, const Request *request, const Route *route)
{
    Access access = access_of_request(fake->options, request);
    if (access == ACCESS_DENIED) {
        return refused_access(request);
    }
    if (strcmp(route->path, "/rate_limit") != 0 && !rate_limit_take(fake->rate_limit)) {
        return rate_limit_refusal(fake->rate_limit);
    }
    return route->repository != NULL ? repository_obstacle(request, route, access) : NULL;
}

/* --- The common part of every answer --- */

static void add_etag(FakeGithub *fake, const Request *request, Response *response)
{
    gsize length = 0;
    const char *body = response_body(response, &length);
    g_autofree char *sum = g_compute_checksum_for_data(G_CHECKSUM_MD5, (const guchar *)body, length);
    g_autofree char *etag = g_strdup_printf("W/\"%s\"", sum);
    const char *known = request_header(request, MHD_HTTP_HEADER_IF_NONE_MATCH);
    response_set_header(response, MHD_HTTP_HEADER_ETAG, etag);
    response_set_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "private, max-age=60, s-maxage=60");
    if (known != NULL && strstr(known, sum) != NULL) {
        response_make_not_modified(response);
        rate_limit_give_back(fake->rate_limit);
    }
}

Response *rest_handle(FakeGithub *fake, Request *request, const Route *route)
{
    Response *refusal = obstacle(fake, request, route);
    if (refusal != NULL) {
        return refusal;
    }
    if (strcmp(request->method, "GET") != 0 && strcmp(request->method, "HEAD") != 0) {
        return rest_not_found();
    }
    Response *response = route->show(fake, request, route);
    if (response_status(response) == MHD_HTTP_OK) {
        add_etag(fake, request, response);
    }
    return response;
}

void rest_add_headers(FakeGithub *fake, Response *response)
{
    response_set_header(response, "X-GitHub-Media-Type", "github.v3; format=json");
    response_set_header(response, "X-GitHub-Request-Id", "FA4E:0001:0000001:0000001:00000001");
    response_set_header(response, MHD_HTTP_HEADER_VARY,
                        "Accept, Authorization, Cookie, X-GitHub-OTP, Accept-Encoding");
    if (response_header(response, "X-RateLimit-Limit") == NULL) {
        rate_limit_add_headers(fake->rate_limit, response);
    }
}
