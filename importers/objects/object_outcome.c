#include "importers/objects/object_batch.h"

#include "importers/gitlab/import_failure.h"
#include "importers/gitlab/import_watch.h"
#include "importers/gitlab/object_counter.h"
#include "importers/stages/job_delay.h"
#include "protocol/error_class.h"
#include "protocol/job_waiter.h"
#include "protocol/json.h"
#include "protocol/log.h"

static const char *counted_as(const ObjectImporter *importer, const ImportedObject *object)
{
    return importer->counted_as ? importer->counted_as(object->representation) : importer->object_type;
}

/* Adds `text` to the list that `lists` has under `name`; all borrowed. */
static void add_to_list(GHashTable *lists, const char *name, const char *text)
{
    GPtrArray *list = g_hash_table_lookup(lists, name);
    if (!list) {
        list = g_ptr_array_new();
        g_hash_table_insert(lists, (gpointer)name, list);
    }
    g_ptr_array_add(list, (gpointer)text);
}

static GHashTable *lists_new(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)g_ptr_array_unref);
}

static gboolean count_imported(const ObjectBatch *batch, const GPtrArray *done, GError **error)
{
    g_autoptr(GHashTable) tokens = lists_new();
    GHashTableIter iterator;
    gpointer type, list;
    for (guint i = 0; i < done->len; i++) {
        const ImportedObject *object = done->pdata[i];
        const char *counter = counted_as(batch->importer, object);
        if (counter && !object->uncounted)
            add_to_list(tokens, counter, object->state->receipt);
    }
    g_hash_table_iter_init(&iterator, tokens);
    while (g_hash_table_iter_next(&iterator, &type, &list))
        if (!object_counter_increment(batch->session, batch->project->id, "imported", type, list, error))
            return FALSE;
    return TRUE;
}

static gboolean notify_waiters(Session *session, const GPtrArray *objects, GError **error)
{
    g_autoptr(GHashTable) jids = lists_new();
    GHashTableIter iterator;
    gpointer key, list;
    for (guint i = 0; i < objects->len; i++) {
        const ImportedObject *object = objects->pdata[i];
        if (object->state->waiter_key)
            add_to_list(jids, object->state->waiter_key, object->job->jid);
    }
    g_hash_table_iter_init(&iterator, jids);
    while (g_hash_table_iter_next(&iterator, &key, &list))
        if (!job_waiter_notify_all(session_redis(session, REDIS_SHARED_STATE), key, list, error))
            return FALSE;
    return TRUE;
}

void object_outcome_end(const GPtrArray *objects, const GError *error)
{
    for (guint i = 0; error && i < objects->len; i++)
        ((ImportedObject *)objects->pdata[i])->state->batch_job->error = g_error_copy(error);
}

static void succeed(ObjectBatch *batch, const GPtrArray *done)
{
    g_autoptr(GError) error = NULL;
    for (guint i = 0; log_enabled(LOG_INFO) && i < done->len; i++) {
        const ImportedObject *object = done->pdata[i];
        session_begin_job(batch->session, object->job);
        log_info("importer finished", "{s:s, s:o}", "importer", batch->importer->class_name,
                 "external_identifiers", batch->importer->identifiers(object->representation));
    }
    if (done->len > 0 && count_imported(batch, done, &error))
        notify_waiters(batch->session, done, &error);
    object_outcome_end(done, error);
}

static gboolean record_failure(ObjectBatch *batch, const ImportedObject *object, gboolean once,
                               GError **error)
{
    const ObjectImporter *importer = batch->importer;
    g_autoptr(json_t) identifiers = importer->identifiers(object->representation);
    g_autofree char *receipt = g_strdup_printf("%s/%s", importer->object_type, object->state->receipt);
    if (!json_object_get(identifiers, "object_type"))
        json_object_set_new(identifiers, "object_type", json_string(importer->object_type));
    ImportFailure failure = {
        .project_id = batch->project->id,
        .source = importer->class_name,
        .exception_class = error_class(object->state->error),
        .exception_message = object->state->error->message,
        .external_identifiers = identifiers,
        .receipt = once ? receipt : NULL,
    };
    return import_failure_track(batch->session, &failure, error);
}

/* The later job keeps the jid, so that this one, executed again after a kill, is no second one to the waiter.
 */
static gboolean reschedule(ObjectBatch *batch, const ImportedObject *object, double seconds, GError **error)
{
    double delay;
    if (!job_delay_reschedule(batch->session, batch->project->id, batch->importer->object_type, seconds,
                              &delay, error))
        return FALSE;
    log_info("object import rescheduled", "{s:s, s:f}", "reason", object->state->error->message, "delay_s",
             delay);
    return session_push_again_in(batch->session, delay, error);
}

/* Recorded, and as good as done. */
static gboolean is_given_up(const GError *error)
{
    return g_error_matches(error, OBJECT_ERROR, OBJECT_ERROR_INVALID) ||
           g_error_matches(error, OBJECT_ERROR, OBJECT_ERROR_NOT_RETRIABLE) ||
           g_error_matches(error, OBJECT_ERROR, OBJECT_ERROR_NO_METHOD);
}

static gboolean notify_one(Session *session, const ImportedObject *object, GError **error)
{
    const char *key = object->state->waiter_key;
    return !key ||
           job_waiter_notify(session_redis(session, REDIS_SHARED_STATE), key, object->job->jid, error);
}

static void fail(ObjectBatch *batch, ImportedObject *object)
{
    GError **error = &object->state->batch_job->error;
    const GError *cause = object->state->error;
    session_begin_job(batch->session, object->job);
    if (job_delay_reset_in(cause) > 0) {
        reschedule(batch, object, job_delay_reset_in(cause), error);
    } else if (is_given_up(cause)) {
        if (record_failure(batch, object, TRUE, error))
            notify_one(batch->session, object, error);
    } else {
        g_autoptr(GError) failure = NULL;
        if (!job_error_is_no_failure(cause) && !record_failure(batch, object, FALSE, &failure))
            log_error("import failure could not be recorded", failure, NULL);
        *error = g_steal_pointer(&object->state->error);
    }
}

/* The project, or what else the object belongs to, was deleted since: as in Ruby, nothing to be done. */
static gboolean is_orphan(const ImportedObject *object)
{
    return g_error_matches(object->state->error, DATABASE_ERROR, DATABASE_ERROR_FOREIGN_KEY);
}

void object_outcome_stop(Session *session, const GPtrArray *all)
{
    g_autoptr(GError) error = NULL;
    if (!notify_waiters(session, all, &error))
        object_outcome_end(all, error);
}

void object_outcome_conclude(ObjectBatch *batch, const GPtrArray *all)
{
    g_autoptr(GPtrArray) done = g_ptr_array_new(), stopped = g_ptr_array_new();
    for (guint i = 0; i < all->len; i++) {
        ImportedObject *object = all->pdata[i];
        if (!object->state->error || is_orphan(object))
            g_ptr_array_add(done, object);
        else if (import_watch_explains(batch->session, object->state->error))
            g_ptr_array_add(stopped, object);
        else
            fail(batch, object);
    }
    succeed(batch, done);
    object_outcome_stop(batch->session, stopped);
}
