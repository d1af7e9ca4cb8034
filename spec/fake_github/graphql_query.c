#include "spec/fake_github/graphql_query.h"

#include <string.h>

G_DEFINE_QUARK(fake - github - graphql - error, graphql_error)

typedef struct {
    const char *rest;
    guint line;
    const char *line_start;
    GError **error;
} Parser;

static void field_free(gpointer data)
{
    GraphqlField *field = data;
    g_free(field->name);
    g_free(field->alias);
    g_ptr_array_unref(field->arguments);
    g_clear_pointer(&field->selections, g_ptr_array_unref);
    g_free(field);
}

static void argument_free(gpointer data)
{
    GraphqlArgument *argument = data;
    g_free(argument->name);
    g_free(argument->variable);
    json_decref(argument->value);
    g_free(argument);
}

void graphql_query_free(GraphqlQuery *query)
{
    g_ptr_array_unref(query->variables);
    g_clear_pointer(&query->fields, g_ptr_array_unref);
    g_free(query);
}

static guint column(const Parser *parser)
{
    return (guint)(parser->rest - parser->line_start) + 1;
}

/* --- Tokens --- */

static void skip_ignored(Parser *parser)
{
    for (;; parser->rest++) {
        if (*parser->rest == '#') {
            parser->rest += strcspn(parser->rest, "\n");
        }
        if (*parser->rest == '\n') {
            parser->line++;
            parser->line_start = parser->rest + 1;
        } else if (*parser->rest == '\0' || strchr(" \t\r,", *parser->rest) == NULL) {
            return;
        }
    }
}

static gboolean fail(Parser *parser, const char *expected)
{
    g_set_error(parser->error, GRAPHQL_ERROR, 0, "Expected %s, actual: \"%.10s\" at [%u, %u]", expected,
                parser->rest, parser->line, column(parser));
    return FALSE;
}

static gboolean take(Parser *parser, char punctuation)
{
    skip_ignored(parser);
    if (*parser->rest != punctuation) {
        return FALSE;
    }
    parser->rest++;
    return TRUE;
}

static gboolean expect(Parser *parser, char punctuation)
{
    const char expected[] = {'"', punctuation, '"', '\0'};
    return take(parser, punctuation) || fail(parser, expected);
}

/* (transfer full) NULL: there is none. */
static char *take_name(Parser *parser)
{
    static const char LETTERS[] = "_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    skip_ignored(parser);
    gsize length = strspn(parser->rest, LETTERS);
    if (length == 0) {
        return NULL;
    }
    while (g_ascii_isalnum(parser->rest[length]) || parser->rest[length] == '_') {
        length++;
    }
    char *name = g_strndup(parser->rest, length);
    parser->rest += length;
    return name;
}

/* A name that must be there. (transfer full) */
static char *expect_name(Parser *parser)
{
    char *name = take_name(parser);
    if (name == NULL) {
        fail(parser, "a name");
    }
    return name;
}

/* --- Values --- */

/* GraphQL's strings on one line are JSON's. (transfer full) */
static json_t *parse_string(Parser *parser)
{
    const char *end = parser->rest + 1;
    while (*end != '"' && *end != '\0' && *end != '\n') {
        end += *end == '\\' && end[1] != '\0' ? 2 : 1;
    }
    json_t *value =
        *end == '"' ? json_loadb(parser->rest, (gsize)(end + 1 - parser->rest), JSON_DECODE_ANY, NULL) : NULL;
    if (value == NULL) {
        fail(parser, "a string");
        return NULL;
    }
    parser->rest = end + 1;
    return value;
}

static json_t *parse_integer(Parser *parser)
{
    char *end = NULL;
    json_int_t value = (json_int_t)g_ascii_strtoll(parser->rest, &end, 10);
    parser->rest = end;
    return json_integer(value);
}

/* (transfer full) */
static json_t *parse_value(Parser *parser)
{
    skip_ignored(parser);
    if (*parser->rest == '"') {
        return parse_string(parser);
    }
    if (g_ascii_isdigit(*parser->rest) || (*parser->rest == '-' && g_ascii_isdigit(parser->rest[1]))) {
        return parse_integer(parser);
    }
    g_autofree char *word = take_name(parser);
    if (g_strcmp0(word, "true") == 0 || g_strcmp0(word, "false") == 0) {
        return json_boolean(*word == 't');
    }
    if (g_strcmp0(word, "null") == 0) {
        return json_null();
    }
    fail(parser, "a value");
    return NULL;
}

/* --- Fields --- */

static gboolean parse_argument(Parser *parser, GPtrArray *arguments)
{
    GraphqlArgument *argument = g_new0(GraphqlArgument, 1);
    g_ptr_array_add(arguments, argument);
    argument->name = expect_name(parser);
    if (argument->name == NULL || !expect(parser, ':')) {
        return FALSE;
    }
    if (take(parser, '$')) {
        argument->variable = expect_name(parser);
        return argument->variable != NULL;
    }
    argument->value = parse_value(parser);
    return argument->value != NULL;
}

static gboolean parse_arguments(Parser *parser, GPtrArray *arguments)
{
    if (!take(parser, '(')) {
        return TRUE;
    }
    do {
        if (!parse_argument(parser, arguments)) {
            return FALSE;
        }
    } while (!take(parser, ')'));
    return TRUE;
}

static gboolean parse_selections(Parser *parser, GPtrArray **fields);

static gboolean parse_field(Parser *parser, GPtrArray *fields)
{
    GraphqlField *field = g_new0(GraphqlField, 1);
    field->arguments = g_ptr_array_new_with_free_func(argument_free);
    g_ptr_array_add(fields, field);
    skip_ignored(parser);
    field->line = parser->line;
    field->column = column(parser);
    field->alias = expect_name(parser);
    if (field->alias == NULL) {
        return FALSE;
    }
    field->name = take(parser, ':') ? expect_name(parser) : g_strdup(field->alias);
    if (field->name == NULL || !parse_arguments(parser, field->arguments)) {
        return FALSE;
    }
    return !take(parser, '{') || parse_selections(parser, &field->selections);
}

/* Behind the opening brace. */
static gboolean parse_selections(Parser *parser, GPtrArray **fields)
{
    *fields = g_ptr_array_new_with_free_func(field_free);
    do {
        if (!parse_field(parser, *fields)) {
            return FALSE;
        }
    } while (!take(parser, '}'));
    return TRUE;
}

/* --- The operation --- */

/* A variable's type is not looked at. */
static gboolean parse_variable(Parser *parser, GPtrArray *variables)
{
    g_autofree char *type = NULL;
    char *name = expect(parser, '$') ? expect_name(parser) : NULL;
    if (name == NULL) {
        return FALSE;
    }
    g_ptr_array_add(variables, name);
    if (!expect(parser, ':') || (type = expect_name(parser)) == NULL) {
        return FALSE;
    }
    take(parser, '!');
    return TRUE;
}

static gboolean parse_variables(Parser *parser, GPtrArray *variables)
{
    if (!take(parser, '(')) {
        return TRUE;
    }
    do {
        if (!parse_variable(parser, variables)) {
            return FALSE;
        }
    } while (!take(parser, ')'));
    return TRUE;
}

/* "query" and all that stands before the selections may be left out. */
static gboolean parse_head(Parser *parser, GraphqlQuery *query)
{
    g_autofree char *operation = take_name(parser);
    if (operation == NULL) {
        return TRUE;
    }
    if (strcmp(operation, "query") != 0) {
        return fail(parser, "a query");
    }
    g_autofree char *name = take_name(parser);
    return parse_variables(parser, query->variables);
}

static gboolean parse_end(Parser *parser)
{
    skip_ignored(parser);
    return *parser->rest == '\0' || fail(parser, "the end");
}

static gboolean parse_query(Parser *parser, GraphqlQuery *query)
{
    return parse_head(parser, query) && expect(parser, '{') && parse_selections(parser, &query->fields) &&
           parse_end(parser);
}

GraphqlQuery *graphql_query_parse(const char *text, GError **error)
{
    g_autoptr(GraphqlQuery) query = g_new0(GraphqlQuery, 1);
    query->variables = g_ptr_array_new_with_free_func(g_free);
    Parser parser = {.rest = text, .line = 1, .line_start = text, .error = error};
    return parse_query(&parser, query) ? g_steal_pointer(&query) : NULL;
}

const json_t *graphql_field_argument(const GraphqlField *field, const char *name, const json_t *variables)
{
    for (guint i = 0; i < field->arguments->len; i++) {
        const GraphqlArgument *argument = g_ptr_array_index(field->arguments, i);
        if (strcmp(argument->name, name) == 0) {
            return argument->variable != NULL ? json_object_get(variables, argument->variable)
                                              : argument->value;
        }
    }
    return NULL;
}
