/*
 * The options -q/--queue and --expand-queues: NAME, NAME,WEIGHT, NAMESPACE:* and *, and namespaces in the way
 * of GitLab's command line (lib/gitlab/sidekiq_config/cli_methods.rb, expand_queues).
 */
#pragma once

#include "protocol/fetch.h"
#include "protocol/worker_class.h"
#include "worker/config/options.h"

extern const OptionSpec queue_option_specs[];

/* Adds to `queues` (of FetchQueue), whose names `names` (of char *) owns. A queue named twice gets the sum of
 * its weights, as in Sidekiq. `tables` are the registry's. */
gboolean queue_arguments_load(const Options *options, const WorkerClass *const *tables, guint n_tables,
                              GArray *queues, GPtrArray *names, GError **error);
