#include "importers/stages/parallel_scheduling.h"

#include "importers/gitlab/import_failure.h"
#include "importers/gitlab/import_state.h"
#include "importers/stages/job_delay.h"
#include "importers/stages/scheduling_page.h"
#include "protocol/error_class.h"
#include "protocol/import_caching.h"
#include "protocol/json.h"
#include "protocol/log.h"

#define OBJECTS_PER_PAGE 100 /* of objects that are at hand */
#define KEEP_ALIVE_EVERY (5 * G_TIME_SPAN_SECOND)

static void scheduling_clear(Scheduling *scheduling)
{
    g_clear_pointer(&scheduling->waiting, waiting_pages_free);
    g_clear_pointer(&scheduling->pace, job_pace_free);
    g_clear_pointer(&scheduling->jobs, scheduled_jobs_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Scheduling, scheduling_clear)

static gboolean scheduling_begin(Scheduling *scheduling, GError **error)
{
    Stage *stage = scheduling->stage;
    scheduling->jobs =
        scheduled_jobs_load(stage->session, stage->project->id, scheduling->collection->name, error);
    if (!scheduling->jobs)
        return FALSE;
    scheduling->pace = job_pace_new(stage->session, scheduling->collection->jobs_per_minute, error);
    scheduling->waiting = waiting_pages_new(stage);
    return scheduling->pace != NULL;
}

Stage *parallel_scheduling_stage(Scheduling *scheduling)
{
    return scheduling->stage;
}

/* Where pages come from. */
typedef struct PageSource {
    char *path;       /* of the API */
    char *collection; /* of the page position */
    json_t *parent;   /* or NULL; borrowed */
} PageSource;

static void page_source_clear(PageSource *source)
{
    g_free(source->path);
    g_free(source->collection);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PageSource, page_source_clear)

static gboolean is_resumed(const PagePosition *position)
{
    return (position->url && *position->url) || position->number > 1;
}

/* (transfer full) */
static GithubPages *resume(const Scheduling *scheduling, const PageSource *source,
                           const PagePosition *position)
{
    GithubClient *github = scheduling->stage->github;
    const char *query = scheduling->collection->query;
    if ((position->url && *position->url) || position->number <= 1)
        return github_pages(github, source->path, query, position->url);
    g_autofree char *numbered =
        g_strdup_printf("%s%spage=%" G_GINT64_FORMAT, query ? query : "", query ? "&" : "", position->number);
    return github_pages(github, source->path, numbered, NULL);
}

/* The page that an earlier run was at, else the first. GitHub refuses to begin deep inside of large
 * collections by number (422); the pages before it are read again then, which leads there by its own links.
 * (transfer full) */
static json_t *first_page(const Scheduling *scheduling, const PageSource *source, GithubPages **pages,
                          GError **error)
{
    const Stage *stage = scheduling->stage;
    g_auto(PagePosition) position = {0};
    g_autoptr(GError) refusal = NULL;
    if (!page_position_read(stage->session, stage->project->id, source->collection, &position, error))
        return NULL;
    *pages = resume(scheduling, source, &position);
    json_t *objects = github_pages_next(*pages, &refusal);
    if (is_resumed(&position) && g_error_matches(refusal, GITHUB_ERROR, GITHUB_ERROR_UNPROCESSABLE)) {
        log_info("GitHub does not go on at this page, reading from the first", "{s:s, s:s, s:I}", "importer",
                 scheduling->collection->importer, "collection", source->collection, "page",
                 (json_int_t)position.number);
        github_pages_free(*pages);
        *pages = github_pages(stage->github, source->path, scheduling->collection->query, NULL);
        return github_pages_next(*pages, error);
    }
    if (refusal)
        g_propagate_error(error, g_steal_pointer(&refusal));
    return objects;
}

/* The import counts as alive for another day; to say so for each of many small pages would only cost. */
static gboolean keep_alive(Scheduling *scheduling, GError **error)
{
    const Stage *stage = scheduling->stage;
    gint64 now = g_get_monotonic_time();
    if (scheduling->kept_alive_at && now - scheduling->kept_alive_at < KEEP_ALIVE_EVERY)
        return TRUE;
    scheduling->kept_alive_at = now;
    return import_state_refresh_jid(stage->session, stage->project->id, NULL, error);
}

static gboolean take_page(Scheduling *scheduling, const PageSource *source, const GithubPages *pages,
                          const json_t *objects, GError **error)
{
    SchedulingPage *page = scheduling_page_new(scheduling, objects, source->parent, error);
    if (!page)
        return FALSE;
    page->collection = g_strdup(source->collection);
    page->position.url = g_strdup(github_pages_url(pages));
    page->position.number = github_pages_number(pages);
    return waiting_pages_add(scheduling, page, error) && keep_alive(scheduling, error);
}

static gboolean schedule_pages(Scheduling *scheduling, const PageSource *source, GError **error)
{
    g_autoptr(GithubPages) pages = NULL;
    g_autoptr(GError) failure = NULL;
    for (;;) {
        g_autoptr(json_t) objects =
            pages ? github_pages_next(pages, &failure) : first_page(scheduling, source, &pages, &failure);
        if (!objects)
            break;
        if (!take_page(scheduling, source, pages, objects, error) ||
            !session_check_stopping(scheduling->stage->session, error))
            return FALSE;
    }
    if (!failure)
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}

static gboolean schedule_collection(Scheduling *scheduling, G_GNUC_UNUSED gconstpointer data, GError **error)
{
    const ObjectCollection *collection = scheduling->collection;
    g_auto(PageSource) source = {
        .path = g_strdup_printf("%s/%s", github_client_repository_path(scheduling->stage->github),
                                collection->path),
        .collection = g_strdup(collection->name),
    };
    return schedule_pages(scheduling, &source, error);
}

static gboolean schedule_single(Scheduling *scheduling, const PageSource *source, GError **error)
{
    g_autoptr(json_t) object = github_get(scheduling->stage->github, source->path, error);
    if (!object)
        return FALSE;
    g_autoptr(json_t) objects = json_pack("[O]", object);
    SchedulingPage *page = scheduling_page_new(scheduling, objects, source->parent, error);
    return page && waiting_pages_add(scheduling, page, error) && keep_alive(scheduling, error);
}

static gboolean is_gone(const GError *failure)
{
    return g_error_matches(failure, GITHUB_ERROR, GITHUB_ERROR_NOT_FOUND) ||
           g_error_matches(failure, GITHUB_ERROR, GITHUB_ERROR_DEPRECATED);
}

static gboolean record_gone_parent(Scheduling *scheduling, const ParentCollection *parents,
                                   const PageSource *source, const GError *cause, GError **error)
{
    Stage *stage = scheduling->stage;
    g_autoptr(json_t) identifiers =
        json_pack("{s:I, s:s}", "iid", json_integer_field(source->parent, "iid", 0), "object_type",
                  parents->object_type);
    ImportFailure failure = {
        .project_id = stage->project->id,
        .source = scheduling->collection->importer,
        .exception_class = error_class(cause),
        .exception_message = cause->message,
        .external_identifiers = identifiers,
        .receipt = source->path,
    };
    return import_failure_track(stage->session, &failure, error);
}

/* A parent that was deleted or transferred on GitHub since has no more pages. Where the whole repository is
 * gone, or hidden from the token, the import has failed. */
static gboolean schedule_pages_of_parent(Scheduling *scheduling, const ParentCollection *parents,
                                         const PageSource *source, GError **error)
{
    GithubClient *github = scheduling->stage->github;
    g_autoptr(GError) failure = NULL;
    if (parents->single ? schedule_single(scheduling, source, &failure)
                        : schedule_pages(scheduling, source, &failure))
        return TRUE;
    if (!is_gone(failure)) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return FALSE;
    }
    g_autoptr(json_t) repository = github_get(github, github_client_repository_path(github), error);
    return repository && record_gone_parent(scheduling, parents, source, failure, error);
}

static char *parent_number(const json_t *parent, const char *field)
{
    return g_strdup_printf("%" G_GINT64_FORMAT, json_integer_field(parent, field, 0));
}

static gboolean schedule_parent(Scheduling *scheduling, const ParentCollection *parents, json_t *parent,
                                GError **error)
{
    g_autofree char *iid = parent_number(parent, "iid");
    g_autofree char *key =
        parent_number(parent, parents->page_counter_key ? parents->page_counter_key : "iid");
    g_autofree char *below = g_strdup_printf(scheduling->collection->path, iid);
    g_auto(PageSource) source = {
        .path = g_strdup_printf("%s/%s", github_client_repository_path(scheduling->stage->github), below),
        .collection = parents->single ? NULL : g_strdup_printf(parents->page_counter, key),
        .parent = parent,
    };
    return session_check_stopping(scheduling->stage->session, error) &&
           schedule_pages_of_parent(scheduling, parents, &source, error) &&
           waiting_pages_add(scheduling, scheduling_page_end(parent, parents), error);
}

/* Which of the rows' parents an earlier run has done. (transfer full) */
static gboolean *parents_done(Scheduling *scheduling, const ParentCollection *parents, const PGresult *rows,
                              GError **error)
{
    const Stage *stage = scheduling->stage;
    g_autofree char *done_set = g_strdup_printf(parents->done_set, stage->project->id);
    const char *column = parents->done_set_key ? parents->done_set_key : "iid";
    g_autoptr(GPtrArray) members = g_ptr_array_new();
    for (int row = 0; row < PQntuples(rows); row++)
        g_ptr_array_add(members, (gpointer)database_value(rows, row, column));
    return cache_set_includes_all(session_redis(stage->session, REDIS_SHARED_STATE), done_set, members,
                                  error);
}

/* *after becomes the last parent's iid; 0: there are no more parents. */
static gboolean schedule_next_parents(Scheduling *scheduling, const ParentCollection *parents, gint64 *after,
                                      GError **error)
{
    const Stage *stage = scheduling->stage;
    g_autoptr(PGresult) rows =
        database_run(session_database(stage->session), error, parents->next, SQL_INTEGER(stage->project->id),
                     SQL_INTEGER(*after), DATABASE_END);
    g_autofree gboolean *done = rows ? parents_done(scheduling, parents, rows, error) : NULL;
    if (!done)
        return FALSE;
    *after = 0;
    for (int row = 0; row < PQntuples(rows); row++) {
        g_autoptr(json_t) parent = parents->parent(rows, row);
        *after = database_integer(rows, row, "iid");
        if (!done[row] && !schedule_parent(scheduling, parents, parent, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean schedule_parents(Scheduling *scheduling, gconstpointer data, GError **error)
{
    for (const ParentCollection *const *parents = data; *parents; parents++) {
        gint64 after = 0;
        do {
            if (!schedule_next_parents(scheduling, *parents, &after, error))
                return FALSE;
        } while (after > 0);
    }
    return TRUE;
}

static gboolean schedule_objects(Scheduling *scheduling, gconstpointer data, GError **error)
{
    const json_t *objects = data;
    for (size_t from = 0; from < json_array_size(objects); from += OBJECTS_PER_PAGE) {
        g_autoptr(json_t) slice = json_array();
        for (size_t i = from; i < MIN(from + OBJECTS_PER_PAGE, json_array_size(objects)); i++)
            json_array_append(slice, json_array_get(objects, i));
        SchedulingPage *page = scheduling_page_new(scheduling, slice, NULL, error);
        if (!page || !waiting_pages_add(scheduling, page, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean take_objects(gpointer data, const json_t *objects, GError **error)
{
    Scheduling *scheduling = data;
    SchedulingPage *page = scheduling_page_new(scheduling, objects, NULL, error);
    return page && waiting_pages_add(scheduling, page, error) && keep_alive(scheduling, error);
}

/* *after becomes the last record's position; 0: there are no more records. */
static gboolean schedule_next_records(Scheduling *scheduling, const RecordCollection *collection,
                                      gint64 *after, GError **error)
{
    const Stage *stage = scheduling->stage;
    g_autoptr(PGresult) rows =
        database_run(session_database(stage->session), error, collection->next,
                     SQL_INTEGER(stage->project->id), SQL_INTEGER(*after), DATABASE_END);
    if (!rows)
        return FALSE;
    *after = 0;
    g_autoptr(json_t) records = json_array();
    for (int row = 0; row < PQntuples(rows); row++) {
        json_array_append_new(records, collection->record(rows, row));
        *after = database_integer(rows, row, collection->position);
    }
    return take_objects(scheduling, records, error) && session_check_stopping(stage->session, error);
}

/* The records have no page counter: those that are scheduled are passed over. */
static gboolean schedule_records(Scheduling *scheduling, gconstpointer data, GError **error)
{
    gint64 after = 0;
    do {
        if (!schedule_next_records(scheduling, data, &after, error))
            return FALSE;
    } while (after > 0);
    return TRUE;
}

static gboolean schedule_source(Scheduling *scheduling, gconstpointer data, GError **error)
{
    const ObjectSource *source = data;
    return (*source)(scheduling->stage, take_objects, scheduling, error);
}

typedef struct Run {
    gboolean (*schedule)(Scheduling *scheduling, gconstpointer data, GError **error);
    gconstpointer data;
    /* A run that finds its collection ended has nothing to do. Parents are marked one by one instead, and
     * collections of theirs may share their keys. */
    gboolean ends;
    gboolean *cut; /* set when GitHub lists no more; NULL: its refusal is an error */
} Run;

/* The pages so far count; the collection has not ended, so that a later run is refused again. */
static gboolean schedule_until_refused(Scheduling *scheduling, const Run *run, GError **error)
{
    g_autoptr(GError) refusal = NULL;
    if (run->schedule(scheduling, run->data, &refusal))
        return waiting_pages_run(scheduling, error) && scheduled_jobs_end(scheduling->jobs, error);
    if (run->cut && g_error_matches(refusal, GITHUB_ERROR, GITHUB_ERROR_UNPROCESSABLE)) {
        *run->cut = TRUE;
        return waiting_pages_run(scheduling, error);
    }
    g_propagate_error(error, g_steal_pointer(&refusal));
    return FALSE;
}

static gboolean schedule_unless_ended(Scheduling *scheduling, const Run *run, GError **error)
{
    gboolean ended = FALSE;
    if (run->ends && !scheduled_jobs_ended(scheduling->jobs, &ended, error))
        return FALSE;
    return ended || schedule_until_refused(scheduling, run, error);
}

static gboolean schedule(Stage *stage, const ObjectCollection *collection, const Run *run, json_t *waiters,
                         GError **error)
{
    g_auto(Scheduling) scheduling = {.stage = stage, .collection = collection};
    if (!scheduling_begin(&scheduling, error) || !schedule_unless_ended(&scheduling, run, error))
        return FALSE;
    json_object_set_new(waiters, scheduled_jobs_waiter(scheduling.jobs),
                        json_integer(scheduled_jobs_count(scheduling.jobs)));
    return TRUE;
}

/* The stage comes back and goes on. Ruby records a rate limit; it is none of the import's failures. */
static gboolean only_interrupts(const GError *cause)
{
    return job_error_is_no_failure(cause) || job_delay_reset_in(cause) > 0;
}

/* The failure is recorded if it can be; the error that counts is the collection's own. */
static void record_failure(Stage *stage, const ObjectCollection *collection, const GError *cause)
{
    g_autoptr(GError) error = NULL;
    if (!import_failure_track_error(stage->session, stage->project->id, collection->importer, cause, FALSE,
                                    &error))
        log_error("import failure could not be recorded", error, NULL);
}

static void log_step(const char *message, const ObjectCollection *collection)
{
    log_info(message, "{s:s, s:b}", "importer", collection->object_importer, "parallel", 1);
}

static gboolean run_logged(Stage *stage, const ObjectCollection *collection, const Run *run, json_t *waiters,
                           GError **error)
{
    g_autoptr(GError) cause = NULL;
    log_step("starting importer", collection);
    if (schedule(stage, collection, run, waiters, &cause)) {
        log_step("importer finished", collection);
        return TRUE;
    }
    if (!only_interrupts(cause))
        record_failure(stage, collection, cause);
    g_propagate_error(error, g_steal_pointer(&cause));
    return FALSE;
}

gboolean parallel_scheduling_run(Stage *stage, const ObjectCollection *collection, json_t *waiters,
                                 GError **error)
{
    const Run run = {.schedule = schedule_collection, .ends = TRUE};
    return run_logged(stage, collection, &run, waiters, error);
}

gboolean parallel_scheduling_run_limited(Stage *stage, const ObjectCollection *collection, json_t *waiters,
                                         gboolean *cut, GError **error)
{
    const Run run = {.schedule = schedule_collection, .ends = TRUE, .cut = cut};
    *cut = FALSE;
    return run_logged(stage, collection, &run, waiters, error);
}

gboolean parallel_scheduling_run_parents(Stage *stage, const ObjectCollection *collection,
                                         const ParentCollection *const *parents, json_t *waiters,
                                         GError **error)
{
    const Run run = {.schedule = schedule_parents, .data = parents};
    return run_logged(stage, collection, &run, waiters, error);
}

gboolean parallel_scheduling_run_objects(Stage *stage, const ObjectCollection *collection,
                                         const json_t *objects, json_t *waiters, GError **error)
{
    const Run run = {.schedule = schedule_objects, .data = objects, .ends = TRUE};
    return run_logged(stage, collection, &run, waiters, error);
}

gboolean parallel_scheduling_run_records(Stage *stage, const RecordCollection *collection, json_t *waiters,
                                         GError **error)
{
    const Run run = {.schedule = schedule_records, .data = collection, .ends = TRUE};
    return run_logged(stage, &collection->objects, &run, waiters, error);
}

gboolean parallel_scheduling_run_source(Stage *stage, const ObjectCollection *collection, ObjectSource source,
                                        json_t *waiters, GError **error)
{
    const Run run = {.schedule = schedule_source, .data = &source, .ends = TRUE};
    return run_logged(stage, collection, &run, waiters, error);
}
