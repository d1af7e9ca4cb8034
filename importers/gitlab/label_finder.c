#include "importers/gitlab/label_finder.h"

#include "protocol/import_caching.h"

static const Statement find_label = {
    "label_finder_find",
    "SELECT title AS name, id FROM labels WHERE project_id = $1 AND group_id IS NULL AND title = "
    "ANY($2::text[])"
    " AND type = 'ProjectLabel'",
};
static const Statement all_labels = {
    "label_finder_all",
    "SELECT title AS name, id FROM labels WHERE project_id = $1 AND group_id IS NULL AND type = "
    "'ProjectLabel'",
};
static const FinderCache LABELS = {
    .prefix = "github-import/label-finder",
    .some = &find_label,
    .all = &all_labels,
    .missing_is_final = TRUE,
};

Finder *label_finder_new(Session *session, const Project *project)
{
    return finder_new(session, &LABELS, project->id, CACHE_TIMEOUT);
}

gboolean label_finder_fill_cache(Session *session, gint64 project_id, GError **error)
{
    return finder_cache_fill(session, &LABELS, project_id, error);
}
