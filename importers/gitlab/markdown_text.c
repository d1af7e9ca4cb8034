#include "importers/gitlab/markdown_text.h"

#include <string.h>

/* Plain replacement everywhere in the text, code blocks included. */
static char *replace_all(const char *text, const char *find, const char *put)
{
    g_autoptr(GString) result = g_string_new(text);

    g_string_replace(result, find, put, 0);
    return g_string_free(g_steal_pointer(&result), FALSE);
}

char *markdown_text_convert_links(const char *text, const char *web_endpoint, const char *import_source,
                                  const char *project_url)
{
    g_autofree char *issues = g_strdup_printf("%s/%s/issues", web_endpoint, import_source);
    g_autofree char *pulls = g_strdup_printf("%s/%s/pull", web_endpoint, import_source);
    g_autofree char *project_issues = g_strdup_printf("%s/-/issues", project_url);
    g_autofree char *merge_requests = g_strdup_printf("%s/-/merge_requests", project_url);
    g_autofree char *converted = replace_all(text, issues, project_issues);

    return replace_all(converted, pulls, merge_requests);
}

/* Length of a run of back-ticks, other characters, and a run of back-ticks; 0 if `text` does not begin with
 * one. A run of two or more that is never closed is a match by itself: its last back-tick closes the others.
 */
static gsize code_span_length(const char *text)
{
    gsize opening = strspn(text, "`");
    gsize inside = strcspn(text + opening, "`");
    gsize closing = strspn(text + opening + inside, "`");

    if (opening && closing)
        return opening + inside + closing;
    return opening >= 2 ? opening : 0;
}

/* Length of `@name` at `text`; 0 if there is none. */
static gsize mention_length(const char *text)
{
    gsize name;

    if (*text != '@')
        return 0;
    name = strspn(text + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-#./");
    return name ? name + 1 : 0;
}

/* A mention may follow one of these. */
static gboolean may_precede_mention(char c)
{
    return c == ' ' || c == '(' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

/* A blank or parenthesis stays outside of the back-ticks only if it is a space or a parenthesis: as in
 * GitLab. */
static void append_mention(GString *result, const char *match, gsize length)
{
    gboolean outside = *match == ' ' || *match == '(';

    if (outside)
        g_string_append_c(result, *match);
    g_string_append_c(result, '`');
    g_string_append_len(result, match + outside, (gssize)(length - outside));
    g_string_append_c(result, '`');
}

/* Length of the match of a mention, with the character before it if that belongs to it; 0: none here. After
 * each match the rest counts as a new text, so `at_start` holds again. */
static gsize mention_match_length(const char *text, gboolean at_start)
{
    gsize length;

    if (at_start && (length = mention_length(text)))
        return length;
    if (may_precede_mention(*text) && (length = mention_length(text + 1)))
        return length + 1;
    return 0;
}

char *markdown_text_wrap_mentions(const char *text)
{
    GString *result = g_string_new(NULL);
    gboolean at_start = TRUE;

    while (*text) {
        gsize code = code_span_length(text);
        gsize mention = code ? 0 : mention_match_length(text, at_start);

        if (mention)
            append_mention(result, text, mention);
        else
            g_string_append_len(result, text, code ? (gssize)code : 1);
        text += mention ? mention : code ? code : 1;
        at_start = code || mention;
    }
    return g_string_free(result, FALSE);
}

static gboolean is_blank(const char *text)
{
    return text[strspn(text, " \t\n\v\f\r")] == '\0';
}

char *markdown_text_format(const char *text, const Project *project, const GithubClient *github,
                           const Configuration *configuration)
{
    g_autofree char *project_url = NULL, *linked = NULL;

    if (is_blank(text))
        return NULL;
    project_url = g_strdup_printf("%s/%s", configuration->gitlab_url, project->full_path);
    linked = markdown_text_convert_links(text, github_client_web_endpoint(github), project->import_source,
                                         project_url);
    return markdown_text_wrap_mentions(linked);
}
