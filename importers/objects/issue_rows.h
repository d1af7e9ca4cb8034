/*
 * The rows that one issue becomes (lib/gitlab/github_import/importer/issue_importer.rb, app/models/issue.rb):
 * issues and issue_assignees, with their placeholder references. Part of issue_importer (issue.h).
 */
#pragma once

#include "importers/objects/object_importer.h"

/* Inserts them with the object, after issue_batch_prepare(), and notes the id in its IssueWork. What the
 * model would refuse is OBJECT_ERROR_INVALID, with the words of Rails. */
gboolean issue_rows_build(ObjectBatch *batch, ImportedObject *object, GError **error);

extern const RowTable issue_table, issue_assignee_table;
