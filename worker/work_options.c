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
