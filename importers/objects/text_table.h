/*
 * The tables whose records have a text with attachments: releases, notes, issues and merge requests. A text
 * is changed with its cached HTML and nothing else: no timestamp, no lock_version
 * (lib/gitlab/github_import/importer/note_attachments_importer.rb).
 *
 * Texts are a JSON object, {"ID": "text"}. Records of other projects, deleted ones and those without text are
 * left out.
 */
#pragma once

#include "importers/gitlab/project.h"

typedef struct TextTable TextTable;

/* "issue_attachment" -> issues. */
const TextTable *text_table_find(const char *object_type);
/* "Issue". */
const char *text_table_model(const TextTable *table);

/* `ids` is an array of them. (transfer full) */
json_t *text_table_read(Session *session, const TextTable *table, const Project *project, const json_t *ids,
                        GError **error);
/* The same, for texts that are about to be changed in this transaction: nobody else changes them now. */
json_t *text_table_lock(Session *session, const TextTable *table, const Project *project, const json_t *ids,
                        GError **error);
gboolean text_table_update(Session *session, const TextTable *table, const json_t *texts, GError **error);
