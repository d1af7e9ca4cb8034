#include "spec/fake_github/counts.h"

#include "spec/fake_github/collection.h"

static void add(json_t *counts, const char *name, guint number)
{
    json_int_t before = json_integer_value(json_object_get(counts, name));
    json_object_set_new(counts, name, json_integer(before + number));
}

static void add_events(json_t *counts, const Repository *repository, const char *parent)
{
    g_auto(Collection) timeline;
    collection_open(&timeline, repository, &TIMELINE_KIND, parent);
    guint count = collection_count(&timeline);
    for (guint i = 0; i < count; i++) {
        json_auto_t *event = collection_describe(&timeline, i);
        add(counts, json_string_value(json_object_get(event, "event")), 1);
    }
}

static json_t *count_timelines(const Repository *repository)
{
    g_auto(Collection) issues;
    collection_open(&issues, repository, &ISSUE_KIND, NULL);
    json_t *counts = json_object();
    guint count = collection_count(&issues);
    for (guint i = 0; i < count; i++) {
        json_auto_t *issue = collection_describe(&issues, i);
        g_autofree char *key =
            g_strdup_printf("%" JSON_INTEGER_FORMAT, json_integer_value(json_object_get(issue, "number")));
        add_events(counts, repository, key);
    }
    return counts;
}

static guint count_owned(const Repository *repository, const ObjectKind *kind)
{
    g_auto(Collection) owners;
    collection_open(&owners, repository, object_kind(kind->parent), NULL);
    g_autoptr(GArray) counts = collection_owned_counts(&owners, kind);
    guint total = 0;
    for (guint i = 0; i < counts->len; i++) {
        total += g_array_index(counts, guint, i);
    }
    return total;
}

static guint count_own(const Repository *repository, const ObjectKind *kind)
{
    g_auto(Collection) collection;
    collection_open(&collection, repository, kind, NULL);
    return collection_count(&collection);
}

/* Pull requests are among the issues. */
static void take_pulls_out_of_issues(json_t *counts)
{
    json_int_t all = json_integer_value(json_object_get(counts, ISSUE_KIND.name));
    json_int_t pulls = json_integer_value(json_object_get(counts, PULL_KIND.name));
    json_object_set_new(counts, ISSUE_KIND.name, json_integer(all - pulls));
}

json_t *counts_of_repository(const Repository *repository)
{
    json_t *counts = json_object();
    for (gsize i = 0; OBJECT_KINDS[i] != NULL; i++) {
        const ObjectKind *kind = OBJECT_KINDS[i];
        if (kind->parent == NULL) {
            add(counts, kind->name, count_own(repository, kind));
        } else if (kind->list_path != NULL && kind != &TIMELINE_KIND) {
            add(counts, kind->name, count_owned(repository, kind));
        }
    }
    take_pulls_out_of_issues(counts);
    json_object_set_new(counts, TIMELINE_KIND.name, count_timelines(repository));
    return counts;
}
