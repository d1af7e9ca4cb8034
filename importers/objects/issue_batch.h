/*
 * What the jobs of one batch of issues look up together before any row is made of them: the issues and merge
 * requests that have their iids, what these are labelled with, labels, milestones and types. Part of
 * issue_importer (issue.h).
 */
#pragma once

#include "importers/objects/issue_type.h"
#include "importers/objects/object_importer.h"

/* The importer_data of each object. */
typedef struct IssueWork {
    gint64 existing_id; /* of the issue or merge request with its iid, before this job; 0: none */
    gboolean imported;  /* the existing issue was written by an import */
    gint64 new_id;      /* of the row to be inserted; 0: none */
    IssueType type;
    GHashTable *linked; /* see issue_label_links.h; shared by the batch */
} IssueWork;

/* ObjectImporter.prepare. */
gboolean issue_batch_prepare(ObjectBatch *batch, GError **error);

gboolean issue_is_pull_request(const json_t *representation);
/* 0: it has none. */
gint64 issue_iid(const json_t *representation);
