/* GitHub's REST API: repositories and their objects, users, rate limit. */

#include <string.h>

#include "spec/fake_github/access.h"
#include "spec/fake_github/fake_github.h"
#include "spec/fake_github/pagination.h"
#include "spec/fake_github/selection.h"

static Response *not_found(void)
{
    return response_new_message(MHD_HTTP_NOT_FOUND, "Not Found");
}

static char *api_url(const Request *request, const Route *route)
{
    return g_strconcat(request->base_url, route->api_prefix, NULL);
}

/* Objects are written with the addresses that the client itself used. */
typedef struct {
    ObjectContext context;
    char *api_url;
} Writer;

static void writer_init(Writer *writer, FakeGithub *fake, const Request *request, const Route *route)
{
    writer->api_url = api_url(request, route);
    writer->context = (ObjectContext){.data = fake->data,
                                      .repository = route->repository,
                                      .api_url = writer->api_url,
                                      .web_url = request->base_url,
                                      .made = json_object()};
}

static void writer_clear(Writer *writer)
{
    json_decref(writer->context.made);
    g_free(writer->api_url);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Writer, writer_clear)

static Response *show_repository(FakeGithub *fake, Request *request, const Route *route)
{
    g_auto(Writer) writer;
    writer_init(&writer, fake, request, route);
    return response_new_json(MHD_HTTP_OK, object_complete_repository(&writer.context, route->repository));
}

static json_t *write_page(Writer *writer, const Collection *collection, const Selection *selection,
                          const Page *page)
{
    json_t *list = json_array();
    writer->context.parent = collection->parent;
    for (guint i = 0; i < page->count; i++) {
        writer->context.index = selection_index(selection, page->first + i);
        json_auto_t *description = collection_describe(collection, writer->context.index);
        json_array_append_new(list, collection->kind->complete(&writer->context, description, FALSE));
    }
    return list;
}

/* GitHub's own links name the repository by number, whatever the request said. */
static void add_link_header(Response *response, const Request *request, const Route *route, const Page *page)
{
    g_autofree char *base = api_url(request, route);
    g_autofree char *url = g_strdup_printf("%s/repositories/%" G_GINT64_FORMAT "/%s", base,
                                           repository_id(route->repository), route->subpath);
    g_autofree char *links = page_link_header(page, url, request->query);
    if (links != NULL) {
        response_set_header(response, MHD_HTTP_HEADER_LINK, links);
    }
}

static gboolean pages_by_cursor(const Route *route)
{
    const json_t *description = repository_description(route->repository);
    return route->kind == &ISSUE_KIND &&
           g_strcmp0(json_string_value(json_object_get(description, "pagination")), "cursor") == 0;
}

static Response *too_deep_page(void)
{
    return response_new_message(
        MHD_HTTP_UNPROCESSABLE_CONTENT,
        "In order to keep the API fast for everyone, pagination is limited for this resource. Check the "
        "rel=last link relation in the Link response header to see how far back you can traverse.");
}

static Response *list_objects(FakeGithub *fake, Request *request, const Route *route)
{
    g_auto(Writer) writer;
    g_auto(Collection) collection;
    g_auto(Selection) selection = {0};
    Page page;
    writer_init(&writer, fake, request, route);
    if (!collection_open(&collection, route->repository, route->kind, route->key)) {
        return not_found();
    }
    selection_make(&selection, &collection, request);
    if (!page_parse(&page, request, selection.total, pages_by_cursor(route))) {
        return too_deep_page();
    }
    Response *response = response_new_json(MHD_HTTP_OK, write_page(&writer, &collection, &selection, &page));
    add_link_header(response, request, route, &page);
    return response;
}

static Response *show_object(FakeGithub *fake, Request *request, const Route *route)
{
    g_auto(Writer) writer;
    writer_init(&writer, fake, request, route);
    const ObjectKind *described_by =
        route->kind->parent != NULL ? object_kind(route->kind->parent) : route->kind;
    json_auto_t *description = repository_find(route->repository, described_by, route->key);
    json_t *object = description != NULL ? route->kind->complete(&writer.context, description, TRUE) : NULL;
    if (object == NULL) {
        gboolean is_absent = description != NULL && route->kind->absent != NULL;
        return is_absent ? response_new_message(MHD_HTTP_NOT_FOUND, route->kind->absent) : not_found();
    }
    return response_new_json(MHD_HTTP_OK, object);
}

static Response *show_user(FakeGithub *fake, Request *request, const Route *route)
{
    g_auto(Writer) writer;
    writer_init(&writer, fake, request, route);
    json_auto_t *user = data_set_user(fake->data, route->key);
    if (user == NULL) {
        return not_found();
    }
    return response_new_json(MHD_HTTP_OK, object_complete_public_user(&writer.context, user));
}

static Response *show_rate_limit(FakeGithub *fake, Request *request, const Route *route)
{
    (void)request;
    (void)route;
    if (!rate_limit_is_enabled(fake->rate_limit)) {
        return response_new_message(MHD_HTTP_NOT_FOUND, "Rate limiting is not enabled.");
    }
    return response_new_json(MHD_HTTP_OK, rate_limit_overview(fake->rate_limit));
}

/* --- Things that are answered before the object is looked at --- */

static Response *moved_repository(const Request *request, const Route *route)
{
    g_autofree char *base = api_url(request, route);
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
        return not_found();
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
        return not_found();
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

static Response *unknown_path(FakeGithub *fake, Request *request, const Route *route)
{
    (void)fake;
    (void)request;
    (void)route;
    return not_found();
}

static Response *handle(FakeGithub *fake, Request *request, const Route *route)
{
    Response *refusal = obstacle(fake, request, route);
    if (refusal != NULL) {
        return refusal;
    }
    if (strcmp(request->method, "GET") != 0 && strcmp(request->method, "HEAD") != 0) {
        return not_found();
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

/* --- Finding the way --- */

/* pattern: a path with at most one '*', which stands for any text, slashes included (branch names have
 * them). What it stands for becomes the key. */
static gboolean match(const char *pattern, const char *subpath, char **key)
{
    const char *star = strchr(pattern, '*');
    if (star == NULL) {
        return strcmp(pattern, subpath) == 0;
    }
    gsize before = (gsize)(star - pattern);
    gsize after = strlen(star + 1);
    gsize length = strlen(subpath);
    if (length <= before + after || strncmp(pattern, subpath, before) != 0 ||
        strcmp(star + 1, subpath + length - after) != 0) {
        return FALSE;
    }
    *key = g_strndup(subpath + before, length - before - after);
    return TRUE;
}

static char *counter_pattern(const char *path, const char *key)
{
    g_auto(GStrv) parts = g_strsplit(path, "*", 2);
    return parts[1] != NULL ? g_strdup_printf("/repos/:owner/:repo/%s:%s%s", parts[0], key, parts[1])
                            : g_strdup_printf("/repos/:owner/:repo/%s", path);
}

static gboolean resolve_kind(Route *route, const ObjectKind *kind)
{
    const char *path = NULL;
    if (kind->list_path != NULL && match(kind->list_path, route->subpath, &route->key)) {
        path = kind->list_path;
        route->show = list_objects;
    } else if (kind->item_path != NULL && match(kind->item_path, route->subpath, &route->key)) {
        path = kind->item_path;
        route->show = show_object;
    } else {
        return FALSE;
    }
    route->kind = kind;
    route->pattern = counter_pattern(path, kind->parent != NULL ? "number" : kind->key);
    return TRUE;
}

static void resolve_subpath(Route *route)
{
    if (*route->subpath == '\0') {
        route->show = show_repository;
        route->pattern = g_strdup("/repos/:owner/:repo");
        return;
    }
    for (gsize i = 0; OBJECT_KINDS[i] != NULL; i++) {
        if (resolve_kind(route, OBJECT_KINDS[i])) {
            return;
        }
    }
}

static void resolve_repository(FakeGithub *fake, const char *path, Route *route)
{
    g_auto(GStrv) parts = g_strsplit(path + strlen("/repos/"), "/", 3);
    if (parts[0] == NULL || parts[1] == NULL) {
        return;
    }
    g_autofree char *full_name = g_strdup_printf("%s/%s", parts[0], parts[1]);
    route->repository = data_set_repository(fake->data, full_name, &route->is_renamed);
    route->subpath = g_strdup(parts[2] != NULL ? parts[2] : "");
    if (route->repository != NULL) {
        resolve_subpath(route);
    }
}

static void resolve_numeric_repository(FakeGithub *fake, const char *path, Route *route)
{
    g_auto(GStrv) parts = g_strsplit(path + strlen("/repositories/"), "/", 2);
    gint64 id = 0;
    if (!g_ascii_string_to_signed(parts[0], 10, 0, G_MAXINT64, &id, NULL)) {
        return;
    }
    route->repository = data_set_repository_by_id(fake->data, id);
    route->subpath = g_strdup(parts[1] != NULL ? parts[1] : "");
    if (route->repository != NULL) {
        resolve_subpath(route);
    }
}

static void resolve_path(FakeGithub *fake, const char *path, Route *route)
{
    if (g_str_has_prefix(path, "/repos/")) {
        resolve_repository(fake, path, route);
    } else if (g_str_has_prefix(path, "/repositories/")) {
        resolve_numeric_repository(fake, path, route);
    } else if (g_str_has_prefix(path, "/users/")) {
        route->show = show_user;
        route->key = g_strdup(path + strlen("/users/"));
        route->pattern = g_strdup("/users/:login");
    } else if (strcmp(path, "/rate_limit") == 0) {
        route->show = show_rate_limit;
        route->pattern = g_strdup(path);
    }
}

/* The one spelling of a path that faults are matched with. */
static char *canonical_path(const char *path, const Route *route)
{
    if (route->repository == NULL) {
        return g_strdup(path);
    }
    return g_strdup_printf("/repos/%s%s%s", repository_full_name(route->repository),
                           *route->subpath != '\0' ? "/" : "", route->subpath);
}

void rest_resolve(FakeGithub *fake, const Request *request, Route *route)
{
    const char *path = request->path;
    if (g_str_has_prefix(path, "/api/v3/")) {
        route->api_prefix = "/api/v3";
        path += strlen("/api/v3");
    }
    route->is_rest = TRUE;
    route->handle = handle;
    route->show = unknown_path;
    resolve_path(fake, path, route);
    route->path = canonical_path(path, route);
    if (route->pattern == NULL) {
        route->pattern = g_strdup("(unknown)");
    }
}
