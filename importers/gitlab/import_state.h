/*
 * The import state of a project: table project_mirror_data (app/models/project_import_state.rb). Transitions
 * are guarded UPDATEs, so that each happens once, whoever asks.
 */
#pragma once

#include "importers/gitlab/project.h"

typedef struct ImportState {
    gint64 id;
    char *status; /* none, scheduled, started, finished, failed, canceled */
    char *jid;    /* or NULL */
} ImportState;

gboolean import_state_find(Session *session, gint64 project_id, ImportState **state, GError **error);
void import_state_free(ImportState *state);
/* finished, failed or canceled. No row counts as not completed. */
gboolean import_state_completed(const ImportState *state);

/* scheduled -> started; *started is FALSE when the state refused. */
gboolean import_state_start(Session *session, gint64 project_id, gboolean *started, GError **error);
/* Gitlab::Import::SetAsyncJid: the status key and the jid async-import/project-import-state/PID, only while
 * the row still holds `own_jid` and is started. A row without a jid is given half a second to get it. */
gboolean import_state_set_async_jid(Session *session, gint64 project_id, const char *own_jid, GError **error);
/* Renews the status key of the row's jid for 24 h, if the row is started and has one. *alive (may be NULL):
 * whether it is. */
gboolean import_state_refresh_jid(Session *session, gint64 project_id, gboolean *alive, GError **error);
/* started -> finished with the summary of the object counters as checksums; removes import data; clears jid
 * and its status key. *finished FALSE: refused. The follow-up jobs (AfterImportWorker, notification) are the
 * caller's. */
gboolean import_state_finish(Session *session, const Project *project, const json_t *checksums,
                             gboolean *finished, GError **error);
/* "mark as failed": fail_op from scheduled or started (checksums, import data removed, completion
 * notification enqueued), last_error in any state. Credentials in URLs are masked. */
gboolean import_state_fail(Session *session, gint64 project_id, const char *message, GError **error);
/* Projects::ImportExport::ImportCompletionNotificationWorker: mails to the creator and, if asked, to the
 * owners of the group. */
gboolean import_state_push_notification(Session *session, const Project *project,
                                        gboolean notify_group_owners, GError **error);

extern const TableColumns import_state_columns;

G_DEFINE_AUTOPTR_CLEANUP_FUNC(ImportState, import_state_free)
