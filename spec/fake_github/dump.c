#include "spec/fake_github/dump.h"

#include <string.h>

#include "spec/fake_github/collection.h"

static json_t *all_descriptions(const Collection *collection)
{
    json_t *list = json_array();
    guint count = collection_count(collection);
    for (guint i = 0; i < count; i++) {
        json_array_append_new(list, collection_describe(collection, i));
    }
    return list;
}

/* A pull request also owns what belongs to the issue of the same number. */
static gboolean owns(const ObjectKind *owner, const ObjectKind *kind)
{
    return kind->parent != NULL && kind->list_path != NULL &&
           (strcmp(kind->parent, owner->name) == 0 ||
            (owner == &PULL_KIND && strcmp(kind->parent, ISSUE_KIND.name) == 0));
}

/* The description with everything that belongs to the object. (transfer full) */
static json_t *with_owned(const Repository *repository, const ObjectKind *owner, const json_t *description)
{
    json_t *copy = json_copy((json_t *)description);
    g_autofree char *key =
        g_strdup_printf("%" JSON_INTEGER_FORMAT, json_integer_value(json_object_get(description, "number")));
    for (gsize i = 0; OBJECT_KINDS[i] != NULL; i++) {
        g_auto(Collection) collection = {0};
        if (owns(owner, OBJECT_KINDS[i]) && collection_open(&collection, repository, OBJECT_KINDS[i], key)) {
            json_object_set_new(copy, OBJECT_KINDS[i]->name, all_descriptions(&collection));
        }
    }
    return copy;
}

/* Pull requests are dumped as "pulls", not among the issues. */
static json_t *dump_collection(const Repository *repository, const ObjectKind *kind)
{
    g_auto(Collection) collection;
    collection_open(&collection, repository, kind, NULL);
    json_t *list = json_array();
    guint count = collection_count(&collection);
    for (guint i = 0; i < count; i++) {
        json_auto_t *description = collection_describe(&collection, i);
        if (kind != &ISSUE_KIND || !object_is_pull_request(description)) {
            json_array_append_new(list, with_owned(repository, kind, description));
        }
    }
    return list;
}

json_t *dump_repository(const Repository *repository)
{
    json_t *dump = json_copy((json_t *)repository_description(repository));
    for (gsize i = 0; OBJECT_KINDS[i] != NULL; i++) {
        if (OBJECT_KINDS[i]->parent == NULL) {
            json_object_set_new(dump, OBJECT_KINDS[i]->name, dump_collection(repository, OBJECT_KINDS[i]));
        }
    }
    json_object_del(dump, "generate");
    return dump;
}
