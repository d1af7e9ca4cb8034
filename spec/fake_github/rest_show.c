#include "spec/fake_github/collection.h"
#include "spec/fake_github/pagination.h"
#include "spec/fake_github/rest.h"
#include "spec/fake_github/selection.h"

enum { LAST_NUMBERED_PAGE = 100, LIST_LIMIT = 30000 };

/* Objects are written with the addresses that the client itself used. */
typedef struct {
    ObjectContext context;
    char *api_url;
} Writer;

static void writer_init(Writer *writer, FakeGithub *fake, const Request *request, const Route *route)
{
    writer->api_url = rest_api_url(request, route);
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

Response *rest_show_repository(FakeGithub *fake, Request *request, const Route *route)
{
    g_auto(Writer) writer;
    writer_init(&writer, fake, request, route);
    return response_new_json(MHD_HTTP_OK, object_complete_repository(&writer.context, route->repository));
}

static void write_object(Writer *writer, json_t *list, const Collection *collection, guint index)
{
    writer->context.parent = collection->parent;
    writer->context.index = index;
    json_auto_t *description = collection_describe(collection, index);
    json_array_append_new(list, collection->kind->complete(&writer->context, description, FALSE));
}

static json_t *write_page(Writer *writer, const Collection *collection, const Selection *selection,
                          const Page *page)
{
    json_t *list = json_array();
    for (guint i = 0; i < page->count; i++) {
        write_object(writer, list, collection, selection_index(selection, page->first + i));
    }
    return list;
}

/* The objects of one owner that are on the page; before: how many earlier owners have. */
static void write_owned(Writer *writer, json_t *list, const Collection *owners, guint owner,
                        const ObjectKind *kind, guint before, const Page *page)
{
    json_auto_t *description = collection_describe(owners, owner);
    g_autofree char *key =
        g_strdup_printf("%" JSON_INTEGER_FORMAT, json_integer_value(json_object_get(description, "number")));
    g_auto(Collection) collection;
    collection_open(&collection, owners->repository, kind, key);
    guint count = collection_count(&collection);
    for (guint i = 0; i < count; i++) {
        if (before + i >= page->first && before + i < page->first + page->count) {
            write_object(writer, list, &collection, i);
        }
    }
}

static json_t *write_all(Writer *writer, const Collection *owners, const ObjectKind *kind,
                         const GArray *counts, const Page *page)
{
    json_t *list = json_array();
    guint before = 0;
    for (guint i = 0; i < counts->len && before < page->first + page->count; i++) {
        guint count = g_array_index(counts, guint, i);
        if (before + count > page->first) {
            write_owned(writer, list, owners, i, kind, before, page);
        }
        before += count;
    }
    return list;
}

static guint sum(const GArray *counts)
{
    guint total = 0;
    for (guint i = 0; i < counts->len; i++) {
        total += g_array_index(counts, guint, i);
    }
    return total;
}

/* GitHub's own links name the repository by number, whatever the request said. */
static void add_link_header(Response *response, const Request *request, const Route *route, const Page *page)
{
    g_autofree char *base = rest_api_url(request, route);
    g_autofree char *url = g_strdup_printf("%s/repositories/%" G_GINT64_FORMAT "/%s", base,
                                           repository_id(route->repository), route->subpath);
    g_autofree char *links = page_link_header(page, url, request->query);
    if (links != NULL) {
        response_set_header(response, MHD_HTTP_HEADER_LINK, links);
    }
}

/* GitHub's rules, or what the repository's description says instead. */
static PageRules page_rules(const Route *route)
{
    const json_t *description = repository_description(route->repository);
    const char *pagination = json_string_value(json_object_get(description, "pagination"));
    guint last_page = (guint)json_integer_value(json_object_get(description, "last_numbered_page"));
    guint limit = (guint)json_integer_value(json_object_get(description, "list_limit"));
    return (PageRules){
        .cursors = route->kind == &ISSUE_KIND && g_strcmp0(pagination, "cursor") == 0,
        .last_numbered_page = last_page > 0 ? last_page : LAST_NUMBERED_PAGE,
        .limit = route->show != rest_show_all ? 0
                 : limit > 0                  ? limit
                                              : LIST_LIMIT,
    };
}

static Response *too_deep_page(void)
{
    return response_new_message(
        MHD_HTTP_UNPROCESSABLE_CONTENT,
        "In order to keep the API fast for everyone, pagination is limited for this resource. Check the "
        "rel=last link relation in the Link response header to see how far back you can traverse.");
}

Response *rest_show_list(FakeGithub *fake, Request *request, const Route *route)
{
    g_auto(Writer) writer;
    g_auto(Collection) collection;
    g_auto(Selection) selection = {0};
    Page page;
    writer_init(&writer, fake, request, route);
    if (!collection_open(&collection, route->repository, route->kind, route->key)) {
        return rest_not_found();
    }
    selection_make(&selection, &collection, request);
    PageRules rules = page_rules(route);
    if (!page_parse(&page, request, selection.total, &rules)) {
        return too_deep_page();
    }
    Response *response = response_new_json(MHD_HTTP_OK, write_page(&writer, &collection, &selection, &page));
    add_link_header(response, request, route, &page);
    return response;
}

Response *rest_show_all(FakeGithub *fake, Request *request, const Route *route)
{
    g_auto(Writer) writer;
    g_auto(Collection) owners;
    PageRules rules = page_rules(route);
    Page page;
    writer_init(&writer, fake, request, route);
    collection_open(&owners, route->repository, object_kind(route->kind->parent), NULL);
    g_autoptr(GArray) counts = collection_owned_counts(&owners, route->kind);
    if (!page_parse(&page, request, sum(counts), &rules)) {
        return too_deep_page();
    }
    Response *response =
        response_new_json(MHD_HTTP_OK, write_all(&writer, &owners, route->kind, counts, &page));
    add_link_header(response, request, route, &page);
    return response;
}

Response *rest_show_object(FakeGithub *fake, Request *request, const Route *route)
{
    g_auto(Writer) writer;
    writer_init(&writer, fake, request, route);
    const ObjectKind *described_by =
        route->kind->parent != NULL ? object_kind(route->kind->parent) : route->kind;
    json_auto_t *description = repository_find(route->repository, described_by, route->key);
    json_t *object = description != NULL ? route->kind->complete(&writer.context, description, TRUE) : NULL;
    if (object == NULL) {
        gboolean is_absent = description != NULL && route->kind->absent != NULL;
        return is_absent ? response_new_message(MHD_HTTP_NOT_FOUND, route->kind->absent) : rest_not_found();
    }
    return response_new_json(MHD_HTTP_OK, object);
}

Response *rest_show_user(FakeGithub *fake, Request *request, const Route *route)
{
    g_auto(Writer) writer;
    writer_init(&writer, fake, request, route);
    json_auto_t *user = data_set_user(fake->data, route->key);
    if (user == NULL || json_is_true(json_object_get(user, "gone"))) {
        return rest_not_found();
    }
    return response_new_json(MHD_HTTP_OK, object_complete_public_user(&writer.context, user));
}

Response *rest_show_rate_limit(FakeGithub *fake, Request *request, const Route *route)
{
    (void)request;
    (void)route;
    if (!rate_limit_is_enabled(fake->rate_limit)) {
        return response_new_message(MHD_HTTP_NOT_FOUND, "Rate limiting is not enabled.");
    }
    return response_new_json(MHD_HTTP_OK, rate_limit_overview(fake->rate_limit));
}

Response *rest_show_unknown(FakeGithub *fake, Request *request, const Route *route)
{
    (void)fake;
    (void)request;
    (void)route;
    return rest_not_found();
}
