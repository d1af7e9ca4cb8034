/*
 * Gitlab::GithubImport::Importer::LabelLinksImporter
 * (lib/gitlab/github_import/importer/label_links_importer.rb): the labels of an issue or a pull request. Part
 * of the issue's job. Names that are no label of the project are passed over. Ruby links twice when it is
 * asked twice; here what is linked already is looked up first.
 */
#pragma once

#include "importers/objects/object_importer.h"

/* Finds the labels that the batch's representations name (label_names), all at once. */
gboolean issue_label_links_preload(ObjectBatch *batch, GError **error);

/* Adds what is linked to the targets (an array of ids; `type` is "Issue" or "MergeRequest") to `linked`. */
gboolean issue_label_links_read(Session *session, const char *type, const json_t *targets, GHashTable *linked,
                                GError **error);
/* A set for it. (transfer full) */
GHashTable *issue_label_links_set_new(void);

/* Inserts with the object the links that are not in `linked`. */
gboolean issue_label_links_build(ObjectBatch *batch, ImportedObject *object, const char *type, gint64 target,
                                 GHashTable *linked, GError **error);

extern const TableColumns label_link_columns;
extern const RowTable label_link_table;
