/*
 * Which queue a job of a class goes to: GitLab's routing rules (lib/gitlab/sidekiq_config/worker_router.rb
 * and worker_matcher.rb; setting `sidekiq.routing_rules` of gitlab.yml). Rules are [query, queue] pairs, the
 * first match wins, queue null or "" means the generated name. Query: `*`, or terms name=value[,value] and
 * name!=value[,value] joined by & and |.
 *
 * Without any rule, a class of the same queue namespace as the executing job's stays in the executing job's
 * queue, and any other goes to `default`, GitLab's own catch-all. Immutable; may be shared by threads.
 */
#pragma once

#include "protocol/worker_class.h"

#define WORKER_ROUTER_ERROR (worker_router_error_quark())
GQuark worker_router_error_quark(void);
typedef enum { WORKER_ROUTER_ERROR_RULE } WorkerRouterError;

typedef struct WorkerRouter WorkerRouter;

/* `rules` is the JSON form of the setting, [["query","queue"],...], or NULL for no rules. */
WorkerRouter *worker_router_new(const json_t *rules, GError **error);
void worker_router_free(WorkerRouter *router);

/* `parent` is the class of the executing job and `parent_queue` its queue, or NULL outside of a job.
 * (transfer full) */
char *worker_router_queue(const WorkerRouter *router, const WorkerClass *worker, const WorkerClass *parent,
                          const char *parent_queue);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(WorkerRouter, worker_router_free)
