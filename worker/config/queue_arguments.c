#include "worker/config/queue_arguments.h"

#include <string.h>

#define MAX_WEIGHT 1000

const OptionSpec queue_option_specs[] = {
    {.name = "queue",
     .letter = 'q',
     .kind = OPTION_LIST,
     .argument = "NAME[,WEIGHT]",
     .environment = "HUBFERRY_QUEUES",
     .otherwise = "github_importer",
     .help = "Queue to take jobs from; may be repeated. NAMESPACE:* is every generated queue of that "
             "namespace, "
             "* of all classes that are performed here"},
    {.name = "expand-queues",
     .kind = OPTION_SWITCH,
     .environment = "HUBFERRY_EXPAND_QUEUES",
     .help =
         "A name that is a namespace also stands for its generated queues, as in GitLab's sidekiq-cluster"},
    {NULL},
};

typedef struct Parsing {
    const WorkerClass *const *tables;
    guint n_tables;
    gboolean namespaces; /* a plain name that is a namespace stands for its queues too */
    GArray *queues;
    GPtrArray *names;
} Parsing;

static void add_queue(Parsing *parsing, const char *name, guint weight)
{
    for (guint i = 0; i < parsing->queues->len; i++) {
        FetchQueue *queue = &g_array_index(parsing->queues, FetchQueue, i);
        if (g_str_equal(queue->name, name)) {
            queue->weight += weight;
            return;
        }
    }
    char *owned = g_strdup(name);
    g_ptr_array_add(parsing->names, owned);
    FetchQueue queue = {.name = owned, .weight = weight};
    g_array_append_val(parsing->queues, queue);
}

/* The generated queues of the classes performed here; of one namespace, or of all when it is NULL. */
static guint add_generated_queues(Parsing *parsing, const char *namespace_name, guint weight)
{
    guint added = 0;
    for (guint i = 0; i < parsing->n_tables; i++)
        for (const WorkerClass *worker = parsing->tables[i]; worker->name; worker++) {
            if (!worker->perform ||
                (namespace_name && g_strcmp0(worker->queue_namespace, namespace_name) != 0))
                continue;
            g_autofree char *queue = worker_class_generated_queue(worker);
            add_queue(parsing, queue, weight);
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

static gboolean parse_word(Parsing *parsing, const char *word, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(word, ",", 2);
    const char *name = parts[0] ? parts[0] : "";
    guint weight = 0;
    if (!parse_weight(word, *name ? parts[1] : NULL, &weight, error))
        return FALSE;
    if (g_str_equal(name, "*")) {
        add_generated_queues(parsing, NULL, weight);
        return TRUE;
    }
    if (g_str_has_suffix(name, ":*")) {
        g_autofree char *namespace_name = g_strndup(name, strlen(name) - strlen(":*"));
        if (add_generated_queues(parsing, namespace_name, weight) == 0)
            return refuse(word, "no class that is performed here has this queue namespace", error);
        return TRUE;
    }
    if (!valid_name(name))
        return refuse(word, "a queue name has letters, digits and _ : . - only", error);
    add_queue(parsing, name, weight);
    if (parsing->namespaces)
        add_generated_queues(parsing, name, weight);
    return TRUE;
}

gboolean queue_arguments_load(const Options *options, const WorkerClass *const *tables, guint n_tables,
                              GArray *queues, GPtrArray *names, GError **error)
{
    Parsing parsing = {.tables = tables,
                       .n_tables = n_tables,
                       .namespaces = options_switch(options, "expand-queues"),
                       .queues = queues,
                       .names = names};
    for (const char *const *word = options_list(options, "queue"); *word; word++)
        if (!parse_word(&parsing, *word, error))
            return FALSE;
    if (queues->len > 0)
        return TRUE;
    g_set_error_literal(error, CONFIG_ERROR, CONFIG_ERROR_VALUE,
                        "no queue to listen to; name one with --queue");
    return FALSE;
}
