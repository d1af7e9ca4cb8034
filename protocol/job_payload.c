#include "protocol/job_payload.h"

#include "protocol/json.h"
#include "protocol/random_hex.h"

#include <string.h>

#define CORRELATION_ID_BYTES 16

static json_t *retry_option(const WorkerClass *worker)
{
    if (worker->retry == WORKER_RETRY_OFF)
        return json_false();
    return worker->retry == WORKER_RETRY_DEFAULT ? json_true() : json_integer(worker->retry);
}

static void add_class_options(json_t *payload, const NewJob *job)
{
    const WorkerClass *worker = job->worker;
    json_object_set_new(payload, "retry", retry_option(worker));
    json_object_set_new(payload, "queue", json_string(job->queue));
    json_object_set_new(payload, "version", json_integer(0));
    if (!worker->dead)
        json_object_set_new(payload, "dead", json_false());
    if (worker->queue_namespace)
        json_object_set_new(payload, "queue_namespace", json_string(worker->queue_namespace));
    if (job->status_expiration > 0)
        json_object_set_new(payload, "status_expiration", json_integer(job->status_expiration));
    if (worker->max_interruptions != 0)
        json_object_set_new(payload, "max_retries_after_interruption",
                            json_integer(worker->max_interruptions));
}

/* A parent that Ruby's web side enqueued has a root caller; otherwise the chain of callers starts with the
 * parent's own. */
static void set_callers(json_t *payload, const Job *parent)
{
    if (!json_object_get(payload, "meta.root_caller_id")) {
        json_t *caller = json_object_get(parent->payload, "meta.caller_id");
        json_object_set_new(payload, "meta.root_caller_id",
                            caller ? json_incref(caller) : json_string(parent->class_name));
    }
    json_object_set_new(payload, "meta.caller_id", json_string(parent->class_name));
}

static void add_parents_context(json_t *payload, const Job *parent)
{
    const char *key;
    json_t *value;
    json_object_foreach (parent->payload, key, value) {
        if (g_str_has_prefix(key, "meta.") || g_str_equal(key, "admin_mode_user_id"))
            json_object_set(payload, key, value);
    }
    set_callers(payload, parent);
}

static json_t *correlation_id(const Job *parent)
{
    json_t *inherited = parent ? json_object_get(parent->payload, "correlation_id") : NULL;
    if (json_is_string(inherited))
        return json_incref(inherited);
    g_autofree char *id = random_hex(CORRELATION_ID_BYTES);
    return json_string(id);
}

json_t *job_payload_new(const NewJob *job)
{
    json_t *payload = json_object();
    add_class_options(payload, job);
    json_object_set(payload, "args", (json_t *)job->args);
    json_object_set_new(payload, "class", json_string(job->worker->name));
    json_object_set_new(payload, "jid", json_string(job->jid));
    json_object_set_new(payload, "created_at", json_real(job->created_at));
    if (job->parent)
        add_parents_context(payload, job->parent);
    if (job->worker->feature_category)
        json_object_set_new(payload, "meta.feature_category", json_string(job->worker->feature_category));
    json_object_set_new(payload, "correlation_id", correlation_id(job->parent));
    json_object_set_new(payload, "worker_data_consistency", json_string("always"));
    json_object_set_new(payload, "size_limiter", json_string("validated"));
    return payload;
}
