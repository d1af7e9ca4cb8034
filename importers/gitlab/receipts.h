/*
 * Receipts: proof, written in the same transaction as the rows, that an object was written by this import.
 * They make effects that follow the commit (counters, follow-up jobs) repeatable after a kill, and guard
 * objects without a natural key. Table hubferry.receipts (project_id, kind, key, jid, created_at; primary key
 * project_id, kind, key), pruned when the import ends. With receipts off (--receipts=off) every call succeeds
 * and finds nothing.
 */
#pragma once

#include "importers/gitlab/session.h"

/* Creates the schema and the table if they are missing; called at start where receipts are on. */
gboolean receipts_install(Database *database, GError **error);
/* Inside a transaction: records; *first (may be NULL) is FALSE when it was there already. */
gboolean receipts_record(Session *session, gint64 project_id, const char *kind, const char *key,
                         gboolean *first, GError **error);
/* The same for many keys (of char *) in one statement. */
gboolean receipts_record_all(Session *session, gint64 project_id, const char *kind, const GPtrArray *all,
                             GError **error);
/* One receipt of many, with what has to be done after the commit: placeholder references to push. */
typedef struct Receipt {
    const char *kind, *key, *jid;
    GPtrArray *references; /* of char *, borrowed; those of an earlier receipt take their place */
    gboolean first;        /* set by receipts_record_new */
} Receipt;
/* Inside a transaction: records them all (array of Receipt) and tells of each whether it is the first one.
 * Two equal ones in the array: only one of them is. */
gboolean receipts_record_new(Session *session, gint64 project_id, GArray *receipts, GError **error);
/* All keys of one kind, of char *. (transfer full) */
GPtrArray *receipts_keys(Session *session, gint64 project_id, const char *kind, GError **error);
gboolean receipts_prune(Session *session, gint64 project_id, GError **error);
