#include "importers/gitlab/label_finder.h"

#include "importers/gitlab/finder_cache.h"

static const Statement find_label = {
    "label_finder_find",
    "SELECT id FROM labels WHERE project_id = $1 AND group_id IS NULL AND title = $2 AND type = "
    "'ProjectLabel'",
};
static const Statement all_labels = {
    "label_finder_all",
    "SELECT title AS name, id FROM labels WHERE project_id = $1 AND group_id IS NULL AND type = "
    "'ProjectLabel'",
};
static const FinderCache LABELS = {"github-import/label-finder", &find_label, &all_labels};

gboolean label_finder_find(Session *session, const Project *project, const char *title, gint64 *id,
                           GError **error)
{
    return finder_cache_find(session, &LABELS, project->id, title, id, error);
}

gboolean label_finder_fill_cache(Session *session, gint64 project_id, GError **error)
{
    return finder_cache_fill(session, &LABELS, project_id, error);
}
