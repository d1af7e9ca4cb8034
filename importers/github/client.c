#include "importers/github/client.h"

#include "importers/github/github_metrics.h"
#include "importers/github/request.h"
#include "importers/github/url.h"

GithubClient *github_client_with_rules(Session *session, const Project *project, const ImportData *data,
                                       OutboundRules *rules, GError **error)
{
    const Configuration *configuration = session->configuration;
    g_autoptr(GithubClient) client = g_new0(GithubClient, 1);
    client->session = session;
    client->rules = rules;
    client->http = (HttpOptions){
        configuration->github_verify_ssl,
        configuration->github_timeout ? configuration->github_timeout : HTTP_TIMEOUT,
        HTTP_MAX_BODY,
        rules,
    };
    client->per_page = data->pagination_limit;
    client->token = g_strdup(data->token);
    client->import_url = g_strdup(project->import_url);
    client->repository_path = g_strconcat("repos/", project->import_source, NULL);
    if (!github_repository_valid(project->import_source)) {
        g_set_error(error, GITHUB_ERROR, GITHUB_ERROR_INVALID_REPOSITORY,
                    "\"%s\" is invalid as a repository identifier. Use the user/repo (String) format.",
                    project->import_source ? project->import_source : "");
        return NULL;
    }
    client->endpoint = github_api_endpoint(project->import_url, configuration->github_site, error);
    if (!client->endpoint)
        return NULL;
    client->web_endpoint = github_web_endpoint(project->import_url, configuration->github_site, error);
    if (!client->web_endpoint)
        return NULL;
    g_autofree char *graphql = github_graphql_endpoint(client->endpoint);
    client->limit = rate_limit_for(client->endpoint, client->token);
    client->graphql_limit = rate_limit_for(graphql, client->token);
    return g_steal_pointer(&client);
}

static void set_no_token(GError **error)
{
    g_set_error_literal(error, GITHUB_ERROR, GITHUB_ERROR_NO_TOKEN,
                        "The import has no GitHub token any more");
}

GithubClient *github_client_new(Session *session, const Project *project, const ImportData *data,
                                GError **error)
{
    if (!data || !data->token || !*data->token) {
        set_no_token(error);
        return NULL;
    }
    OutboundRules *rules = outbound_rules_load(session, error);
    return rules ? github_client_with_rules(session, project, data, rules, error) : NULL;
}

void github_client_free(GithubClient *client)
{
    g_free(client->endpoint);
    g_free(client->web_endpoint);
    g_free(client->repository_path);
    g_free(client->import_url);
    g_free(client->token);
    outbound_rules_free(client->rules);
    g_free(client);
}

static gboolean check_client(const GithubClient *client, GError **error)
{
    if (!client)
        set_no_token(error);
    return client != NULL;
}

json_t *github_get(GithubClient *client, const char *path, GError **error)
{
    if (!check_client(client, error))
        return NULL;
    g_autofree char *url = github_request_url(client->endpoint, path, NULL, 0);
    g_autoptr(HttpResponse) response = github_request(client, url, NULL, error);
    return response ? github_response_json(response, JSON_OBJECT, error) : NULL;
}

json_t *github_get_conditional(GithubClient *client, const char *path, char **etag, gboolean *not_modified,
                               GError **error)
{
    *not_modified = FALSE;
    if (!check_client(client, error))
        return NULL;
    g_autofree char *url = github_request_url(client->endpoint, path, NULL, 0);
    g_autoptr(HttpResponse) response = github_request(client, url, *etag, error);
    if (!response)
        return NULL;
    if (response->answer->status == 304) {
        github_metrics_count_not_modified();
        *not_modified = TRUE;
        return NULL;
    }
    json_t *object = github_response_json(response, JSON_OBJECT, error);
    if (object) {
        g_free(*etag);
        *etag = g_strdup(http_answer_header(response->answer, "etag"));
    }
    return object;
}

const char *github_client_repository_path(const GithubClient *client)
{
    return client->repository_path;
}

const char *github_client_web_endpoint(const GithubClient *client)
{
    return client->web_endpoint;
}

const char *github_client_token(const GithubClient *client)
{
    return client->token;
}

char *github_client_clone_url(const GithubClient *client)
{
    /* The import URL was parsed when the client was made. */
    return github_url_with_token(client->import_url, client->token, NULL);
}
