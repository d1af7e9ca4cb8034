#include "importers/gitlab/milestone_finder.h"

#include "importers/gitlab/finder_cache.h"

static const Statement find_milestone = {
    "milestone_finder_find",
    "SELECT id FROM milestones WHERE project_id = $1 AND iid = $2",
};
static const Statement all_milestones = {
    "milestone_finder_all",
    "SELECT iid AS name, id FROM milestones WHERE project_id = $1",
};
static const FinderCache MILESTONES = {"github-import/milestone-finder", &find_milestone, &all_milestones};

gboolean milestone_finder_find(Session *session, const Project *project, gint64 iid, gint64 *id,
                               GError **error)
{
    return finder_cache_find(session, &MILESTONES, project->id, SQL_INTEGER(iid), id, error);
}

gboolean milestone_finder_fill_cache(Session *session, gint64 project_id, GError **error)
{
    return finder_cache_fill(session, &MILESTONES, project_id, error);
}
