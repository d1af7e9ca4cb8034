#include "importers/http/receiving.h"

#include <string.h>

void receiving_clear(Receiving *receiving)
{
    g_clear_pointer(&receiving->content_length, g_free);
    g_clear_pointer(&receiving->unpacking, unpacking_free);
}

guint receiving_status(const Receiving *receiving)
{
    long status = 0;
    curl_easy_getinfo(receiving->curl, CURLINFO_RESPONSE_CODE, &status);
    return (guint)status;
}

/* Two different lengths: who reads the first and who reads the last see different answers (RFC 9112, 6.3). */
static gboolean check_content_length(Receiving *receiving, const char *line)
{
    if (g_ascii_strncasecmp(line, "Content-Length:", strlen("Content-Length:")) != 0)
        return TRUE;
    char *value = g_strstrip(g_strdup(line + strlen("Content-Length:")));
    gboolean same = !receiving->content_length || g_str_equal(receiving->content_length, value);
    g_free(receiving->content_length);
    receiving->content_length = value;
    return same;
}

gboolean receiving_header(Receiving *receiving, const char *line, gsize length, GError **error)
{
    g_autofree char *text = g_strndup(line, length);
    const char *wrong = NULL;
    if (g_str_has_prefix(text, "HTTP/")) {
        g_clear_pointer(&receiving->content_length, g_free);
        receiving->headers_end = FALSE;
    }
    /* More may follow the last chunk of a body. */
    receiving->headers_end = receiving->headers_end || *text == '\r' || *text == '\n';
    receiving->headers_length += length;
    if (receiving->headers_length > HTTP_MAX_HEADERS)
        wrong = "The answer has too many headers";
    else if (!check_content_length(receiving, text))
        wrong = "The answer has two different lengths";
    if (wrong)
        g_set_error_literal(error, HTTP_ERROR, HTTP_ERROR_ANSWER, wrong);
    return wrong == NULL;
}

static gboolean announce(const Receiving *receiving, GError **error)
{
    guint64 length;
    const HttpSink *sink = receiving->sink;
    return !sink->announce || !receiving->content_length ||
           !g_ascii_string_to_unsigned(receiving->content_length, 10, 0, G_MAXUINT64, &length, NULL) ||
           sink->announce(sink->data, length, error);
}

static gboolean begin_body(Receiving *receiving, GError **error)
{
    struct curl_header *encoding = NULL;
    receiving->body_begun = TRUE;
    if (curl_easy_header(receiving->curl, "Content-Encoding", 0, CURLH_HEADER, -1, &encoding) != CURLHE_OK ||
        !*encoding->value || g_ascii_strcasecmp(encoding->value, "identity") == 0)
        return announce(receiving, error);
    gboolean gzip = g_ascii_strcasecmp(encoding->value, "gzip") == 0 ||
                    g_ascii_strcasecmp(encoding->value, "x-gzip") == 0;
    if (gzip && encoding->amount == 1)
        receiving->unpacking = unpacking_new(receiving->sink);
    else
        g_set_error_literal(error, HTTP_ERROR, HTTP_ERROR_BODY,
                            "The answer is packed in another way than gzip");
    return receiving->unpacking != NULL;
}

gboolean receiving_body(Receiving *receiving, const char *bytes, gsize length, GError **error)
{
    const HttpSink *sink = receiving->sink;
    if (!sink || (receiving->only_success && receiving_status(receiving) / 100 != 2)) {
        receiving->dropped += length;
        return !receiving_had_enough(receiving);
    }
    if (!receiving->body_begun && !begin_body(receiving, error))
        return FALSE;
    return receiving->unpacking ? unpacking_write(receiving->unpacking, bytes, length, error)
                                : sink->write(sink->data, bytes, length, error);
}

gboolean receiving_had_enough(const Receiving *receiving)
{
    return receiving->dropped > HTTP_MAX_DROPPED;
}

gboolean receiving_finish(const Receiving *receiving, GError **error)
{
    if (!receiving->headers_end || receiving_status(receiving) < 200) {
        g_set_error_literal(error, HTTP_ERROR, HTTP_ERROR_BODY, "The answer ends within its headers");
        return FALSE;
    }
    return !receiving->unpacking || unpacking_finish(receiving->unpacking, error);
}
