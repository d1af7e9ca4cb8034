#include "spec/fake_github/json_text.h"

enum { SURROGATE_LEAD = 0xed, FIRST_SURROGATE_BYTE = 0xa0 };

static gboolean is_plain(guint8 letter)
{
    return letter >= 0x20 && letter != '"' && letter != '\\' && letter != SURROGATE_LEAD;
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

/* Three bytes that UTF-8 forbids: the code point is in the surrogate area. */
static gboolean is_surrogate(const guint8 *bytes, gsize length)
{
    return length >= 3 && bytes[0] == SURROGATE_LEAD && bytes[1] >= FIRST_SURROGATE_BYTE;
}

/* Appends what is not plain; returns how many bytes that took. */
static gsize append_special(GString *text, const guint8 *bytes, gsize length)
{
    if (is_surrogate(bytes, length)) {
        guint code_point = 0xd000u | (bytes[1] & 0x3fu) << 6 | (bytes[2] & 0x3fu);
        g_string_append_printf(text, "\\u%04x", code_point);
        return 3;
    }
    if (bytes[0] == SURROGATE_LEAD) {
        g_string_append_c(text, (char)bytes[0]);
    } else {
        append_escaped(text, bytes[0]);
    }
    return 1;
}

static void append_string(GString *text, const char *string, gsize length)
{
    const guint8 *bytes = (const guint8 *)string;
    gsize done = 0;
    g_string_append_c(text, '"');
    while (done < length) {
        gsize end = done;
        while (end < length && is_plain(bytes[end])) {
            end++;
        }
        g_string_append_len(text, string + done, (gssize)(end - done));
        done = end < length ? end + append_special(text, bytes + end, length - end) : end;
    }
    g_string_append_c(text, '"');
}

static void append_value(GString *text, const json_t *json);

/* Object -> text; an object in here is never freed, so its address stays its own. */
static GRWLock kept_lock;
static GHashTable *kept;

static gboolean append_kept(GString *text, const json_t *object)
{
    g_autoptr(GRWLockReaderLocker) locker = g_rw_lock_reader_locker_new(&kept_lock);
    const GString *made = kept != NULL ? g_hash_table_lookup(kept, object) : NULL;
    if (made != NULL) {
        g_string_append_len(text, made->str, (gssize)made->len);
    }
    return made != NULL;
}

static void append_object(GString *text, const json_t *object)
{
    if (append_kept(text, object)) {
        return;
    }
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

void json_text_keep(json_t *object)
{
    GString *text = json_text(object);
    g_autoptr(GRWLockWriterLocker) locker = g_rw_lock_writer_locker_new(&kept_lock);
    if (kept == NULL) {
        kept = g_hash_table_new(NULL, NULL);
    }
    g_hash_table_insert(kept, json_incref(object), text);
}
