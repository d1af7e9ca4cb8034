#include "protocol/worker_class.h"

#include <string.h>

struct WorkerRegistry {
    GHashTable *classes; /* name -> WorkerClass, both borrowed */
};

WorkerRegistry *worker_registry_new(const WorkerClass *const *tables, guint n_tables)
{
    WorkerRegistry *registry = g_new(WorkerRegistry, 1);
    registry->classes = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < n_tables; i++)
        for (const WorkerClass *worker = tables[i]; worker->name; worker++)
            g_hash_table_replace(registry->classes, (gpointer)worker->name, (gpointer)worker);
    return registry;
}

void worker_registry_free(WorkerRegistry *registry)
{
    if (!registry)
        return;
    g_hash_table_unref(registry->classes);
    g_free(registry);
}

const WorkerClass *worker_registry_find(const WorkerRegistry *registry, const char *name)
{
    return g_hash_table_lookup(registry->classes, name);
}

/* ActiveSupport's String#underscore. */
static char *underscore(const char *name)
{
    static GRegex *word_starts;
    if (g_once_init_enter(&word_starts))
        g_once_init_leave(&word_starts,
                          g_regex_new("(?<=[A-Z])(?=[A-Z][a-z])|(?<=[a-z\\d])(?=[A-Z])", 0, 0, NULL));
    g_autofree char *words = g_regex_replace_literal(word_starts, name, -1, 0, "_", 0, NULL);
    return g_ascii_strdown(words, -1);
}

char *worker_class_generated_queue(const WorkerClass *worker)
{
    const char *name = worker->name;
    if (g_str_has_prefix(name, "Gitlab::"))
        name += strlen("Gitlab::");
    gsize length = strlen(name);
    if (g_str_has_suffix(name, "Worker"))
        length -= strlen("Worker");
    g_autofree char *base = g_strndup(name, length);
    g_auto(GStrv) modules = g_strsplit(base, "::", -1);
    g_autofree char *joined = g_strjoinv("/", modules);
    g_autofree char *underscored = underscore(joined);
    g_strdelimit(underscored, "/", '_');
    return worker->queue_namespace ? g_strconcat(worker->queue_namespace, ":", underscored, NULL)
                                   : g_steal_pointer(&underscored);
}
