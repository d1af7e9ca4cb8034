/*
 * GitHub's GraphQL API, as far as looking up users in bulk goes: POST /graphql and /api/graphql with
 * {"query", "variables"}, see graphql_query.h. The fields are user(login) and rateLimit; a login that is
 * nobody's, and an app's, is null beside an error NOT_FOUND. One call takes one request out of the rate
 * limit. Without a token it is refused; a fault on /graphql refuses it otherwise.
 */
#include <string.h>

#include "spec/fake_github/access.h"
#include "spec/fake_github/fake_github.h"
#include "spec/fake_github/graphql_query.h"

typedef struct {
    FakeGithub *fake;
    const GraphqlQuery *query;
    const json_t *variables;
    json_t *errors;
} Execution;

static Response *errors_only(json_t *errors)
{
    return response_new_json(MHD_HTTP_OK, json_pack("{s:o}", "errors", errors));
}

static Response *one_error(const char *message)
{
    return errors_only(json_pack("[{s:s}]", "message", message));
}

static json_t *location(const GraphqlField *field)
{
    return json_pack("[{s:i, s:i}]", "line", (int)field->line, "column", (int)field->column);
}

/* --- What there is --- */

static json_t *user_member(const json_t *user, const char *name)
{
    const char *source = strcmp(name, "databaseId") == 0 ? "id" : name;
    json_t *value = json_object_get(user, source);
    if (strcmp(name, "__typename") == 0) {
        return json_string("User");
    }
    if (strcmp(name, "id") == 0) {
        return json_sprintf("U_%" JSON_INTEGER_FORMAT, json_integer_value(value));
    }
    /* String!: without a public address it is empty. */
    if (strcmp(name, "email") == 0 && !json_is_string(value)) {
        return json_string("");
    }
    return value != NULL ? json_incref(value) : json_null();
}

static json_t *rate_limit_member(const json_t *core, const char *name)
{
    if (strcmp(name, "resetAt") == 0) {
        g_autoptr(GDateTime) time =
            g_date_time_new_from_unix_utc((gint64)json_integer_value(json_object_get(core, "reset")));
        g_autofree char *text = g_date_time_format(time, "%Y-%m-%dT%H:%M:%SZ");
        return json_string(text);
    }
    return strcmp(name, "cost") == 0 ? json_integer(1) : json_incref(json_object_get(core, name));
}

typedef struct {
    const char *field;
    const char *type;
    const char *members; /* each between blanks */
} Type;

static const Type TYPES[] = {
    {"user", "User", " __typename login databaseId name email id "},
    {"rateLimit", "RateLimit", " limit cost remaining used resetAt "},
};

static const Type *type_of(const GraphqlField *field)
{
    for (gsize i = 0; i < G_N_ELEMENTS(TYPES); i++) {
        if (strcmp(TYPES[i].field, field->name) == 0) {
            return &TYPES[i];
        }
    }
    return NULL;
}

/* --- Whether the query asks for what there is --- */

static void add_undefined_field(json_t *errors, const GraphqlField *field, const char *type)
{
    json_array_append_new(errors,
                          json_pack("{s:o, s:o, s:{s:s, s:s, s:s}}", "message",
                                    json_sprintf("Field '%s' doesn't exist on type '%s'", field->name, type),
                                    "locations", location(field), "extensions", "code", "undefinedField",
                                    "typeName", type, "fieldName", field->name));
}

static void check_members(json_t *errors, const GraphqlField *field, const Type *type)
{
    if (field->selections == NULL) {
        json_array_append_new(
            errors, json_pack("{s:o, s:o}", "message",
                              json_sprintf("Field must have selections (field '%s' returns %s but has no "
                                           "selections.)",
                                           field->name, type->type),
                              "locations", location(field)));
        return;
    }
    for (guint i = 0; i < field->selections->len; i++) {
        const GraphqlField *member = g_ptr_array_index(field->selections, i);
        g_autofree char *word = g_strdup_printf(" %s ", member->name);
        if (strstr(type->members, word) == NULL) {
            add_undefined_field(errors, member, type->type);
        }
    }
}

static gboolean is_declared(const GraphqlQuery *query, const char *variable)
{
    return g_ptr_array_find_with_equal_func(query->variables, variable, g_str_equal, NULL);
}

static void check_arguments(const Execution *execution, const GraphqlField *field)
{
    for (guint i = 0; i < field->arguments->len; i++) {
        const GraphqlArgument *argument = g_ptr_array_index(field->arguments, i);
        if (argument->variable != NULL && !is_declared(execution->query, argument->variable)) {
            json_array_append_new(
                execution->errors,
                json_pack("{s:o, s:o}", "message",
                          json_sprintf("Variable $%s is used but not declared", argument->variable),
                          "locations", location(field)));
        }
    }
}

static void check_variables(const Execution *execution)
{
    for (guint i = 0; i < execution->query->variables->len; i++) {
        const char *name = g_ptr_array_index(execution->query->variables, i);
        if (!json_is_string(json_object_get(execution->variables, name))) {
            json_array_append_new(
                execution->errors,
                json_pack("{s:o}", "message",
                          json_sprintf("Variable $%s of type String! was provided invalid value", name)));
        }
    }
}

static void check(const Execution *execution)
{
    check_variables(execution);
    for (guint i = 0; i < execution->query->fields->len; i++) {
        const GraphqlField *field = g_ptr_array_index(execution->query->fields, i);
        const Type *type = type_of(field);
        check_arguments(execution, field);
        if (type == NULL) {
            add_undefined_field(execution->errors, field, "Query");
        } else {
            check_members(execution->errors, field, type);
        }
    }
}

/* --- The answer --- */

static json_t *write_members(const GraphqlField *field, const json_t *source,
                             json_t *(*member)(const json_t *source, const char *name))
{
    json_t *object = json_object();
    for (guint i = 0; i < field->selections->len; i++) {
        const GraphqlField *wanted = g_ptr_array_index(field->selections, i);
        json_object_set_new(object, wanted->alias, member(source, wanted->name));
    }
    return object;
}

/* Apps are no users for GraphQL. (transfer full) NULL: nobody. */
static json_t *find_user(const Execution *execution, const char *login)
{
    json_auto_t *user = data_set_user(execution->fake->data, login);
    gboolean is_bot = g_strcmp0(json_string_value(json_object_get(user, "type")), "Bot") == 0;
    gboolean is_gone = json_is_true(json_object_get(user, "gone"));
    return user != NULL && !is_bot && !is_gone ? json_incref(user) : NULL;
}

static json_t *write_user(const Execution *execution, const GraphqlField *field)
{
    const json_t *login = graphql_field_argument(field, "login", execution->variables);
    const char *text = json_is_string(login) ? json_string_value(login) : "";
    json_auto_t *user = find_user(execution, text);
    if (user != NULL) {
        return write_members(field, user, user_member);
    }
    json_array_append_new(
        execution->errors,
        json_pack("{s:s, s:[s], s:o, s:o}", "type", "NOT_FOUND", "path", field->alias, "locations",
                  location(field), "message",
                  json_sprintf("Could not resolve to a User with the login of '%s'.", text)));
    return json_null();
}

static json_t *write_rate_limit(const Execution *execution, const GraphqlField *field)
{
    json_auto_t *overview = rate_limit_overview(execution->fake->rate_limit);
    return write_members(field, json_object_get(overview, "rate"), rate_limit_member);
}

static Response *execute(const Execution *execution)
{
    json_t *data = json_object();
    for (guint i = 0; i < execution->query->fields->len; i++) {
        const GraphqlField *field = g_ptr_array_index(execution->query->fields, i);
        json_object_set_new(data, field->alias,
                            strcmp(field->name, "user") == 0 ? write_user(execution, field)
                                                             : write_rate_limit(execution, field));
    }
    json_t *answer = json_pack("{s:o}", "data", data);
    if (json_array_size(execution->errors) > 0) {
        json_object_set(answer, "errors", execution->errors);
    }
    return response_new_json(MHD_HTTP_OK, answer);
}

static Response *check_and_execute(FakeGithub *fake, const char *text, const json_t *variables)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GraphqlQuery) query = graphql_query_parse(text, &error);
    if (query == NULL) {
        return one_error(error->message);
    }
    json_auto_t *errors = json_array();
    Execution execution = {fake, query, variables, errors};
    check(&execution);
    return json_array_size(errors) > 0 ? errors_only(json_incref(errors)) : execute(&execution);
}

/* An exhausted limit is an error in an answer 200. */
static Response *rate_limited(void)
{
    return errors_only(json_pack("[{s:s, s:s}]", "type", "RATE_LIMITED", "message",
                                 "API rate limit exceeded for user ID 1001."));
}

static Response *handle(FakeGithub *fake, Request *request, const Route *route)
{
    (void)route;
    Access access = access_of_request(fake->options, request);
    if (access != ACCESS_GRANTED) {
        return response_new_message(
            MHD_HTTP_UNAUTHORIZED,
            access == ACCESS_DENIED ? "Bad credentials" : "This endpoint requires you to be authenticated.");
    }
    if (!rate_limit_take(fake->rate_limit)) {
        return rate_limited();
    }
    json_auto_t *body = request->body_fd >= 0 ? json_loadfd(request->body_fd, 0, NULL) : NULL;
    if (body == NULL) {
        return response_new_message(MHD_HTTP_BAD_REQUEST, "Problems parsing JSON");
    }
    const char *text = json_string_value(json_object_get(body, "query"));
    return text != NULL ? check_and_execute(fake, text, json_object_get(body, "variables"))
                        : one_error("A query attribute must be specified and must be a string.");
}

gboolean graphql_resolve(const Request *request, Route *route)
{
    gboolean is_graphql =
        strcmp(request->path, "/graphql") == 0 || strcmp(request->path, "/api/graphql") == 0;
    if (!is_graphql || strcmp(request->method, "POST") != 0) {
        return FALSE;
    }
    route->is_rest = TRUE;
    route->handle = handle;
    route->path = g_strdup("/graphql");
    route->pattern = g_strdup("/graphql");
    return TRUE;
}
