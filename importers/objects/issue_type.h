/*
 * The type of an imported issue (app/models/work_items/type.rb, default_issue_type). The newest GitLab knows
 * its types by fixed numbers; before, they are rows of work_item_types, and for a while issues named the
 * number that the type was going to have too (correct_work_item_type_id).
 */
#pragma once

#include "importers/gitlab/session.h"

typedef struct IssueType {
    gint64 id;         /* issues.work_item_type_id; 0 before it is resolved: the default type */
    gint64 correct_id; /* issues.correct_work_item_type_id; 0: there is no such type */
} IssueType;

/* Completes all `types` (of IssueType *). Asks the database at most once, and the newest GitLab's not at all.
 */
gboolean issue_types_resolve(Session *session, const GPtrArray *types, GError **error);
