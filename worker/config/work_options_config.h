/*
 * The options of `hubferry work`, from the command line and the environment, as WorkOptions.
 */
#pragma once

#include "worker/config/queue_arguments.h"
#include "worker/work_options.h"

/* Beside queue_option_specs. */
extern const OptionSpec work_option_specs[];

/* `tables` are the registry's, for queue names that stand for many. (transfer full) */
WorkOptions *work_options_load(const Options *options, const WorkerClass *const *tables, guint n_tables,
                               GError **error);
