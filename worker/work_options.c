#include "worker/work_options.h"

void work_options_free(WorkOptions *options)
{
    if (!options)
        return;
    g_clear_pointer(&options->queues, g_array_unref);
    g_clear_pointer(&options->queue_names, g_ptr_array_unref);
    g_clear_pointer(&options->labels, g_ptr_array_unref);
    g_free(options->tag);
    g_free(options->health_address);
    g_free(options->metrics_address);
    g_free(options);
}

gboolean work_queues_include(const GArray *queues, const char *name)
{
    for (guint i = 0; i < queues->len; i++)
        if (g_str_equal(g_array_index(queues, FetchQueue, i).name, name))
            return TRUE;
    return FALSE;
}
