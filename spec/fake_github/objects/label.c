#include <string.h>

#include "spec/fake_github/collection.h"
#include "spec/fake_github/objects/object.h"

json_t *object_complete_label(const ObjectContext *context, const json_t *label)
{
    const char *repository = repository_full_name(context->repository);
    const char *name =
        json_is_string(label) ? json_string_value(label) : json_string_value(json_object_get(label, "name"));
    g_autofree char *escaped = g_uri_escape_string(name, NULL, FALSE);
    json_int_t id = object_id(repository, name, 0);

    json_t *object = json_pack("{s:I, s:o, s:o, s:s, s:s, s:b, s:n}", "id", id, "node_id",
                               json_sprintf("LA_%" JSON_INTEGER_FORMAT, id), "url",
                               json_sprintf("%s/repos/%s/labels/%s", context->api_url, repository, escaped),
                               "name", name, "color", "ededed", "default", FALSE, "description");
    json_auto_t *known =
        json_is_string(label) ? repository_find(context->repository, &LABEL_KIND, name) : NULL;
    object_override(context, object, known != NULL ? known : label);
    return object;
}

json_t *object_complete_labels(const ObjectContext *context, const json_t *labels)
{
    json_t *list = json_array();
    size_t index = 0;
    json_t *label = NULL;
    json_array_foreach (labels, index, label) {
        json_array_append_new(list, object_complete_label(context, label));
    }
    return list;
}

static json_t *complete(const ObjectContext *context, const json_t *description, gboolean single)
{
    (void)single;
    return object_complete_label(context, description);
}

static guint count(const Generator *generator, guint64 parent)
{
    (void)parent;
    return generator->labels;
}

/* "label-K", every fourth "needs label-K": names with a space must be escaped in URLs. */
static json_t *generate(const Generator *generator, guint64 parent, guint index)
{
    (void)parent;
    guint ordinal = index + 1;
    g_autofree char *text = generator_words(generator, "label", ordinal, 4);
    return json_pack("{s:o, s:o, s:o}", "name",
                     json_sprintf(ordinal % 4 == 0 ? "needs label-%u" : "label-%u", ordinal), "color",
                     json_sprintf("%06x", generator_number(generator, "color", ordinal, 0x1000000)),
                     "description", ordinal % 3 == 0 ? json_null() : json_string(text));
}

static gint64 locate(const Generator *generator, const char *key)
{
    const char *dash = strrchr(key, '-');
    return dash != NULL ? (gint64)generator_ordinal(dash + 1, generator->labels) - 1 : -1;
}

const ObjectKind LABEL_KIND = {
    .name = "labels",
    .list_path = "labels",
    .item_path = "labels/*",
    .key = "name",
    .count = count,
    .generate = generate,
    .locate = locate,
    .complete = complete,
};

json_t *object_generate_labels(const Generator *generator, guint64 number)
{
    json_t *labels = json_array();
    guint first =
        generator->labels > 0 ? generator_number(generator, "issue label", number, generator->labels) : 0;
    for (guint i = 0; i < MIN(number % 4, generator->labels); i++) {
        json_auto_t *label = LABEL_KIND.generate(generator, 0, (first + i) % generator->labels);
        json_array_append(labels, json_object_get(label, "name"));
    }
    return labels;
}
