#include "importers/gitlab/ruby_marshal.h"

#include "protocol/error_class.h"

#include <string.h>

#define MAX_DEPTH     16
#define DUMP_OVERHEAD 16 /* bytes around a symbol or a string, at most */

static const char *ruby_marshal_error_class(G_GNUC_UNUSED int code)
{
    return "TypeError";
}

DEFINE_ERROR_DOMAIN(ruby_marshal_error, ruby_marshal_error_class)

/* A piece of the dump. */
typedef struct Bytes {
    const guint8 *at; /* NULL: not a string */
    gsize length;
} Bytes;

typedef struct Value {
    gboolean nil;
    Bytes string; /* at NULL for any other type */
} Value;

typedef struct Reader {
    const guint8 *at, *end;
    GArray *symbols; /* of Bytes, in order of appearance: `;` refers to them by index */
    GArray *objects; /* of Value: `@` refers to them by index */
    guint depth;
} Reader;

static gboolean read_value(Reader *reader, Value *value, GError **error);

static gboolean truncated(GError **error)
{
    g_set_error_literal(error, RUBY_MARSHAL_ERROR, RUBY_MARSHAL_ERROR_FORMAT,
                        "the Marshal dump is truncated");
    return FALSE;
}

static gboolean refused(guint8 type, GError **error)
{
    g_set_error(error, RUBY_MARSHAL_ERROR, RUBY_MARSHAL_ERROR_TYPE, "the Marshal dump holds the type 0x%02x",
                type);
    return FALSE;
}

static gboolean read_byte(Reader *reader, guint8 *byte, GError **error)
{
    if (reader->at == reader->end)
        return truncated(error);
    *byte = *reader->at++;
    return TRUE;
}

/* One signed byte: 0 is zero; 1 to 4 and -1 to -4 say how many little-endian bytes follow; the others hold
 * the number itself, moved by 5. */
static gboolean read_integer(Reader *reader, gint64 *number, GError **error)
{
    guint8 byte;
    if (!read_byte(reader, &byte, error))
        return FALSE;
    int head = (gint8)byte;
    if (head == 0 || ABS(head) > 4) {
        *number = head == 0 ? 0 : head > 0 ? head - 5 : head + 5;
        return TRUE;
    }
    guint n_bytes = (guint)ABS(head);
    gint64 sum = 0;
    for (guint i = 0; i < n_bytes; i++) {
        if (!read_byte(reader, &byte, error))
            return FALSE;
        sum |= (gint64)byte << (8 * i);
    }
    *number = head > 0 ? sum : sum - ((gint64)1 << (8 * n_bytes));
    return TRUE;
}

static gboolean read_count(Reader *reader, gsize *count, GError **error)
{
    gint64 number;
    if (!read_integer(reader, &number, error))
        return FALSE;
    if (number < 0 || number > reader->end - reader->at)
        return truncated(error);
    *count = (gsize)number;
    return TRUE;
}

static gboolean read_bytes(Reader *reader, Bytes *bytes, GError **error)
{
    if (!read_count(reader, &bytes->length, error))
        return FALSE;
    bytes->at = reader->at;
    reader->at += bytes->length;
    return TRUE;
}

static gboolean read_symbol(Reader *reader, Bytes *symbol, GError **error)
{
    guint8 type;
    gint64 index;
    if (!read_byte(reader, &type, error))
        return FALSE;
    if (type == ':') {
        if (!read_bytes(reader, symbol, error))
            return FALSE;
        g_array_append_val(reader->symbols, *symbol);
        return TRUE;
    }
    if (type != ';')
        return refused(type, error);
    if (!read_integer(reader, &index, error))
        return FALSE;
    if (index < 0 || index >= (gint64)reader->symbols->len)
        return refused(type, error);
    *symbol = g_array_index(reader->symbols, Bytes, (guint)index);
    return TRUE;
}

static gboolean read_string(Reader *reader, Value *value, GError **error)
{
    if (!read_bytes(reader, &value->string, error))
        return FALSE;
    g_array_append_val(reader->objects, *value);
    return TRUE;
}

/* A string followed by its instance variables, of which Ruby writes one: the encoding. */
static gboolean read_encoded_string(Reader *reader, Value *value, GError **error)
{
    guint8 type;
    gsize n_variables;
    if (!read_byte(reader, &type, error))
        return FALSE;
    if (type != '"')
        return refused(type, error);
    if (!read_string(reader, value, error) || !read_count(reader, &n_variables, error))
        return FALSE;
    for (gsize i = 0; i < n_variables; i++) {
        Bytes name;
        Value encoding;
        if (!read_symbol(reader, &name, error) || !read_value(reader, &encoding, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean read_array(Reader *reader, GError **error)
{
    gsize count;
    Value nothing = {0};
    g_array_append_val(reader->objects, nothing);
    if (!read_count(reader, &count, error))
        return FALSE;
    for (gsize i = 0; i < count; i++)
        if (!read_value(reader, &nothing, error))
            return FALSE;
    return TRUE;
}

static gboolean read_link(Reader *reader, Value *value, GError **error)
{
    gint64 index;
    if (!read_integer(reader, &index, error))
        return FALSE;
    if (index < 0 || index >= (gint64)reader->objects->len)
        return refused('@', error);
    *value = g_array_index(reader->objects, Value, (guint)index);
    return TRUE;
}

static gboolean read_typed(Reader *reader, guint8 type, Value *value, GError **error)
{
    gint64 number;
    switch (type) {
    case '0':
        value->nil = TRUE;
        return TRUE;
    case 'T':
    case 'F':
        return TRUE;
    case 'i':
        return read_integer(reader, &number, error);
    case '"':
        return read_string(reader, value, error);
    case 'I':
        return read_encoded_string(reader, value, error);
    case '[':
        return read_array(reader, error);
    case '@':
        return read_link(reader, value, error);
    default:
        return refused(type, error);
    }
}

static gboolean read_value(Reader *reader, Value *value, GError **error)
{
    guint8 type;
    *value = (Value){0};
    if (!read_byte(reader, &type, error))
        return FALSE;
    if (reader->depth == MAX_DEPTH)
        return refused(type, error);
    reader->depth++;
    gboolean read = read_typed(reader, type, value, error);
    reader->depth--;
    return read;
}

static gboolean read_head(Reader *reader, gsize *count, GError **error)
{
    static const guint8 HEAD[] = {4, 8, '{'};
    if ((gsize)(reader->end - reader->at) < sizeof(HEAD) || memcmp(reader->at, HEAD, sizeof(HEAD)) != 0) {
        g_set_error_literal(error, RUBY_MARSHAL_ERROR, RUBY_MARSHAL_ERROR_FORMAT,
                            "it is no Marshal 4.8 dump of a hash");
        return FALSE;
    }
    reader->at += sizeof(HEAD);
    Value hash = {0};
    g_array_append_val(reader->objects, hash);
    return read_count(reader, count, error);
}

static gboolean find_pair(Reader *reader, const char *key, gboolean *found, Value *value, GError **error)
{
    gsize n_pairs;
    if (!read_head(reader, &n_pairs, error))
        return FALSE;
    for (gsize i = 0; i < n_pairs; i++) {
        Bytes symbol;
        Value candidate;
        if (!read_symbol(reader, &symbol, error) || !read_value(reader, &candidate, error))
            return FALSE;
        if (symbol.length == strlen(key) && memcmp(symbol.at, key, symbol.length) == 0) {
            *found = TRUE;
            *value = candidate;
        }
    }
    if (reader->at == reader->end)
        return TRUE;
    g_set_error_literal(error, RUBY_MARSHAL_ERROR, RUBY_MARSHAL_ERROR_FORMAT,
                        "the Marshal dump goes on behind its end");
    return FALSE;
}

gboolean ruby_marshal_hash_string(const guint8 *dump, gsize length, const char *key, gboolean *found,
                                  const char **string, gsize *string_length, GError **error)
{
    g_autoptr(GArray) symbols = g_array_new(FALSE, FALSE, sizeof(Bytes));
    g_autoptr(GArray) objects = g_array_new(FALSE, FALSE, sizeof(Value));
    Reader reader = {.at = dump, .end = dump + length, .symbols = symbols, .objects = objects};
    Value value = {.nil = TRUE};
    *found = FALSE;
    if (!find_pair(&reader, key, found, &value, error))
        return FALSE;
    if (!value.nil && !value.string.at) {
        g_set_error(error, RUBY_MARSHAL_ERROR, RUBY_MARSHAL_ERROR_TYPE, ":%s is not a string", key);
        return FALSE;
    }
    *string = (const char *)value.string.at;
    *string_length = value.string.length;
    return TRUE;
}

static void dump_byte(GByteArray *dump, guint8 byte)
{
    g_byte_array_append(dump, &byte, 1);
}

static void dump_count(GByteArray *dump, gsize count)
{
    if (count == 0) {
        dump_byte(dump, 0);
    } else if (count <= 122) {
        dump_byte(dump, (guint8)(count + 5));
    } else {
        guint8 n_bytes = count > 0xffffff ? 4 : count > 0xffff ? 3 : count > 0xff ? 2 : 1;
        dump_byte(dump, n_bytes);
        for (guint8 i = 0; i < n_bytes; i++)
            dump_byte(dump, (guint8)(count >> (8 * i)));
    }
}

static void dump_bytes(GByteArray *dump, const char *text)
{
    dump_count(dump, strlen(text));
    g_byte_array_append(dump, (const guint8 *)text, (guint)strlen(text));
}

/* A symbol's first appearance is spelled out, the others refer to it. */
static void dump_symbol(GByteArray *dump, GPtrArray *symbols, const char *symbol)
{
    guint index;
    if (g_ptr_array_find_with_equal_func(symbols, symbol, g_str_equal, &index)) {
        dump_byte(dump, ';');
        dump_count(dump, index);
    } else {
        g_ptr_array_add(symbols, (gpointer)symbol);
        dump_byte(dump, ':');
        dump_bytes(dump, symbol);
    }
}

static void dump_string(GByteArray *dump, GPtrArray *symbols, const char *string)
{
    if (!string) {
        dump_byte(dump, '0');
        return;
    }
    dump_byte(dump, 'I');
    dump_byte(dump, '"');
    dump_bytes(dump, string);
    dump_count(dump, 1);
    dump_symbol(dump, symbols, "E");
    dump_byte(dump, 'T');
}

static guint size_bound(const char *const *pairs, guint n_pairs)
{
    gsize size = DUMP_OVERHEAD;
    for (guint i = 0; i < 2 * n_pairs; i++)
        size += DUMP_OVERHEAD + (pairs[i] ? strlen(pairs[i]) : 0);
    return (guint)size;
}

/* Allocated once, so that growing leaves no copy of a secret behind. */
GByteArray *ruby_marshal_dump_hash(const char *const *pairs, guint n_pairs)
{
    g_autoptr(GPtrArray) symbols = g_ptr_array_new();
    GByteArray *dump = g_byte_array_sized_new(size_bound(pairs, n_pairs));
    dump_byte(dump, 4);
    dump_byte(dump, 8);
    dump_byte(dump, '{');
    dump_count(dump, n_pairs);
    for (guint i = 0; i < n_pairs; i++) {
        dump_symbol(dump, symbols, pairs[2 * i]);
        dump_string(dump, symbols, pairs[2 * i + 1]);
    }
    return dump;
}
