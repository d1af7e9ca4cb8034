#include "worker/config/queue_arguments.h"

#include <string.h>

#define MAX_WEIGHT 1000

static void add_queue(WorkOptions *work, const char *name, guint weight)
{
    for (guint i = 0; i < work->queues->len; i++) {
        FetchQueue *queue = &g_array_index(work->queues, FetchQueue, i);
        if (g_str_equal(queue->name, name)) {
            queue->weight += weight;
            return;
        }
    }
    char *owned = g_strdup(name);
    g_ptr_array_add(work->queue_names, owned);
    FetchQueue queue = {.name = owned, .weight = weight};
    g_array_append_val(work->queues, queue);
}

/* The generated queues of the classes performed here; of one namespace, or of all when it is NULL. */
static guint add_generated_queues(WorkOptions *work, const QueueExpansion *expansion,
                                  const char *namespace_name, guint weight)
{
    guint added = 0;
    for (guint i = 0; i < expansion->n_tables; i++)
        for (const WorkerClass *worker = expansion->tables[i]; worker->name; worker++) {
            if (!worker->perform ||
                (namespace_name && g_strcmp0(worker->queue_namespace, namespace_name) != 0))
                continue;
            g_autofree char *queue = worker_class_generated_queue(worker);
            add_queue(work, queue, weight);
            added++;
        }
    return added;
}

static gboolean refuse(const char *word, const char *why, GError **error)
{
    g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_VALUE, "--queue '%s': %s", word, why);
    return FALSE;
}

static gboolean parse_weight(const char *word, const char *text, guint *weight, GError **error)
{
    guint64 number = 1;
    if (text && !g_ascii_string_to_unsigned(text, 10, 1, MAX_WEIGHT, &number, NULL))
        return refuse(word, "the weight after the comma must be a whole number from 1 to 1000", error);
    *weight = (guint)number;
    return TRUE;
}

static gboolean valid_name(const char *name)
{
    return *name &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_:.-") == strlen(name);
}

static gboolean parse_word(const char *word, const QueueExpansion *expansion, WorkOptions *work,
                           GError **error)
{
    g_auto(GStrv) parts = g_strsplit(word, ",", 2);
    const char *name = parts[0] ? parts[0] : "";
    guint weight = 0;
    if (!parse_weight(word, *name ? parts[1] : NULL, &weight, error))
        return FALSE;
    if (g_str_equal(name, "*")) {
        add_generated_queues(work, expansion, NULL, weight);
        return TRUE;
    }
    if (g_str_has_suffix(name, ":*")) {
        g_autofree char *namespace_name = g_strndup(name, strlen(name) - strlen(":*"));
        if (add_generated_queues(work, expansion, namespace_name, weight) == 0)
            return refuse(word, "no class that is performed here has this queue namespace", error);
        return TRUE;
    }
    if (!valid_name(name))
        return refuse(word, "a queue name has letters, digits and _ : . - only", error);
    add_queue(work, name, weight);
    if (expansion->namespaces)
        add_generated_queues(work, expansion, name, weight);
    return TRUE;
}

gboolean queue_arguments_parse(const char *const *words, const QueueExpansion *expansion, WorkOptions *work,
                               GError **error)
{
    for (; *words; words++)
        if (!parse_word(*words, expansion, work, error))
            return FALSE;
    if (work->queues->len > 0)
        return TRUE;
    g_set_error_literal(error, CONFIG_ERROR, CONFIG_ERROR_VALUE,
                        "no queue to listen to; name one with --queue");
    return FALSE;
}
