#include "spec/fake_github/objects/object.h"

#include <string.h>

#include "spec/fake_github/repository.h"

/* Placeholders stand before any NUL. The text need not be UTF-8. */
static json_t *expand_placeholders(const ObjectContext *context, const json_t *text)
{
    GString *expanded = g_string_new_len(json_string_value(text), (gssize)json_string_length(text));
    g_string_replace(expanded, "{web}", context->web_url, 0);
    if (context->repository != NULL) {
        g_string_replace(expanded, "{repository}", repository_full_name(context->repository), 0);
    }
    json_t *result = json_stringn_nocheck(expanded->str, expanded->len);
    g_string_free(expanded, TRUE);
    return result;
}

static gboolean is_prose(const char *member)
{
    return strcmp(member, "body") == 0 || strcmp(member, "description") == 0;
}

void object_override(const ObjectContext *context, json_t *defaults, const json_t *description)
{
    const char *member = NULL;
    json_t *value = NULL;
    json_object_foreach ((json_t *)description, member, value) {
        if (is_prose(member) && json_is_string(value) && strchr(json_string_value(value), '{') != NULL) {
            json_object_set_new(defaults, member, expand_placeholders(context, value));
        } else {
            json_object_set(defaults, member, value);
        }
    }
}

/* FNV-1a */
static guint64 hash(guint64 state, const char *text)
{
    for (const char *letter = text; *letter != '\0'; letter++) {
        state = (state ^ (guint8)*letter) * 0x100000001b3u;
    }
    return state;
}

json_int_t object_id(const char *scope, const char *name, gint64 number)
{
    guint64 state = hash(hash(0xcbf29ce484222325u, scope), name);
    guint64 folded = state ^ (state >> 32);
    return number > 0 ? (json_int_t)(((folded & 0xffff) << 32) + (guint64)number)
                      : (json_int_t)(folded & 0xffffffffffff);
}

gboolean object_is_pull_request(const json_t *description)
{
    return json_object_get(description, "head") != NULL ||
           json_object_get(description, "pull_request") != NULL;
}

json_int_t object_parent_number(const ObjectContext *context)
{
    return json_integer_value(json_object_get(context->parent, "number"));
}

char *object_parent_web_url(const ObjectContext *context)
{
    return g_strdup_printf(
        "%s/%s/%s/%" JSON_INTEGER_FORMAT, context->web_url, repository_full_name(context->repository),
        object_is_pull_request(context->parent) ? "pull" : "issues", object_parent_number(context));
}

static json_int_t id_in_list(const ObjectContext *context, const json_t *description, const char *kind)
{
    const json_t *place = json_object_get(description, "place");
    json_int_t index = place != NULL ? json_integer_value(place) : context->index;
    return object_id(repository_full_name(context->repository), kind,
                     object_parent_number(context) * 1000 + index + 1);
}

json_int_t object_comment_id(const ObjectContext *context, const json_t *description)
{
    return id_in_list(context, description, "comment");
}

json_int_t object_review_id(const ObjectContext *context, const json_t *description)
{
    return id_in_list(context, description, "review");
}

json_t *object_count_of(const json_t *description, const char *member)
{
    const json_t *value = json_object_get(description, member);
    return json_integer(json_is_array(value) ? (json_int_t)json_array_size(value)
                                             : json_integer_value(value));
}
