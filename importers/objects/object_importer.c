#include "importers/objects/object_importer.h"

#include "importers/gitlab/import_context.h"
#include "importers/gitlab/import_failure.h"
#include "importers/gitlab/import_state.h"
#include "importers/gitlab/import_watch.h"
#include "importers/gitlab/issuable_finder.h"
#include "importers/gitlab/label_finder.h"
#include "importers/gitlab/milestone_finder.h"
#include "importers/gitlab/object_counter.h"
#include "importers/gitlab/placeholder_reference.h"
#include "importers/gitlab/receipts.h"
#include "importers/stages/job_delay.h"
#include "protocol/error_class.h"
#include "protocol/job_waiter.h"
#include "protocol/json.h"
#include "protocol/log.h"

typedef struct Row {
    const RowTable *table;
    json_t *columns;
} Row;

struct ObjectState {
    BatchJob *batch_job;
    const char *waiter_key; /* or NULL */
    char *receipt;
    GArray *rows;          /* of Row */
    GPtrArray *references; /* of char * */
    GError *error;         /* why the object is not imported; NULL: it is */
};

/* Ids taken from a sequence and not used yet. */
typedef struct IdPool {
    GArray *ids;
    guint next;
} IdPool;

static const char *object_error_class(int code)
{
    switch ((ObjectErrorCode)code) {
    case OBJECT_ERROR_INVALID:
        return "ActiveRecord::RecordInvalid";
    case OBJECT_ERROR_NOT_RETRIABLE:
        return "Gitlab::GithubImport::ObjectImporter::NotRetriableError";
    case OBJECT_ERROR_NO_METHOD:
        return "NoMethodError";
    case OBJECT_ERROR_NOT_UNIQUE:
        return "ActiveRecord::RecordNotUnique";
    case OBJECT_ERROR_NOTEABLE_NOT_FOUND:
        break;
    }
    return "Gitlab::GithubImport::Exceptions::NoteableNotFound";
}

DEFINE_ERROR_DOMAIN(object_error, object_error_class)

/* --- an object --- */

static void row_clear(Row *row)
{
    json_decref(row->columns);
}

static void forget_rows(ImportedObject *object)
{
    g_array_set_size(object->state->rows, 0);
    g_ptr_array_set_size(object->state->references, 0);
    if (object->importer_data && object->importer_data_free)
        object->importer_data_free(object->importer_data);
    object->importer_data = NULL;
}

static void imported_object_free(ImportedObject *object)
{
    forget_rows(object);
    g_array_unref(object->state->rows);
    g_ptr_array_unref(object->state->references);
    g_free(object->state->receipt);
    g_clear_error(&object->state->error);
    g_free(object->state);
    g_free(object);
}

static ImportedObject *imported_object_new(BatchJob *batch_job, const json_t *representation,
                                           const char *waiter_key)
{
    ImportedObject *object = g_new0(ImportedObject, 1);
    object->job = batch_job->job;
    object->representation = representation;
    object->state = g_new0(struct ObjectState, 1);
    object->state->batch_job = batch_job;
    object->state->waiter_key = waiter_key;
    object->state->rows = g_array_new(FALSE, FALSE, sizeof(Row));
    g_array_set_clear_func(object->state->rows, (GDestroyNotify)row_clear);
    object->state->references = g_ptr_array_new_with_free_func(g_free);
    return object;
}

/* [project id, representation, waiter key]; an old job may have no key. */
static ImportedObject *read_job(BatchJob *batch_job)
{
    const Job *job = batch_job->job;
    json_t *representation;
    const char *waiter_key = NULL;
    if (!job_check_arity(job, 2, 3, &batch_job->error) ||
        !job_arg_object(job, 1, &representation, &batch_job->error))
        return NULL;
    if (json_array_size(job->args) == 3 && !json_is_null(json_array_get(job->args, 2)) &&
        !job_arg_string(job, 2, &waiter_key, &batch_job->error))
        return NULL;
    return imported_object_new(batch_job, representation, waiter_key);
}

void object_insert(ImportedObject *object, const RowTable *table, json_t *row)
{
    Row added = {table, row};
    g_array_append_val(object->state->rows, added);
}

static void add_reference(ImportedObject *object, char *reference)
{
    if (reference)
        g_ptr_array_add(object->state->references, reference);
}

void object_refer(ObjectBatch *batch, ImportedObject *object, const FoundUser *user, const char *model,
                  gint64 id, const char *column)
{
    add_reference(object, placeholder_reference(batch->project, user, model, id, column));
}

void object_refer_composite(ObjectBatch *batch, ImportedObject *object, const FoundUser *user,
                            const char *model, json_t *key, const char *column)
{
    add_reference(object, placeholder_reference_composite(batch->project, user, model, key, column));
}

/* --- a batch --- */

static void id_pool_free(IdPool *pool)
{
    g_array_unref(pool->ids);
    g_free(pool);
}

static void object_batch_clear(ObjectBatch *batch)
{
    g_clear_pointer(&batch->objects, g_ptr_array_unref);
    g_clear_pointer(&batch->id_pools, g_hash_table_unref);
    g_clear_pointer(&batch->labels, finder_free);
    g_clear_pointer(&batch->milestones, finder_free);
    g_clear_pointer(&batch->issues, finder_free);
    g_clear_pointer(&batch->merge_requests, finder_free);
    g_clear_pointer(&batch->users, user_finder_free);
    g_clear_pointer(&batch->now, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ObjectBatch, object_batch_clear)

gboolean object_next_id(ObjectBatch *batch, const RowTable *table, gint64 *id, GError **error)
{
    IdPool *pool = g_hash_table_lookup(batch->id_pools, table);
    if (!pool || pool->next == pool->ids->len) {
        GArray *ids = row_table_ids(batch->session, table, batch->objects->len, error);
        if (!ids)
            return FALSE;
        pool = g_new0(IdPool, 1);
        pool->ids = ids;
        g_hash_table_insert(batch->id_pools, (gpointer)table, pool);
    }
    *id = g_array_index(pool->ids, gint64, pool->next++);
    return TRUE;
}

GPtrArray *object_batch_fresh_data(const ObjectBatch *batch)
{
    GPtrArray *data = g_ptr_array_new();
    for (guint i = 0; i < batch->objects->len; i++) {
        const ImportedObject *object = batch->objects->pdata[i];
        if (object->fresh && object->importer_data)
            g_ptr_array_add(data, object->importer_data);
    }
    return data;
}

static const ObjectImporter *importer_of(const Session *session)
{
    return session->worker->importer;
}

/* What the import is about. *running is FALSE when there is nothing (left) to import into. */
static gboolean load_import(ObjectBatch *batch, gint64 project_id, gboolean *running, GError **error)
{
    Session *session = batch->session;
    const ImportContext *context;
    g_autoptr(ImportState) state = NULL;
    *running = FALSE;
    if (!import_context_find(session, project_id, &context, error))
        return FALSE;
    if (!context)
        return TRUE;
    batch->project = context->project;
    batch->data = context->data;
    batch->github = context->github;
    if (!import_state_find(session, project_id, &state, error))
        return FALSE;
    *running = !state || !import_state_completed(state);
    if (!*running)
        log_info("Project import is no longer running. Stopping worker.", "{s:s}", "import_status",
                 state->status);
    return TRUE;
}

static void make_finders(ObjectBatch *batch)
{
    Session *session = batch->session;
    batch->users = user_finder_new(session, batch->github, batch->project, batch->data);
    batch->labels = label_finder_new(session, batch->project);
    batch->milestones = milestone_finder_new(session, batch->project);
    batch->issues = issuable_finder_new(session, batch->project, batch->data, "Issue");
    batch->merge_requests = issuable_finder_new(session, batch->project, batch->data, "MergeRequest");
}

/* --- from objects to rows --- */

static gboolean find_people(ObjectBatch *batch, GError **error)
{
    g_autoptr(json_t) users = json_array();
    if (!batch->importer->people)
        return TRUE;
    for (guint i = 0; i < batch->objects->len; i++)
        batch->importer->people(((ImportedObject *)batch->objects->pdata[i])->representation, users);
    return user_finder_preload(batch->users, users, error);
}

/* Objects that cannot be built leave the batch with their error. */
static void build_objects(ObjectBatch *batch)
{
    g_autoptr(GPtrArray) built = g_ptr_array_new();
    for (guint i = 0; i < batch->objects->len; i++) {
        ImportedObject *object = batch->objects->pdata[i];
        session_begin_job(batch->session, object->job);
        if (batch->importer->build(batch, object, &object->state->error))
            g_ptr_array_add(built, object);
    }
    g_ptr_array_unref(batch->objects);
    batch->objects = g_steal_pointer(&built);
}

static const char *receipt_kind(const ObjectBatch *batch, const ImportedObject *object)
{
    const ObjectImporter *importer = batch->importer;
    return importer->receipt_kind ? importer->receipt_kind(object->representation) : importer->object_type;
}

static gboolean record_receipts(ObjectBatch *batch, GError **error)
{
    g_autoptr(GArray) receipts = g_array_new(FALSE, TRUE, sizeof(Receipt));
    for (guint i = 0; i < batch->objects->len; i++) {
        const ImportedObject *object = batch->objects->pdata[i];
        Receipt receipt = {.kind = receipt_kind(batch, object),
                           .key = object->state->receipt,
                           .jid = object->job->jid,
                           .references = object->state->references};
        g_array_append_val(receipts, receipt);
    }
    if (!receipts_record_new(batch->session, batch->project->id, receipts, error))
        return FALSE;
    for (guint i = 0; i < batch->objects->len; i++)
        ((ImportedObject *)batch->objects->pdata[i])->fresh = g_array_index(receipts, Receipt, i).first;
    return TRUE;
}

/* The rows for one table of all fresh objects. (transfer full) */
static json_t *rows_for(const ObjectBatch *batch, const RowTable *table)
{
    json_t *rows = json_array();
    for (guint i = 0; i < batch->objects->len; i++) {
        const ImportedObject *object = batch->objects->pdata[i];
        for (guint j = 0; object->fresh && j < object->state->rows->len; j++) {
            const Row *row = &g_array_index(object->state->rows, Row, j);
            if (row->table == table)
                json_array_append(rows, row->columns);
        }
    }
    return rows;
}

gboolean object_insert_rows(ObjectBatch *batch, const RowTable *table, GError **error)
{
    g_autoptr(json_t) rows = rows_for(batch, table);
    return json_array_size(rows) == 0 || row_table_insert(batch->session, table, rows, error);
}

static gboolean insert_rows(ObjectBatch *batch, GError **error)
{
    for (const RowTable *const *table = batch->importer->tables; *table; table++)
        if (!object_insert_rows(batch, *table, error))
            return FALSE;
    return TRUE;
}

/* Those of the rows that are there, whoever has written them. */
static gboolean push_references(ObjectBatch *batch, GError **error)
{
    g_autoptr(GPtrArray) references = g_ptr_array_new();
    for (guint i = 0; i < batch->objects->len; i++) {
        const ImportedObject *object = batch->objects->pdata[i];
        for (guint j = 0; j < object->state->references->len; j++)
            g_ptr_array_add(references, object->state->references->pdata[j]);
    }
    return placeholder_references_push(batch->session, batch->project, references, error);
}

static gboolean write_batch(G_GNUC_UNUSED Database *database, gpointer data, GError **error)
{
    ObjectBatch *batch = data;
    return record_receipts(batch, error) && insert_rows(batch, error) &&
           (!batch->importer->write || batch->importer->write(batch, error));
}

/* A receipt remembers the references; without receipts they go first, because a reference to a row that is
 * not there does no harm, and a row without its reference has lost its author. */
static gboolean write_and_refer(ObjectBatch *batch, GError **error)
{
    Database *database = session_database(batch->session);
    if (!batch->session->configuration->receipts)
        return push_references(batch, error) && database_transaction(database, write_batch, batch, error);
    return database_transaction(database, write_batch, batch, error) && push_references(batch, error);
}

/* Everything for the objects of the batch but what each job itself has to say. */
static gboolean import_objects(ObjectBatch *batch, GError **error)
{
    const ObjectImporter *importer = batch->importer;
    if (!session_check_stopping(batch->session, error) || !find_people(batch, error) ||
        (importer->prepare && !importer->prepare(batch, error)))
        return FALSE;
    build_objects(batch);
    return batch->objects->len == 0 ||
           (write_and_refer(batch, error) && (!importer->committed || importer->committed(batch, error)));
}

/* --- batches that fail --- */

/* The same will happen to every object. */
static gboolean concerns_all(const GError *error)
{
    return error->domain == REDIS_ERROR || error->domain == GITHUB_ERROR ||
           g_error_matches(error, DATABASE_ERROR, DATABASE_ERROR_CONNECT) ||
           g_error_matches(error, DATABASE_ERROR, DATABASE_ERROR_DISCONNECTED) ||
           job_error_is_no_failure(error);
}

static void fail_objects(const GPtrArray *objects, const GError *error)
{
    for (guint i = 0; i < objects->len; i++) {
        ImportedObject *object = objects->pdata[i];
        if (!object->state->error)
            object->state->error = g_error_copy(error);
    }
}

static void import_alone(ObjectBatch *batch, ImportedObject *object)
{
    forget_rows(object);
    g_ptr_array_set_size(batch->objects, 0);
    g_ptr_array_add(batch->objects, object);
    session_begin_job(batch->session, object->job);
    g_autoptr(GError) error = NULL;
    if (!import_objects(batch, &error))
        fail_objects(batch->objects, error);
}

/* `all` keeps the objects; the batch holds those that are still on their way. What somebody else has written
 * at the same time is found when it is looked for once more. */
static void import_together(ObjectBatch *batch, const GPtrArray *all)
{
    g_autoptr(GError) error = NULL;
    for (guint i = 0; i < all->len; i++)
        g_ptr_array_add(batch->objects, all->pdata[i]);
    if (import_objects(batch, &error))
        return;
    gboolean taken = g_error_matches(error, DATABASE_ERROR, DATABASE_ERROR_UNIQUE);
    if ((all->len == 1 && !taken) || concerns_all(error)) {
        fail_objects(batch->objects, error);
        return;
    }
    session_begin_batch(batch->session, ((const ImportedObject *)all->pdata[0])->job);
    log_info("a batch is imported one by one", "{s:s, s:i}", "reason", error->message, "count",
             (int)all->len);
    for (guint i = 0; i < all->len; i++) {
        ImportedObject *object = all->pdata[i];
        if (!object->state->error)
            import_alone(batch, object);
    }
}

/* --- what becomes of the jobs --- */

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

/* The whole list ends with `error`, if there is one. */
static void end_jobs(const GPtrArray *objects, const GError *error)
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
    end_jobs(done, error);
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

/* The import has ended; its waiter is told as by a job that begins after the end. */
static void stop(ObjectBatch *batch, const GPtrArray *stopped)
{
    g_autoptr(GError) error = NULL;
    if (!notify_waiters(batch->session, stopped, &error))
        end_jobs(stopped, error);
}

static void conclude(ObjectBatch *batch, const GPtrArray *all)
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
    stop(batch, stopped);
}

/* --- jobs --- */

static void log_start(const ObjectBatch *batch, const GPtrArray *all)
{
    for (guint i = 0; log_enabled(LOG_INFO) && i < all->len; i++) {
        const ImportedObject *object = all->pdata[i];
        session_begin_job(batch->session, object->job);
        log_info("starting importer", "{s:s, s:o}", "importer", batch->importer->class_name,
                 "external_identifiers", batch->importer->identifiers(object->representation));
    }
}

static void import_jobs(ObjectBatch *batch, const GPtrArray *all)
{
    for (guint i = 0; i < all->len; i++) {
        ImportedObject *object = all->pdata[i];
        object->state->receipt = batch->importer->receipt(object->representation);
    }
    log_start(batch, all);
    import_together(batch, all);
    conclude(batch, all);
}

static GPtrArray *read_jobs(BatchJob *jobs, guint n_jobs)
{
    GPtrArray *objects = g_ptr_array_new_with_free_func((GDestroyNotify)imported_object_free);
    for (guint i = 0; i < n_jobs; i++) {
        ImportedObject *object = read_job(&jobs[i]);
        if (object)
            g_ptr_array_add(objects, object);
    }
    return objects;
}

static void object_batch_init(ObjectBatch *batch, Session *session)
{
    *batch = (ObjectBatch){
        .session = session,
        .importer = importer_of(session),
        .objects = g_ptr_array_new(),
        .id_pools = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)id_pool_free),
        .now = database_now(),
    };
}

void object_importer_perform_batch(Session *session, BatchJob *jobs, guint n_jobs)
{
    g_auto(ObjectBatch) batch;
    g_auto(ImportWatch) watch = {0};
    g_autoptr(GPtrArray) all = read_jobs(jobs, n_jobs);
    g_autoptr(GError) error = NULL;
    gint64 project_id;
    gboolean running;
    object_batch_init(&batch, session);
    if (all->len == 0)
        return;
    if (!job_arg_integer(jobs[0].job, 0, &project_id, &error) ||
        !load_import(&batch, project_id, &running, &error)) {
        end_jobs(all, error);
    } else if (running) {
        import_watch_begin(&watch, session, project_id);
        make_finders(&batch);
        import_jobs(&batch, all);
    } else if (!notify_waiters(session, all, &error)) {
        end_jobs(all, error);
    }
}

gboolean object_importer_perform(Session *session, const Job *job, GError **error)
{
    BatchJob one = {.job = job};
    object_importer_perform_batch(session, &one, 1);
    if (!one.error)
        return TRUE;
    g_propagate_error(error, one.error);
    return FALSE;
}

void object_importer_retries_exhausted(Session *session, const Job *job,
                                       G_GNUC_UNUSED const GError *last_error)
{
    g_autoptr(GError) error = NULL;
    const char *waiter_key;
    if (json_array_size(job->args) != 3 || !job_arg_string(job, 2, &waiter_key, NULL))
        return;
    if (!job_waiter_notify(session_redis(session, REDIS_SHARED_STATE), waiter_key, job->jid, &error))
        log_error("the waiter could not be told that a job is given up", error, NULL);
}
