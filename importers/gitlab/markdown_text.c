#include "importers/gitlab/markdown_text.h"

#include "importers/github/url.h"
#include "importers/gitlab/people_mode.h"

#include <string.h>

#define NEXT_LINE 0x85 /* white space to Ruby, not to GLib */

char *markdown_text_clean(const char *text)
{
    GString *clean = g_string_new(NULL);
    const char *end;
    while (!g_utf8_validate(text, -1, &end)) {
        g_string_append_len(clean, text, end - text);
        text = end + 1;
    }
    g_string_append_len(clean, text, end - text);
    return g_string_free(clean, FALSE);
}

/* Plain replacement everywhere in the text, code blocks included. (transfer full) */
static char *replace_all(const char *text, const char *find, const char *put)
{
    GString *result = g_string_new(NULL);
    for (const char *match; (match = strstr(text, find)); text = match + strlen(find)) {
        g_string_append_len(result, text, match - text);
        g_string_append(result, put);
    }
    g_string_append(result, text);
    return g_string_free(result, FALSE);
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

/* Length of a run of back-ticks, other characters, and a run of back-ticks; 0 if there is none. A run of two
 * or more that is never closed is a match by itself: its last back-tick closes the others. */
static gsize code_span_length(const char *text)
{
    gsize opening = strspn(text, "`");
    gsize inside = strcspn(text + opening, "`");
    gsize closing = strspn(text + opening + inside, "`");
    if (closing)
        return opening + inside + closing;
    return opening >= 2 ? opening : 0;
}

/* Length of `@name`; 0 if there is none. */
static gsize mention_length(const char *text)
{
    gsize name = strspn(text + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-#./");
    return name ? name + 1 : 0;
}

/* A mention may follow one of these. */
static gboolean may_precede_mention(char c)
{
    return c == ' ' || c == '(' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

/* The character before a mention stays outside of the back-ticks only if it is a space or a parenthesis: as
 * in GitLab. */
static void append_mention(GString *result, const char *match, const char *end)
{
    gboolean outside = *match == ' ' || *match == '(';
    if (outside)
        g_string_append_c(result, *match++);
    g_string_append_c(result, '`');
    g_string_append_len(result, match, end - match);
    g_string_append_c(result, '`');
}

/* After each match the rest counts as a new text, at whose start a mention needs nothing before it. */
char *markdown_text_wrap_mentions(const char *text)
{
    GString *result = g_string_sized_new(strlen(text));
    const char *rest = text; /* behind the last match */
    const char *at = text;
    while (*(at += strcspn(at, "`@"))) {
        gsize length = *at == '`' ? code_span_length(at) : mention_length(at);
        const char *match = *at == '@' && at > rest ? at - 1 : at;
        if (!length || (match < at && !may_precede_mention(*match))) {
            at++;
            continue;
        }
        g_string_append_len(result, rest, match - rest);
        if (*at == '`')
            g_string_append_len(result, at, (gssize)length);
        else
            append_mention(result, match, at + length);
        rest = at += length;
    }
    g_string_append_len(result, rest, at - rest);
    return g_string_free(result, FALSE);
}

gboolean markdown_text_is_blank(const char *text)
{
    for (; *text; text = g_utf8_next_char(text)) {
        gunichar c = g_utf8_get_char(text);
        if (!g_unichar_isspace(c) && c != '\v' && c != NEXT_LINE)
            return FALSE;
    }
    return TRUE;
}

static gboolean is_named(const char *author_login, gboolean author_found)
{
    return !author_found && author_login && !markdown_text_is_blank(author_login);
}

/* `text` is consumed. (transfer full) */
static char *with_author(char *text, const char *login)
{
    g_autofree char *owned = text;
    return g_strdup_printf("*Created by: %s*\n\n%s", login, owned);
}

/* `text` is consumed. (transfer full) */
static char *with_project_links(char *text, const Session *session, const Project *project)
{
    g_autofree char *web =
        github_web_endpoint(project->import_url, session->configuration->github_site, NULL);
    if (!web || !strstr(text, web)) /* a project without import URL has no links to it */
        return text;
    g_autofree char *owned = text;
    g_autofree char *url = g_strdup_printf("%s/%s", session->configuration->gitlab_url, project->full_path);
    return markdown_text_convert_links(owned, web, project->import_source, url);
}

char *markdown_text_format(const Session *session, const Project *project, MarkdownTextKind kind,
                           const char *text, const char *author_login, gboolean author_found)
{
    gboolean newest = people_mode_is_newest(session), named = is_named(author_login, author_found);
    g_autofree char *formatted = markdown_text_clean(text ? text : "");
    if (markdown_text_is_blank(formatted) && (newest || !named))
        return NULL;
    if (named && newest)
        formatted = with_author(g_steal_pointer(&formatted), author_login);
    if (newest || kind == MARKDOWN_TEXT_NOTE)
        formatted = with_project_links(g_steal_pointer(&formatted), session, project);
    char *wrapped = markdown_text_wrap_mentions(formatted);
    return named && !newest ? with_author(wrapped, author_login) : wrapped;
}
