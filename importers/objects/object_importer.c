#include "importers/objects/object_batch.h"

#include "importers/gitlab/import_context.h"
#include "importers/gitlab/import_state.h"
#include "importers/gitlab/import_watch.h"
#include "importers/gitlab/issuable_finder.h"
#include "importers/gitlab/label_finder.h"
#include "importers/gitlab/milestone_finder.h"
#include "protocol/error_class.h"
#include "protocol/job_waiter.h"
#include "protocol/json.h"
#include "protocol/log.h"

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
    object->state->rows = object_rows_new();
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

/* --- a batch --- */

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

gboolean object_batch_preload(ObjectBatch *batch, Finder *finder, char *(*name)(const json_t *representation),
                              GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < batch->objects->len; i++) {
        char *found = name(((const ImportedObject *)batch->objects->pdata[i])->representation);
        if (found)
            g_ptr_array_add(names, found);
    }
    return finder_preload(finder, names, error);
}

/* --- a batch imported --- */

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

/* Everything for the objects of the batch but what each job itself has to say. */
static gboolean import_objects(ObjectBatch *batch, GError **error)
{
    const ObjectImporter *importer = batch->importer;
    if (!session_check_stopping(batch->session, error) || !find_people(batch, error) ||
        (importer->prepare && !importer->prepare(batch, error)))
        return FALSE;
    build_objects(batch);
    return batch->objects->len == 0 ||
           (object_rows_write(batch, error) && (!importer->committed || importer->committed(batch, error)));
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
    object_outcome_conclude(batch, all);
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
        .id_pools = object_id_pools_new(),
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
        object_outcome_end(all, error);
    } else if (running) {
        import_watch_begin(&watch, session, project_id);
        make_finders(&batch);
        import_jobs(&batch, all);
    } else {
        object_outcome_stop(session, all);
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
