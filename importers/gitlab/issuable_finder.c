#include "importers/gitlab/issuable_finder.h"

#include "protocol/import_caching.h"

static const Statement find_issues = {
    "issuable_finder_issues",
    "SELECT iid AS name, id FROM issues WHERE project_id = $1 AND iid = ANY($2::integer[])",
};
static const Statement find_merge_requests = {
    "issuable_finder_merge_requests",
    "SELECT iid AS name, id FROM merge_requests WHERE target_project_id = $1 AND iid = ANY($2::integer[])",
};
static const FinderCache ISSUES = {
    .prefix = "github-import/issuable-finder",
    .suffix = "Issue/",
    .some = &find_issues,
};
static const FinderCache MERGE_REQUESTS = {
    .prefix = "github-import/issuable-finder",
    .suffix = "MergeRequest/",
    .some = &find_merge_requests,
};

Finder *issuable_finder_new(Session *session, const Project *project, const ImportData *data,
                            const char *type)
{
    gboolean longer = data && data->single_endpoint_notes_import;
    return finder_new(session, g_str_equal(type, "MergeRequest") ? &MERGE_REQUESTS : &ISSUES, project->id,
                      longer ? CACHE_LONGER_TIMEOUT : CACHE_TIMEOUT);
}
