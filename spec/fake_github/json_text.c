#include "spec/fake_github/json_text.h"

static gboolean is_plain(guint8 letter)
{
    return letter >= 0x20 && letter != '"' && letter != '\\';
}

static void append_escaped(GString *text, guint8 letter)
{
    switch (letter) {
    case '"':
        g_string_append(text, "\\\"");
        break;
    case '\\':
        g_string_append(text, "\\\\");
        break;
    case '\n':
        g_string_append(text, "\\n");
        break;
    case '\r':
        g_string_append(text, "\\r");
        break;
    default:
        g_string_append_printf(text, "\\u%04x", letter);
        break;
    }
}

/* Strings in Jansson are valid UTF-8; only what JSON forbids is escaped. */
static void append_string(GString *text, const char *string, gsize length)
{
    gsize start = 0;
    g_string_append_c(text, '"');
    for (gsize i = 0; i < length; i++) {
        if (!is_plain((guint8)string[i])) {
            g_string_append_len(text, string + start, (gssize)(i - start));
            append_escaped(text, (guint8)string[i]);
            start = i + 1;
        }
    }
    g_string_append_len(text, string + start, (gssize)(length - start));
    g_string_append_c(text, '"');
}

static void append_value(GString *text, const json_t *json);

static void append_object(GString *text, const json_t *object)
{
    const char *separator = "{";
    const char *name = NULL;
    size_t name_length = 0;
    json_t *value = NULL;
    json_object_keylen_foreach((json_t *)object, name, name_length, value)
    {
        g_string_append(text, separator);
        append_string(text, name, name_length);
        g_string_append_c(text, ':');
        append_value(text, value);
        separator = ",";
    }
    g_string_append(text, *separator == '{' ? "{}" : "}");
}

static void append_array(GString *text, const json_t *array)
{
    g_string_append_c(text, '[');
    for (size_t i = 0; i < json_array_size(array); i++) {
        if (i > 0) {
            g_string_append_c(text, ',');
        }
        append_value(text, json_array_get(array, i));
    }
    g_string_append_c(text, ']');
}

static void append_value(GString *text, const json_t *json)
{
    switch (json_typeof(json)) {
    case JSON_OBJECT:
        append_object(text, json);
        break;
    case JSON_ARRAY:
        append_array(text, json);
        break;
    case JSON_STRING:
        append_string(text, json_string_value(json), json_string_length(json));
        break;
    case JSON_INTEGER:
        g_string_append_printf(text, "%" JSON_INTEGER_FORMAT, json_integer_value(json));
        break;
    case JSON_REAL:
        g_string_append_printf(text, "%.17g", json_real_value(json));
        break;
    case JSON_TRUE:
        g_string_append(text, "true");
        break;
    case JSON_FALSE:
        g_string_append(text, "false");
        break;
    case JSON_NULL:
        g_string_append(text, "null");
        break;
    }
}

GString *json_text(const json_t *json)
{
    GString *text = g_string_sized_new(4096);
    append_value(text, json);
    return text;
}
