#include "worker/config/yaml.h"

#include "protocol/error_class.h"

#include <string.h>
#include <yaml.h>

#define MAX_DEPTH  64
#define MAX_VALUES 100000

static const char *yaml_error_class(G_GNUC_UNUSED int code)
{
    return "Psych::SyntaxError";
}

DEFINE_ERROR_DOMAIN(yaml_error, yaml_error_class)

typedef yaml_document_t YamlDocument;
typedef yaml_parser_t YamlParser;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(YamlDocument, yaml_document_delete)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(YamlParser, yaml_parser_delete)

typedef struct Reader {
    YamlDocument *document;
    guint values; /* made so far */
} Reader;

static json_t *read_node(Reader *reader, int index, guint depth, GError **error);

static gboolean word_in(const char *const *words, const char *text)
{
    for (; *words; words++)
        if (g_ascii_strcasecmp(*words, text) == 0)
            return TRUE;
    return FALSE;
}

static json_t *plain_scalar(const char *text)
{
    static const char *const nulls[] = {"", "~", "null", NULL};
    static const char *const trues[] = {"true", "yes", "on", NULL};
    static const char *const falses[] = {"false", "no", "off", NULL};
    gint64 number = 0;
    if (word_in(nulls, text))
        return json_null();
    if (word_in(trues, text))
        return json_true();
    if (word_in(falses, text))
        return json_false();
    gboolean leading_zero = *text == '0' && text[1];
    if (!leading_zero && g_ascii_string_to_signed(text, 10, G_MININT64, G_MAXINT64, &number, NULL))
        return json_integer(number);
    return json_string(text);
}

static json_t *read_scalar(const yaml_node_t *node, GError **error)
{
    const char *text = (const char *)node->data.scalar.value;
    json_t *value =
        node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE ? plain_scalar(text) : json_string(text);
    if (!value)
        g_set_error(error, YAML_ERROR, YAML_ERROR_SYNTAX, "line %zu: text is not UTF-8",
                    node->start_mark.line + 1);
    return value;
}

static json_t *read_sequence(Reader *reader, const yaml_node_t *node, guint depth, GError **error)
{
    g_autoptr(json_t) array = json_array();
    for (yaml_node_item_t *item = node->data.sequence.items.start; item < node->data.sequence.items.top;
         item++) {
        json_t *value = read_node(reader, *item, depth, error);
        if (!value)
            return NULL;
        json_array_append_new(array, value);
    }
    return g_steal_pointer(&array);
}

/* A scalar key as text; NULL for any other node. */
static const char *key_text(Reader *reader, int index)
{
    const yaml_node_t *node = yaml_document_get_node(reader->document, index);
    if (node->type != YAML_SCALAR_NODE)
        return NULL;
    const char *text = (const char *)node->data.scalar.value;
    return *text == ':' && node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE ? text + 1 : text;
}

static gboolean is_merge_key(Reader *reader, int index)
{
    const yaml_node_t *node = yaml_document_get_node(reader->document, index);
    return node->type == YAML_SCALAR_NODE && node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
           g_str_equal((const char *)node->data.scalar.value, "<<");
}

/* `<<: *defaults` or `<<: [*a, *b]`, the earlier one winning; what the mapping says itself wins over both. */
static gboolean merge(json_t *object, const json_t *merged, GError **error)
{
    if (json_is_object(merged))
        return json_object_update_missing(object, (json_t *)merged) == 0;
    for (gsize i = 0; json_is_array(merged) && i < json_array_size(merged); i++)
        if (!merge(object, json_array_get(merged, i), error))
            return FALSE;
    if (json_is_array(merged))
        return TRUE;
    g_set_error(error, YAML_ERROR, YAML_ERROR_SYNTAX, "a merge key (<<) must name a mapping");
    return FALSE;
}

static gboolean read_pair(Reader *reader, json_t *object, const yaml_node_pair_t *pair, guint depth,
                          GError **error)
{
    const char *key = key_text(reader, pair->key);
    if (!key) {
        g_set_error(error, YAML_ERROR, YAML_ERROR_SYNTAX, "a key that is no text");
        return FALSE;
    }
    json_t *value = read_node(reader, pair->value, depth, error);
    if (value && json_object_set_new(object, key, value) == 0)
        return TRUE;
    if (value)
        g_set_error(error, YAML_ERROR, YAML_ERROR_SYNTAX, "a key that is not UTF-8");
    return FALSE;
}

static gboolean merge_pair(Reader *reader, json_t *object, const yaml_node_pair_t *pair, guint depth,
                           GError **error)
{
    g_autoptr(json_t) merged = read_node(reader, pair->value, depth, error);
    return merged && merge(object, merged, error);
}

static json_t *read_mapping(Reader *reader, const yaml_node_t *node, guint depth, GError **error)
{
    g_autoptr(json_t) object = json_object();
    const yaml_node_pair_t *end = node->data.mapping.pairs.top;
    for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start; pair < end; pair++)
        if (!is_merge_key(reader, pair->key) && !read_pair(reader, object, pair, depth, error))
            return NULL;
    for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start; pair < end; pair++)
        if (is_merge_key(reader, pair->key) && !merge_pair(reader, object, pair, depth, error))
            return NULL;
    return g_steal_pointer(&object);
}

static json_t *read_node(Reader *reader, int index, guint depth, GError **error)
{
    const yaml_node_t *node = yaml_document_get_node(reader->document, index);
    if (depth >= MAX_DEPTH || ++reader->values > MAX_VALUES) {
        g_set_error(error, YAML_ERROR, YAML_ERROR_SIZE,
                    "line %zu: nested too deeply, or too much repeated by aliases",
                    node->start_mark.line + 1);
        return NULL;
    }
    switch (node->type) {
    case YAML_SEQUENCE_NODE:
        return read_sequence(reader, node, depth + 1, error);
    case YAML_MAPPING_NODE:
        return read_mapping(reader, node, depth + 1, error);
    default:
        return read_scalar(node, error);
    }
}

json_t *yaml_load(const char *text, gsize length, GError **error)
{
    g_auto(YamlParser) parser;
    g_auto(YamlDocument) document;
    memset(&document, 0, sizeof document);
    yaml_parser_initialize(&parser);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, length);
    if (!yaml_parser_load(&parser, &document)) {
        g_set_error(error, YAML_ERROR, YAML_ERROR_SYNTAX, "line %zu, column %zu: %s",
                    parser.problem_mark.line + 1, parser.problem_mark.column + 1,
                    parser.problem ? parser.problem : "not YAML");
        return NULL;
    }
    const yaml_node_t *root = yaml_document_get_root_node(&document);
    Reader reader = {.document = &document};
    return root ? read_node(&reader, 1, 0, error) : json_null();
}
