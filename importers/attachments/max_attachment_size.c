#include "importers/attachments/max_attachment_size.h"

#define TTL (60 * G_USEC_PER_SEC)

static const Statement find_size = {
    "max_attachment_size",
    "SELECT max_attachment_size FROM application_settings ORDER BY id DESC LIMIT 1",
};

static GMutex lock;
static guint64 cached;      /* bytes */
static gint64 cached_until; /* monotonic, microseconds */

static gboolean read_size(Session *session, guint64 *bytes, GError **error)
{
    g_autoptr(PGresult) rows = database_run(session_database(session), error, &find_size, DATABASE_END);
    if (!rows)
        return FALSE;
    gint64 mebibytes =
        PQntuples(rows) > 0 ? database_integer(rows, 0, "max_attachment_size") : DEFAULT_MAX_ATTACHMENT_SIZE;
    *bytes = (guint64)MAX(mebibytes, 0) << 20;
    return TRUE;
}

gboolean max_attachment_size(Session *session, guint64 *bytes, GError **error)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&lock);
    if (g_get_monotonic_time() >= cached_until) {
        if (!read_size(session, &cached, error))
            return FALSE;
        cached_until = g_get_monotonic_time() + TTL;
    }
    *bytes = cached;
    return TRUE;
}
