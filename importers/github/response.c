#include "importers/github/response.h"

#include "importers/github/error.h"
#include "importers/github/url.h"
#include "protocol/json.h"

#include <string.h>

#define MAX_VALUES 250000

static gboolean body_mentions(const HttpResponse *response, const char *phrase)
{
    g_autofree char *body = g_ascii_strdown(response->body->str, -1);
    return strstr(body, phrase) != NULL;
}

/* 429 and "abuse" are plain errors to GitLab; here they are the limits that GitHub documents them to be. */
static gboolean rate_limited(const HttpResponse *response)
{
    if (response->status == 429)
        return TRUE;
    if (response->status != 403)
        return FALSE;
    if (body_mentions(response, "rate limit exceeded") || body_mentions(response, "secondary rate limit"))
        return TRUE;
    return body_mentions(response, "abuse") && !body_mentions(response, "login attempts exceeded");
}

static GithubErrorCode code_of_status(guint status)
{
    switch (status) {
    case 401:
        return GITHUB_ERROR_UNAUTHORIZED;
    case 403:
        return GITHUB_ERROR_FORBIDDEN;
    case 404:
        return GITHUB_ERROR_NOT_FOUND;
    case 410:
    case 451:
        return GITHUB_ERROR_GONE;
    case 422:
        return GITHUB_ERROR_UNPROCESSABLE;
    default:
        return status >= 500 ? GITHUB_ERROR_SERVER : GITHUB_ERROR_CLIENT;
    }
}

/* A JSON value in a sentence: strings bare, all else as JSON. (transfer full) */
static char *display(const json_t *value)
{
    return json_is_string(value) ? g_strdup(json_string_value(value)) : json_dump(value);
}

static void append_error_summary(GString *text, const json_t *errors)
{
    size_t index;
    json_t *item;
    g_string_append(text, "\nError summary:\n");
    if (json_is_string(errors))
        g_string_append(text, json_string_value(errors));
    json_array_foreach (errors, index, item) {
        const char *key;
        json_t *value;
        json_object_foreach (item, key, value) {
            g_autofree char *shown = display(value);
            g_string_append_printf(text, "  %s: %s\n", key, shown);
        }
        if (!json_is_object(item)) {
            g_autofree char *shown = display(item);
            g_string_append_printf(text, "  %s\n", shown);
        }
    }
    if (text->str[text->len - 1] == '\n')
        g_string_truncate(text, text->len - 1);
}

static char *error_text(const HttpResponse *response, const char *url, const char *token)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_string_printf(text, "GET %s: %u - ", url, response->status);
    g_autoptr(json_t) data = json_parse(response->body->str, response->body->len, NULL);
    if (!data)
        g_string_append(text, response->body->str);
    else if (json_string_field(data, "message"))
        g_string_append(text, json_string_field(data, "message"));
    if (json_string_field(data, "error"))
        g_string_append_printf(text, "Error: %s", json_string_field(data, "error"));
    const json_t *errors = json_object_get(data, "errors");
    if (json_array_size(errors) > 0 || json_string_length(errors) > 0)
        append_error_summary(text, errors);
    if (json_string_field(data, "documentation_url"))
        g_string_append_printf(text, " // See: %s", json_string_field(data, "documentation_url"));
    g_autofree char *valid = g_utf8_make_valid(text->str, (gssize)text->len);
    return github_redact(valid, token);
}

gboolean github_response_check(const HttpResponse *response, const char *url, const char *token,
                               RateLimit *limit, GError **error)
{
    if (response->status / 100 == 2 || response->status == 304)
        return TRUE;
    if (rate_limited(response)) {
        double wait = rate_limit_refused(limit, response);
        g_autofree char *valid = g_utf8_make_valid(response->body->str, (gssize)response->body->len);
        g_autofree char *body = github_redact(valid, token);
        github_set_rate_limit_error(error, wait, body);
        return FALSE;
    }
    g_autofree char *text = error_text(response, url, token);
    g_set_error_literal(error, GITHUB_ERROR, code_of_status(response->status), text);
    return FALSE;
}

static gsize count_values(const json_t *value)
{
    gsize count = 1;
    size_t index;
    const char *key;
    json_t *child;
    json_array_foreach (value, index, child)
        count += count_values(child);
    json_object_foreach ((json_t *)value, key, child)
        count += count_values(child);
    return count;
}

json_t *github_response_json(const HttpResponse *response, GError **error)
{
    g_autoptr(GError) cause = NULL;
    g_autoptr(json_t) value = json_parse(response->body->str, response->body->len, &cause);
    if (!value) {
        g_set_error(error, GITHUB_ERROR, GITHUB_ERROR_BODY, "GitHub's answer is not JSON: %s",
                    cause->message);
        return NULL;
    }
    if (count_values(value) > MAX_VALUES) {
        g_set_error(error, GITHUB_ERROR, GITHUB_ERROR_TOO_LARGE, "Response has more than %d JSON values",
                    MAX_VALUES);
        return NULL;
    }
    return g_steal_pointer(&value);
}
