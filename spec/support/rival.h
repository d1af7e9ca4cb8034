/*
 * Another writer of the same rows, who commits when somebody waits for one of them: for the specs of what is
 * found to be there only when it is inserted. In a header, because only few programs need it.
 */
#pragma once

#include "spec/support/cmocka_glib.h"
#include "spec/support/private_gitlab.h"

typedef struct Rival {
    Database *database;
    GThread *thread;
} Rival;

static inline gboolean rival_is_waited_for(Rival *rival)
{
    g_autoptr(PGresult) rows = database_execute_text(
        rival->database, "SELECT count(*) AS n FROM pg_locks WHERE NOT granted", NULL, 0, NULL);
    assert_non_null(rows);
    return database_integer(rows, 0, "n") > 0;
}

static inline gpointer rival_commit(gpointer data)
{
    Rival *rival = data;
    gint64 end = g_get_monotonic_time() + G_TIME_SPAN_MINUTE;
    while (!rival_is_waited_for(rival) && g_get_monotonic_time() < end)
        g_usleep(10 * G_TIME_SPAN_MILLISECOND);
    return GINT_TO_POINTER(database_commit(rival->database, NULL));
}

/* Begins a transaction with `sql`. (transfer full) */
static inline Rival *rival_begin(const char *sql)
{
    const Configuration *configuration = private_gitlab_configuration();
    g_autoptr(GError) error = NULL;
    Rival *rival = g_new0(Rival, 1);
    rival->database = database_new((const char *const *)configuration->database_keywords,
                                   (const char *const *)configuration->database_values, FALSE);
    database_begin(rival->database, &error);
    assert_no_error(error);
    g_autoptr(PGresult) written = database_execute_text(rival->database, sql, NULL, 0, &error);
    assert_no_error(error);
    rival->thread = g_thread_new("rival", rival_commit, rival);
    return rival;
}

/* To be called after what had to wait. */
static inline void rival_end(Rival *rival)
{
    assert_true(GPOINTER_TO_INT(g_thread_join(rival->thread)));
    database_free(rival->database);
    g_free(rival);
}
