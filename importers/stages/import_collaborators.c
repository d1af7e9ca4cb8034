/* app/workers/gitlab/github_import/stage/import_collaborators_worker.rb,
 * lib/gitlab/github_import/importer/collaborators_importer.rb */
#include "importers/gitlab/people_mode.h"
#include "importers/objects/collaborator.h"
#include "importers/stages/stages.h"
#include "protocol/json.h"
#include "protocol/log.h"

#define IMPORTER "Importer::CollaboratorsImporter" /* as GitLab's log names it */

/* In a personal namespace everything is its owner's. Limits on the number of members are GitLab EE's
 * (Import::MemberLimitCheckService). */
static gboolean is_wanted(const Stage *stage)
{
    return stage->data->collaborators_import &&
           !(people_mode_maps(stage->session, stage->data) && stage->project->root_is_user_namespace);
}

/* GitHub shows collaborators to those alone who may push. */
static gboolean has_push_access(Stage *stage, gboolean *has_access, GError **error)
{
    g_autoptr(json_t) repository =
        github_get(stage->github, github_client_repository_path(stage->github), error);
    if (!repository)
        return FALSE;
    *has_access = json_true_field(json_object_get(repository, "permissions"), "push");
    return TRUE;
}

/* All pages. (transfer full) */
static json_t *fetch_collaborators(Stage *stage, const char *query, GError **error)
{
    g_autofree char *path = g_strdup_printf("%s/collaborators", github_client_repository_path(stage->github));
    g_autoptr(GithubPages) pages = github_pages(stage->github, path, query, NULL);
    g_autoptr(json_t) all = json_array();
    GError *failure = NULL;
    json_t *page;
    while ((page = github_pages_next(pages, &failure))) {
        json_array_extend(all, page);
        json_decref(page);
        if (!session_check_stopping(stage->session, error))
            return NULL;
    }
    if (!failure)
        return g_steal_pointer(&all);
    g_propagate_error(error, failure);
    return NULL;
}

/* Equal objects have equal texts. */
static char *comparable_text(const json_t *object)
{
    return json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
}

/* (transfer full) */
static json_t *without(const json_t *objects, const json_t *others)
{
    g_autoptr(GHashTable) left_out = g_hash_table_new_full(g_str_hash, g_str_equal, free, NULL);
    json_t *remaining = json_array(), *object;
    size_t index;
    json_array_foreach (others, index, object)
        g_hash_table_add(left_out, comparable_text(object));
    json_array_foreach (objects, index, object) {
        g_autofree char *text = comparable_text(object);
        if (!g_hash_table_contains(left_out, text))
            json_array_append(remaining, object);
    }
    return remaining;
}

/* Both lists are read to their end before the first job is scheduled. */
static gboolean schedule_collaborators(Stage *stage, json_t *waiters, GError **error)
{
    g_autoptr(json_t) direct = fetch_collaborators(stage, "affiliation=direct", error);
    if (!direct)
        return FALSE;
    g_autoptr(json_t) outside = fetch_collaborators(stage, "affiliation=outside", error);
    if (!outside)
        return FALSE;
    g_autoptr(json_t) inside = without(direct, outside);
    return parallel_scheduling_run_objects(stage, &collaborators_collection, inside, waiters, error);
}

/* Leaves `waiters` empty where there is nothing to import. */
static gboolean run_importer(Stage *stage, json_t *waiters, GError **error)
{
    gboolean has_access;
    if (!is_wanted(stage))
        return TRUE;
    if (!has_push_access(stage, &has_access, error))
        return FALSE;
    if (!has_access) {
        log_warn("no push access rights to fetch collaborators", "{s:s}", "importer", IMPORTER);
        return TRUE;
    }
    log_info("starting importer", "{s:s}", "importer", IMPORTER);
    return schedule_collaborators(stage, waiters, error);
}

/* Without timelines, merges and reviews have stages of their own. */
static const char *next_stage(const Stage *stage)
{
    return stage->data->issue_events_refused ? "pull_requests_merged_by" : "issues_and_diff_notes";
}

static gboolean import_collaborators(Stage *stage, GError **error)
{
    g_autoptr(json_t) waiters = json_object();
    return run_importer(stage, waiters, error) &&
           stage_advance_to(stage, g_steal_pointer(&waiters), next_stage(stage), error);
}

gboolean import_collaborators_perform(Session *session, const Job *job, GError **error)
{
    return stage_perform(session, job, import_collaborators, error);
}
