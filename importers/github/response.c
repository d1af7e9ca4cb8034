#include "importers/github/response.h"

#include "importers/github/error.h"
#include "importers/github/url.h"
#include "protocol/json.h"

#define MAX_VALUES 250000

/*
 * Octokit::Error.from_response: the first row of the status whose text occurs in the body, in any case.
 * TooManyRequests, which GitLab turns into its RateLimitError, is that here. AbuseDetected and 429 are plain
 * errors to GitLab; here they are the limits that GitHub documents them to be.
 */
static const struct {
    guint status;
    const char *text; /* a regular expression; NULL: whatever the body says */
    GithubErrorCode code;
} ERRORS[] = {
    {400, NULL, GITHUB_ERROR_BAD_REQUEST},
    {401, NULL, GITHUB_ERROR_UNAUTHORIZED},
    {403, "rate limit exceeded", GITHUB_ERROR_RATE_LIMIT},
    {403, "secondary rate limit", GITHUB_ERROR_RATE_LIMIT},
    {403, "login attempts exceeded", GITHUB_ERROR_TOO_MANY_LOGIN_ATTEMPTS},
    {403, "(returns|for) blobs (up to|between) [0-9-]+ MB", GITHUB_ERROR_TOO_LARGE_CONTENT},
    {403, "abuse", GITHUB_ERROR_RATE_LIMIT},
    {403, "repository access blocked", GITHUB_ERROR_REPOSITORY_UNAVAILABLE},
    {403, "email address must be verified", GITHUB_ERROR_UNVERIFIED_EMAIL},
    {403, "account was suspended", GITHUB_ERROR_ACCOUNT_SUSPENDED},
    {403, "billing issue", GITHUB_ERROR_BILLING_ISSUE},
    {403, "resource protected by organization saml enforcement", GITHUB_ERROR_SAML_PROTECTED},
    {403, "suspended your access|this installation has been suspended", GITHUB_ERROR_INSTALLATION_SUSPENDED},
    {403, NULL, GITHUB_ERROR_FORBIDDEN},
    {404, "branch not protected", GITHUB_ERROR_BRANCH_NOT_PROTECTED},
    {404, NULL, GITHUB_ERROR_NOT_FOUND},
    {405, NULL, GITHUB_ERROR_METHOD_NOT_ALLOWED},
    {406, NULL, GITHUB_ERROR_NOT_ACCEPTABLE},
    {409, NULL, GITHUB_ERROR_CONFLICT},
    {410, NULL, GITHUB_ERROR_DEPRECATED},
    {415, NULL, GITHUB_ERROR_UNSUPPORTED_MEDIA_TYPE},
    {422, NULL, GITHUB_ERROR_UNPROCESSABLE},
    {429, NULL, GITHUB_ERROR_RATE_LIMIT},
    {451, NULL, GITHUB_ERROR_UNAVAILABLE_FOR_LEGAL_REASONS},
    {500, NULL, GITHUB_ERROR_INTERNAL_SERVER},
    {501, NULL, GITHUB_ERROR_NOT_IMPLEMENTED},
    {502, NULL, GITHUB_ERROR_BAD_GATEWAY},
    {503, NULL, GITHUB_ERROR_SERVICE_UNAVAILABLE},
};

static gboolean matches(const char *text, const char *pattern)
{
    return g_regex_match_simple(pattern, text, G_REGEX_CASELESS | G_REGEX_RAW, 0);
}

/* Octokit::OneTimePasswordRequired is the one class that a header tells. */
static gboolean asks_for_password(const HttpResponse *response)
{
    const char *header = http_answer_header(response->answer, "x-github-otp");
    return response->answer->status == 401 && header && matches(header, "required; \\w+");
}

static GithubErrorCode error_code(const HttpResponse *response)
{
    if (asks_for_password(response))
        return GITHUB_ERROR_ONE_TIME_PASSWORD_REQUIRED;
    for (gsize i = 0; i < G_N_ELEMENTS(ERRORS); i++)
        if (ERRORS[i].status == response->answer->status &&
            (!ERRORS[i].text || matches(response->body->str, ERRORS[i].text)))
            return ERRORS[i].code;
    return response->answer->status >= 500 ? GITHUB_ERROR_SERVER : GITHUB_ERROR_CLIENT;
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

static char *error_text(const HttpResponse *response, const char *request, const char *token)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_string_printf(text, "%s: %u - ", request, response->answer->status);
    g_autoptr(json_t) data = json_parse_lenient(response->body->str, response->body->len, NULL);
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
    if (response->answer->status == 406)
        g_string_append(text, " // Does the address of the API lack its /api/v3?");
    g_autofree char *valid = g_utf8_make_valid(text->str, (gssize)text->len);
    return github_redact(valid, token);
}

gboolean github_response_check(const HttpResponse *response, const char *request, const char *token,
                               RateLimit *limit, GError **error)
{
    if (response->answer->status / 100 == 2 || response->answer->status == 304)
        return TRUE;
    GithubErrorCode code = error_code(response);
    if (code == GITHUB_ERROR_RATE_LIMIT) {
        double wait = rate_limit_refused(limit, response);
        g_autofree char *valid = g_utf8_make_valid(response->body->str, (gssize)response->body->len);
        g_autofree char *body = github_redact(valid, token);
        github_set_rate_limit_error(error, wait, body);
        return FALSE;
    }
    g_autofree char *text = error_text(response, request, token);
    g_set_error_literal(error, GITHUB_ERROR, code, text);
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

json_t *github_response_json(const HttpResponse *response, json_type type, GError **error)
{
    g_autoptr(GError) cause = NULL;
    g_autoptr(json_t) value = json_parse_lenient(response->body->str, response->body->len, &cause);
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
    if (json_typeof(value) != type) {
        g_set_error(error, GITHUB_ERROR, GITHUB_ERROR_BODY, "GitHub's answer is not a JSON %s",
                    type == JSON_ARRAY ? "array" : "object");
        return NULL;
    }
    return g_steal_pointer(&value);
}
