#include "importers/github/client.h"
#include "importers/github/link_header.h"
#include "importers/github/request.h"
#include "importers/github/url.h"

struct GithubPages {
    GithubClient *client; /* borrowed */
    char *path, *query;
    char *next; /* URL of the page to fetch, NULL at the end */
    char *url;  /* of the page returned last, NULL before the first */
    guint number;
};

GithubPages *github_pages(GithubClient *client, const char *path, const char *query, const char *resume)
{
    GithubPages *pages = g_new0(GithubPages, 1);
    pages->client = client;
    pages->path = g_strdup(path);
    pages->query = g_strdup(query);
    if (resume && *resume)
        pages->next = g_strdup(resume);
    else
        github_pages_set_size(pages, client->per_page);
    return pages;
}

void github_pages_set_size(GithubPages *pages, guint per_page)
{
    g_free(pages->next);
    pages->next = github_request_url(pages->client->endpoint, pages->path, pages->query, per_page);
}

static gboolean check_host(const GithubPages *pages, const char *url, GError **error)
{
    if (github_url_trusted(url, pages->client->endpoint))
        return TRUE;
    g_autofree char *redacted = github_redact(url, pages->client->token);
    g_set_error(
        error, GITHUB_ERROR, GITHUB_ERROR_INVALID_URL,
        "Invalid pagination URL: %s is not at %s (a proxy in front of GitHub must rewrite the Link header)",
        redacted, pages->client->endpoint);
    return FALSE;
}

/* The state changes only when a page was read in full, so that a failed call can be repeated. */
json_t *github_pages_next(GithubPages *pages, GError **error)
{
    if (!pages->next || !check_host(pages, pages->next, error))
        return NULL;
    g_autoptr(HttpResponse) response = github_request(pages->client, pages->next, NULL, error);
    if (!response)
        return NULL;
    g_autoptr(json_t) objects = github_response_json(response, JSON_ARRAY, error);
    if (!objects)
        return NULL;
    g_autofree char *following = NULL;
    if (!link_header_next(http_answer_header(response->answer, "link"), &following, error))
        return NULL;
    g_free(pages->url);
    pages->url = g_steal_pointer(&pages->next);
    pages->next = g_steal_pointer(&following);
    guint in_url = github_url_page(pages->url);
    pages->number = in_url ? in_url : pages->number + 1;
    return g_steal_pointer(&objects);
}

guint github_pages_number(const GithubPages *pages)
{
    return pages->number;
}

const char *github_pages_url(const GithubPages *pages)
{
    return pages->url;
}

void github_pages_free(GithubPages *pages)
{
    g_free(pages->path);
    g_free(pages->query);
    g_free(pages->next);
    g_free(pages->url);
    g_free(pages);
}
