/*
 * Table internal_ids (app/models/internal_id.rb): the last iid given, per scope and usage.
 * Gitlab::Import::IidPreallocator raises them before an import.
 */
#pragma once

#include "importers/gitlab/project.h"

typedef enum {
    INTERNAL_ID_ISSUES = 0,
    INTERNAL_ID_MERGE_REQUESTS = 1,
    INTERNAL_ID_MILESTONES = 4
} InternalIdUsage;

/* Issues hang on the project namespace, the others on the project. */
gboolean internal_id_exists(Session *session, const Project *project, InternalIdUsage usage, gboolean *exists,
                            GError **error);
/* Stores the greater of the stored and the given value. */
gboolean internal_id_raise(Session *session, const Project *project, InternalIdUsage usage, gint64 value,
                           GError **error);
/* What after_import does: the project's rows go (the issues' row hangs on the namespace and stays). */
gboolean internal_id_delete_all(Session *session, const Project *project, GError **error);

extern const TableColumns internal_id_columns;
