#include "importers/gitlab/milestone_finder.h"

#include "protocol/import_caching.h"

static const Statement find_milestone = {
    "milestone_finder_find",
    "SELECT iid AS name, id FROM milestones WHERE project_id = $1 AND iid = ANY($2::integer[])",
};
static const Statement all_milestones = {
    "milestone_finder_all",
    "SELECT iid AS name, id FROM milestones WHERE project_id = $1",
};
static const FinderCache MILESTONES = {
    .prefix = "github-import/milestone-finder",
    .some = &find_milestone,
    .all = &all_milestones,
    .missing_is_final = TRUE,
};

Finder *milestone_finder_new(Session *session, const Project *project)
{
    return finder_new(session, &MILESTONES, project->id, CACHE_TIMEOUT);
}

gboolean milestone_finder_fill_cache(Session *session, gint64 project_id, GError **error)
{
    return finder_cache_fill(session, &MILESTONES, project_id, error);
}
