/*
 * What `hubferry status` tells, as one JSON object: "imports" (in progress), "queues", "sets", "processes".
 * Read only; each part is a snapshot of its own moment.
 */
#pragma once

#include "importers/gitlab/session.h"

/* `rate_limit`: ask GitHub for each import's remaining requests, which costs nothing. (transfer full) */
json_t *status_report(Session *session, gboolean rate_limit, GError **error);

/* The parts. (transfer full) */
json_t *status_queues(Redis *redis, GError **error);
json_t *status_sets(Redis *redis, GError **error);
json_t *status_processes(Redis *redis, GError **error);
/* JSON null when no database is configured. */
json_t *status_imports(Session *session, gboolean rate_limit, GError **error);
