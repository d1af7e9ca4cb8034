/*
 * The part of GraphQL's query language that bulk look-ups need, read honestly and nothing else:
 *
 *   query Name($login: String!, $other: String!) { alias: field(argument: $login, other: "text") { member } }
 *
 * One operation of type query, its name, variables, aliases, arguments and nested selections; values are
 * variables, strings, integers, true, false and null. Comments and commas are passed over. Fragments,
 * directives, defaults, lists, objects and block strings are errors.
 */
#pragma once

#include <glib.h>
#include <jansson.h>

typedef struct {
    char *name;
    char *variable; /* NULL: `value` is stated */
    json_t *value;
} GraphqlArgument;

typedef struct {
    char *name;
    char *alias;           /* the name itself when there is no alias */
    GPtrArray *arguments;  /* of GraphqlArgument */
    GPtrArray *selections; /* of GraphqlField; NULL: none */
    guint line;
    guint column;
} GraphqlField;

typedef struct {
    GPtrArray *variables; /* names, without the dollar */
    GPtrArray *fields;    /* of GraphqlField */
} GraphqlQuery;

#define GRAPHQL_ERROR (graphql_error_quark())
GQuark graphql_error_quark(void);

/* The error's text is for GraphQL's "errors". (transfer full) */
GraphqlQuery *graphql_query_parse(const char *text, GError **error);
void graphql_query_free(GraphqlQuery *query);

/* The value of an argument, NULL when it is not given. variables: an object or NULL. Borrowed. */
const json_t *graphql_field_argument(const GraphqlField *field, const char *name, const json_t *variables);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GraphqlQuery, graphql_query_free)
