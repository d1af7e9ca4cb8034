/* lib/gitlab/github_import/importer/events/reviewed.rb. Reviews become approvals and notes in Ruby, where the
 * merge requests come from too. */
#include "importers/objects/events/event.h"
#include "protocol/job.h"

gboolean event_import_reviewed(G_GNUC_UNUSED ObjectBatch *batch, ImportedObject *object, GError **error)
{
    if (event_require_issuable(event_of(object), error))
        g_set_error_literal(error, JOB_ERROR, JOB_ERROR_HAND_OVER, "reviews are imported by Ruby");
    return FALSE;
}
