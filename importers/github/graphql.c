#include "importers/github/graphql.h"

#include "importers/github/error.h"
#include "importers/github/request.h"
#include "importers/github/url.h"
#include "protocol/json.h"

#include <string.h>

/* The first error's text. Borrowed. */
static const char *message_of(const json_t *answer)
{
    const char *message = json_string_field(json_array_get(json_object_get(answer, "errors"), 0), "message");
    return message ? message : "GraphQL answered without data";
}

static gboolean tells_rate_limit(const json_t *answer)
{
    const char *type = json_string_field(json_array_get(json_object_get(answer, "errors"), 0), "type");
    return g_strcmp0(type, "RATE_LIMITED") == 0 || strstr(message_of(answer), "rate limit") != NULL;
}

static void set_failure(GithubClient *client, const HttpResponse *response, const json_t *answer,
                        GError **error)
{
    g_autofree char *message = github_redact(message_of(answer), client->token);
    if (tells_rate_limit(answer))
        github_set_rate_limit_error(error, rate_limit_refused(client->graphql_limit, response), message);
    else
        g_set_error_literal(error, GITHUB_ERROR, GITHUB_ERROR_GRAPHQL, message);
}

json_t *github_graphql(GithubClient *client, const char *query, json_t *variables, json_t **errors,
                       GError **error)
{
    g_autoptr(json_t) question = json_pack("{s:s, s:o}", "query", query, "variables", variables);
    g_autofree char *text = json_dump(question);
    g_autofree char *url = github_graphql_endpoint(client->endpoint);
    g_autoptr(HttpResponse) response = github_post(client, url, text, error);
    if (!response)
        return NULL;
    g_autoptr(json_t) answer = github_response_json(response, JSON_OBJECT, error);
    if (!answer)
        return NULL;
    json_t *data = json_object_get(answer, "data");
    if (json_is_object(data)) {
        *errors = json_incref(json_object_get(answer, "errors"));
        return json_incref(data);
    }
    set_failure(client, response, answer, error);
    return NULL;
}
