#include "protocol/json.h"

#include "protocol/ruby_float.h"

#include <string.h>

static void dump_character(GString *out, char c)
{
    static const char letters[] = {['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'};
    guchar byte = (guchar)c;
    if (c == '"' || c == '\\') {
        g_string_append_c(out, '\\');
        g_string_append_c(out, c);
    } else if (byte < sizeof letters && letters[byte]) {
        g_string_append_c(out, '\\');
        g_string_append_c(out, letters[byte]);
    } else {
        g_string_append_printf(out, "\\u%04x", byte);
    }
}

static void dump_string(GString *out, const char *text, gsize length)
{
    g_string_append_c(out, '"');
    const char *end = text + length, *plain = text;
    for (const char *c = text; c < end; c++) {
        if ((guchar)*c >= 0x20 && *c != '"' && *c != '\\')
            continue;
        g_string_append_len(out, plain, c - plain);
        dump_character(out, *c);
        plain = c + 1;
    }
    g_string_append_len(out, plain, end - plain);
    g_string_append_c(out, '"');
}

static void dump(GString *out, const json_t *value);

static void dump_array(GString *out, const json_t *array)
{
    g_string_append_c(out, '[');
    for (gsize i = 0; i < json_array_size(array); i++) {
        if (i > 0)
            g_string_append_c(out, ',');
        dump(out, json_array_get(array, i));
    }
    g_string_append_c(out, ']');
}

static void dump_object(GString *out, const json_t *object)
{
    const char *key, *separator = "{";
    json_t *value;
    json_object_foreach ((json_t *)object, key, value) {
        g_string_append(out, separator);
        dump_string(out, key, strlen(key));
        g_string_append_c(out, ':');
        dump(out, value);
        separator = ",";
    }
    g_string_append(out, json_object_size(object) > 0 ? "}" : "{}");
}

static void dump_integer(GString *out, json_int_t number)
{
    char text[24];
    int length = g_snprintf(text, sizeof text, "%" JSON_INTEGER_FORMAT, number);
    g_string_append_len(out, text, length);
}

static void dump(GString *out, const json_t *value)
{
    char number[RUBY_FLOAT_SIZE];
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        dump_object(out, value);
        break;
    case JSON_ARRAY:
        dump_array(out, value);
        break;
    case JSON_STRING:
        dump_string(out, json_string_value(value), json_string_length(value));
        break;
    case JSON_INTEGER:
        dump_integer(out, json_integer_value(value));
        break;
    case JSON_REAL:
        g_string_append(out, ruby_float_format(number, json_real_value(value)));
        break;
    case JSON_TRUE:
        g_string_append(out, "true");
        break;
    case JSON_FALSE:
        g_string_append(out, "false");
        break;
    case JSON_NULL:
        g_string_append(out, "null");
        break;
    }
}

char *json_dump(const json_t *value)
{
    GString *out = g_string_sized_new(512);
    dump(out, value);
    return g_string_free(out, FALSE);
}

const char *json_string_field(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

gint64 json_integer_field(const json_t *object, const char *key, gint64 otherwise)
{
    const json_t *value = json_object_get(object, key);
    return json_is_integer(value) ? json_integer_value(value) : otherwise;
}

gboolean json_true_field(const json_t *object, const char *key)
{
    return json_is_true(json_object_get(object, key));
}
