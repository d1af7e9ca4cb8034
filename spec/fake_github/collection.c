#include "spec/fake_github/collection.h"

#include <string.h>

/* What a stated object owns: its own member, or what its other members imply, or nothing. (transfer full) */
static json_t *owned_by_stated(const ObjectKind *kind, const json_t *parent)
{
    json_t *array = json_object_get(parent, kind->name);
    if (json_is_array(array)) {
        return json_incref(array);
    }
    return kind->derive != NULL ? kind->derive(parent) : json_array();
}

static gboolean open_owned(Collection *collection, const char *parent)
{
    g_auto(Collection) owners;
    if (!collection_open(&owners, collection->repository, object_kind(collection->kind->parent), NULL)) {
        return FALSE;
    }
    collection->parent_number = g_ascii_strtoull(parent, NULL, 10);
    collection->parent = collection_find(&owners, parent);
    if (collection->parent != NULL && owners.stated != NULL) {
        collection->stated = owned_by_stated(collection->kind, collection->parent);
    }
    return collection->parent != NULL;
}

gboolean collection_open(Collection *collection, const Repository *repository, const ObjectKind *kind,
                         const char *parent)
{
    *collection = (Collection){.repository = repository, .kind = kind};
    if (kind->parent != NULL) {
        return open_owned(collection, parent);
    }
    collection->stated = json_incref((json_t *)repository_stated(repository, kind));
    return TRUE;
}

void collection_clear(Collection *collection)
{
    json_decref(collection->parent);
    json_decref(collection->stated);
}

guint collection_count(const Collection *collection)
{
    const Generator *generator = repository_generator(collection->repository);
    if (collection->stated != NULL) {
        return (guint)json_array_size(collection->stated);
    }
    return generator != NULL ? collection->kind->count(generator, collection->parent_number) : 0;
}

json_t *collection_describe(const Collection *collection, guint index)
{
    if (collection->stated != NULL) {
        return json_incref(json_array_get(collection->stated, index));
    }
    return collection->kind->generate(repository_generator(collection->repository), collection->parent_number,
                                      index);
}

static gboolean has_key(const json_t *description, const ObjectKind *kind, const char *key)
{
    const json_t *value = json_object_get(description, kind->key);
    if (json_is_string(value)) {
        return strcmp(json_string_value(value), key) == 0;
    }
    g_autofree char *text = g_strdup_printf("%" JSON_INTEGER_FORMAT, json_integer_value(value));
    return strcmp(text, key) == 0;
}

/* (transfer full) */
static json_t *describe_if(const Collection *collection, guint index, const char *key)
{
    json_auto_t *description = collection_describe(collection, index);
    return has_key(description, collection->kind, key) ? json_incref(description) : NULL;
}

static json_t *search(const Collection *collection, const char *key)
{
    json_t *found = NULL;
    guint count = collection_count(collection);
    for (guint i = 0; i < count && found == NULL; i++) {
        found = describe_if(collection, i, key);
    }
    return found;
}

json_t *collection_find(const Collection *collection, const char *key)
{
    const Generator *generator = repository_generator(collection->repository);
    if (collection->stated != NULL || generator == NULL || collection->kind->locate == NULL) {
        return search(collection, key);
    }
    gint64 index = collection->kind->locate(generator, key);
    return index >= 0 ? describe_if(collection, (guint)index, key) : NULL;
}

/* Generated objects need not be made to be counted. */
static guint generated_number(const Collection *owners, guint index)
{
    const Generator *generator = repository_generator(owners->repository);
    return owners->kind == &PULL_KIND ? (guint)generator_pull_number(generator, index + 1) : index + 1;
}

static guint owned_count(const Collection *owners, const ObjectKind *kind, guint index)
{
    if (owners->stated == NULL) {
        return kind->count(repository_generator(owners->repository), generated_number(owners, index));
    }
    json_auto_t *owned = owned_by_stated(kind, json_array_get(owners->stated, index));
    return (guint)json_array_size(owned);
}

GArray *collection_owned_counts(const Collection *owners, const ObjectKind *kind)
{
    guint count = collection_count(owners);
    GArray *counts = g_array_sized_new(FALSE, FALSE, sizeof(guint), count);
    for (guint i = 0; i < count; i++) {
        guint owned = owned_count(owners, kind, i);
        g_array_append_val(counts, owned);
    }
    return counts;
}

json_t *repository_find(const Repository *repository, const ObjectKind *kind, const char *key)
{
    g_auto(Collection) collection;
    collection_open(&collection, repository, kind, NULL);
    return collection_find(&collection, key);
}
