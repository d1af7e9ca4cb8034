/*
 * A whole import in this process, one job after the other, without any other worker: the import's jobs go
 * through a queue of their own, which a worker with one executor empties (worker/launcher.h). What only Ruby
 * performs goes to GitLab's queues as always.
 */
#pragma once

#include "importers/configuration.h"
#include "worker/commands/command.h"

/* "hubferry:import:PROJECT_ID". (transfer full) */
char *sequential_import_queue(gint64 project_id);
/* Routes the classes performed here to `queue`, and the others where `configuration` routes them. (transfer
 * full) */
WorkerRouter *sequential_import_router(const Configuration *configuration, const WorkerClass *const *tables,
                                       guint n_tables, const char *queue, GError **error);

/* Empties the project's own queue until the import has ended, or the process is told to stop. *status
 * (transfer full) as in import_progress_wait(). Takes SIGINT and SIGTERM. */
gboolean sequential_import_run(const Invocation *invocation, const Configuration *configuration,
                               const WorkerRegistry *registry, gint64 project_id, gboolean quiet,
                               char **status, GError **error);
