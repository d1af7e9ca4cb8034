/*
 * Table project_import_data: the import's settings (lib/gitlab/github_import/settings.rb) and the encrypted
 * credentials (app/models/project_import_data.rb, attr_encrypted). The token leaves this module only as the
 * field `token`, which nobody may log.
 */
#pragma once

#include "importers/gitlab/project.h"

typedef struct ImportData {
    char *token;            /* credentials[:user]; NULL: there are no credentials */
    guint pagination_limit; /* 100 unless set */
    gboolean attachments_import, collaborators_import; /* optional stages; FALSE unless set */
    gboolean single_endpoint_notes_import;             /* an optional stage of older GitLabs */
    gboolean issue_events_refused; /* by an optional stage that GitLab has from 15 to 17 */
    gboolean extended_events; /* the timeline brings comments, reviews and merges; of GitLab 16, which has
                                 stages of their own too */
    gboolean mapping_refused; /* user_contribution_mapping_enabled is stored as false */
    gboolean optimistic;      /* timeout_strategy */
    char *timeout_strategy;   /* as stored; "pessimistic" when absent */
} ImportData;

#define IMPORT_DATA_ERROR (import_data_error_quark())
GQuark import_data_error_quark(void);
typedef enum {
    IMPORT_DATA_ERROR_KEY,       /* no key of db_key_base decrypts it */
    IMPORT_DATA_ERROR_AMBIGUOUS, /* more than one key yields a different answer */
    IMPORT_DATA_ERROR_CONTENT,   /* decrypted, but not a hash with :user */
} ImportDataError;

/* *data is NULL, without error, when there is no row (the import was canceled or failed, or has finished).
 * (transfer full) */
gboolean import_data_find(Session *session, gint64 project_id, ImportData **data, GError **error);
void import_data_free(ImportData *data);

extern const TableColumns import_data_columns;

G_DEFINE_AUTOPTR_CLEANUP_FUNC(ImportData, import_data_free)
