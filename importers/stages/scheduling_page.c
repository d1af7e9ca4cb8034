#include "importers/stages/scheduling_page.h"

#include "protocol/import_caching.h"
#include "protocol/json.h"

/* The jobs of a page. */
typedef struct PageJobs {
    json_t *args;     /* of each job */
    GPtrArray *ids;   /* borrowed */
    GPtrArray *types; /* what `fetched` counts; static, or NULL */
    GPtrArray *jids;
} PageJobs;

static void page_jobs_clear(PageJobs *jobs)
{
    json_decref(jobs->args);
    g_ptr_array_unref(jobs->ids);
    g_ptr_array_unref(jobs->types);
    g_ptr_array_unref(jobs->jids);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PageJobs, page_jobs_clear)

static PageJobs page_jobs_new(void)
{
    return (PageJobs){
        .args = json_array(),
        .ids = g_ptr_array_new(),
        .types = g_ptr_array_new(),
        .jids = g_ptr_array_new_with_free_func(g_free),
    };
}

/* `representation` is consumed. */
static void add_job(PageJobs *jobs, const Scheduling *scheduling, const char *id, const char *type,
                    json_t *representation)
{
    json_array_append_new(jobs->args, json_pack("[I, o, s]", (json_int_t)scheduling->stage->project->id,
                                                representation, scheduled_jobs_waiter(scheduling->jobs)));
    g_ptr_array_add(jobs->ids, (gpointer)id);
    g_ptr_array_add(jobs->types, (gpointer)type);
    g_ptr_array_add(jobs->jids, scheduled_jobs_jid(scheduling->jobs, id));
}

static gboolean push(Scheduling *scheduling, const char *worker, const PageJobs *jobs, const double *at,
                     GError **error)
{
    return jobs->ids->len == 0 || (session_push_bulk(scheduling->stage->session, worker, jobs->args,
                                                     (const char *const *)jobs->jids->pdata, at, error) &&
                                   scheduled_jobs_record(scheduling->jobs, jobs->ids, jobs->types, error));
}

static gboolean add_object(PageJobs *jobs, Scheduling *scheduling, const SchedulingPage *page, guint index,
                           GError **error)
{
    const ObjectCollection *collection = scheduling->collection;
    const json_t *object = json_array_get(page->objects, index);
    g_autoptr(GError) failure = NULL;
    g_autoptr(json_t) representation =
        collection->representation(scheduling->stage, object, page->parent, &failure);
    if (failure) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return FALSE;
    }
    if (!representation)
        return TRUE;
    if (collection->scheduling && !collection->scheduling(scheduling->stage, object, page->parent, error))
        return FALSE;
    const char *type = collection->fetched_as ? collection->fetched_as(object) : NULL;
    add_job(jobs, scheduling, page->ids->pdata[index], type, g_steal_pointer(&representation));
    return TRUE;
}

static gboolean schedule_objects(Scheduling *scheduling, const SchedulingPage *page, GError **error)
{
    const ObjectCollection *collection = scheduling->collection;
    g_auto(PageJobs) jobs = page_jobs_new();
    if (collection->prepare && !collection->prepare(scheduling->stage, page->objects, error))
        return FALSE;
    for (guint i = 0; i < page->ids->len; i++)
        if (!add_object(&jobs, scheduling, page, i, error))
            return FALSE;
    if (jobs.ids->len == 0)
        return TRUE;
    if (!job_pace_wait(scheduling->pace, scheduling->jobs, error))
        return FALSE;
    g_autofree double *at = job_pace_times(scheduling->pace, jobs.ids->len);
    return push(scheduling, collection->worker, &jobs, at, error);
}

static gboolean end_parent(Scheduling *scheduling, const SchedulingPage *page, GError **error)
{
    Stage *stage = scheduling->stage;
    g_autofree char *done_set = g_strdup_printf(page->ended->done_set, stage->project->id);
    const char *key = page->ended->done_set_key ? page->ended->done_set_key : "iid";
    g_autofree char *member = g_strdup_printf("%" G_GINT64_FORMAT, json_integer_field(page->parent, key, 0));
    return (!page->ended->parent_done || page->ended->parent_done(scheduling, page->parent, error)) &&
           cache_set_add(session_redis(stage->session, REDIS_SHARED_STATE), done_set, member, CACHE_TIMEOUT,
                         error);
}

gboolean scheduling_page_run(Scheduling *scheduling, const SchedulingPage *page, GError **error)
{
    Stage *stage = scheduling->stage;
    if (page->ended)
        return end_parent(scheduling, page, error);
    return schedule_objects(scheduling, page, error) &&
           (!page->collection || page_position_write(stage->session, stage->project->id, page->collection,
                                                     &page->position, error));
}

gboolean parallel_scheduling_enqueue(Scheduling *scheduling, const char *worker, const char *name,
                                     json_t *representation, GError **error)
{
    g_auto(PageJobs) job = page_jobs_new();
    add_job(&job, scheduling, name, NULL, representation);
    g_autofree gboolean *scheduled = scheduled_jobs_contain(scheduling->jobs, job.ids, error);
    return scheduled && (*scheduled || push(scheduling, worker, &job, NULL, error));
}

/* Objects with an id, none of them twice. */
static void take_candidates(const Scheduling *scheduling, const json_t *objects, const json_t *parent,
                            json_t *candidates, GPtrArray *ids)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    size_t i;
    json_t *object;
    json_array_foreach (objects, i, object) {
        g_autofree char *id = scheduling->collection->id(object, parent);
        if (!id || waiting_pages_contain(scheduling->waiting, id) || g_hash_table_contains(seen, id))
            continue;
        g_hash_table_add(seen, id);
        json_array_append(candidates, object);
        g_ptr_array_add(ids, g_steal_pointer(&id));
    }
}

SchedulingPage *scheduling_page_new(Scheduling *scheduling, const json_t *objects, json_t *parent,
                                    GError **error)
{
    g_autoptr(json_t) candidates = json_array();
    g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);
    take_candidates(scheduling, objects, parent, candidates, ids);
    g_autofree gboolean *scheduled = scheduled_jobs_contain(scheduling->jobs, ids, error);
    if (!scheduled)
        return NULL;

    SchedulingPage *page = g_new0(SchedulingPage, 1);
    page->objects = json_array();
    page->ids = g_ptr_array_new_with_free_func(g_free);
    page->parent = json_incref(parent);
    for (guint i = 0; i < ids->len; i++) {
        if (scheduled[i])
            continue;
        json_array_append(page->objects, json_array_get(candidates, i));
        g_ptr_array_add(page->ids, g_strdup(ids->pdata[i]));
    }
    return page;
}

SchedulingPage *scheduling_page_end(json_t *parent, const ParentCollection *parents)
{
    SchedulingPage *page = g_new0(SchedulingPage, 1);
    page->objects = json_array();
    page->ids = g_ptr_array_new_with_free_func(g_free);
    page->parent = json_incref(parent);
    page->ended = parents;
    return page;
}

void scheduling_page_free(SchedulingPage *page)
{
    json_decref(page->objects);
    g_ptr_array_unref(page->ids);
    json_decref(page->parent);
    g_free(page->collection);
    page_position_clear(&page->position);
    g_free(page);
}
