#include "importers/gitlab/internal_id.h"
#include "importers/objects/repository.h"
#include "importers/stages/stage.h"
#include "importers/stages/stages.h"
#include "protocol/log.h"

/*
 * People may create issues, merge requests and milestones while the import runs; their iids must not be those
 * that GitHub's objects will need. So the highest number of each kind is taken first
 * (lib/gitlab/import/iid_preallocator.rb).
 */
typedef struct Preallocation {
    InternalIdUsage usage;
    const char *collection, *query;
    gboolean newest_first; /* the first object has the highest number; else all pages are searched */
} Preallocation;

static const Preallocation PREALLOCATIONS[] = {
    {INTERNAL_ID_ISSUES, "issues", "state=all&sort=number&direction=desc", TRUE},
    {INTERNAL_ID_MERGE_REQUESTS, "pulls", "state=all&sort=created&direction=desc", TRUE},
    {INTERNAL_ID_MILESTONES, "milestones", "state=all", FALSE},
};

static gint64 highest_number(const json_t *objects, gint64 highest)
{
    size_t i;
    json_t *object;

    json_array_foreach (objects, i, object)
        highest = MAX(highest, json_integer_value(json_object_get(object, "number")));
    return highest;
}

/* *highest is 0 when the collection is empty. */
static gboolean find_highest_number(Stage *stage, const Preallocation *kind, gint64 *highest, GError **error)
{
    g_autofree char *path =
        g_strdup_printf("%s/%s", github_client_repository_path(stage->github), kind->collection);
    g_autoptr(GithubPages) pages = github_pages(stage->github, path, kind->query, NULL);
    g_autoptr(GError) cause = NULL;

    if (kind->newest_first)
        github_pages_set_size(pages, 1);
    *highest = 0;
    while (session_check_stopping(stage->session, &cause)) {
        g_autoptr(json_t) objects = github_pages_next(pages, &cause);
        if (!objects)
            break;
        *highest = highest_number(objects, *highest);
        if (kind->newest_first)
            break;
    }
    if (!cause)
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&cause));
    return FALSE;
}

static gboolean preallocate(Stage *stage, const Preallocation *kind, GError **error)
{
    gboolean exists;
    gint64 highest;

    if (!internal_id_exists(stage->session, stage->project, kind->usage, &exists, error))
        return FALSE;
    if (exists)
        return TRUE;
    if (!find_highest_number(stage, kind, &highest, error))
        return FALSE;
    return highest == 0 || internal_id_raise(stage->session, stage->project, kind->usage, highest, error);
}

static gboolean import_repository(Stage *stage, GError **error)
{
    for (guint i = 0; i < G_N_ELEMENTS(PREALLOCATIONS); i++)
        if (!preallocate(stage, &PREALLOCATIONS[i], error))
            return FALSE;
    log_info("starting importer", "{s:s}", "importer", "Importer::RepositoryImporter");
    return repository_import(stage, error) &&
           stage_continue_with(stage, "Gitlab::GithubImport::Stage::ImportBaseDataWorker", error);
}

gboolean import_repository_perform(Session *session, const Job *job, GError **error)
{
    return stage_perform(session, job, import_repository, error);
}
