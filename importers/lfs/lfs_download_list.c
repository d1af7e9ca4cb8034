#include "importers/lfs/lfs_download_list.h"

#include "importers/git/reader.h"
#include "importers/lfs/lfs_batch.h"
#include "importers/lfs/lfs_error.h"
#include "protocol/log.h"

typedef struct DownloadList {
    Stage *stage;
    LfsEndpoint *endpoint;
    GArray *missing; /* of LfsPointer */
    ObjectSink take;
    gpointer data;
} DownloadList;

static const Statement find_linked = {
    "lfs_find_linked",
    "SELECT o.oid FROM lfs_objects o JOIN lfs_objects_projects l ON l.lfs_object_id = o.id"
    " WHERE l.project_id = $1",
};

/* The oids that the project is linked to. (transfer full) */
static GHashTable *linked_oids(const Stage *stage, GError **error)
{
    g_autoptr(PGresult) rows = database_run(session_database(stage->session), error, &find_linked,
                                            SQL_INTEGER(stage->project->id), DATABASE_END);
    if (!rows)
        return NULL;
    GHashTable *oids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (int row = 0; row < PQntuples(rows); row++)
        g_hash_table_add(oids, g_strdup(database_value(rows, row, "oid")));
    return oids;
}

/* (transfer full) */
static GArray *missing_pointers(const Stage *stage, GError **error)
{
    git_repository *repository = git_reader_repository(stage->session, stage->project, error);
    g_autoptr(GArray) pointers = repository ? lfs_pointers_list(stage->session, repository, error) : NULL;
    g_autoptr(GHashTable) linked = pointers ? linked_oids(stage, error) : NULL;
    if (!linked)
        return NULL;
    GArray *missing = g_array_new(FALSE, FALSE, sizeof(LfsPointer));
    for (guint i = 0; i < pointers->len; i++) {
        const LfsPointer *pointer = &g_array_index(pointers, LfsPointer, i);
        if (!g_hash_table_contains(linked, pointer->oid))
            g_array_append_vals(missing, pointer, 1);
    }
    return missing;
}

static gboolean list_in_batches(const DownloadList *list, guint batch_size, GError **error)
{
    Session *session = list->stage->session;
    for (guint from = 0; from < list->missing->len; from += batch_size) {
        guint n = MIN(batch_size, list->missing->len - from);
        const LfsPointer *pointers = &g_array_index(list->missing, LfsPointer, from);
        g_autoptr(json_t) objects = NULL;
        if (session_check_stopping(session, error))
            objects = lfs_batch(session, list->endpoint, pointers, n, error);
        if (!objects || !list->take(list->data, objects, error))
            return FALSE;
    }
    return TRUE;
}

/* The list from its beginning, in smaller batches: what is listed already is only listed again. */
static gboolean list_once_more(const DownloadList *list, const GError *refusal, GError **error)
{
    g_autoptr(GError) failure = NULL;
    log_error("the LFS server refuses so many objects at once", refusal, "{s:i, s:i}", "batch_size",
              LFS_BATCH_SIZE, "oids_count", (int)list->missing->len);
    if (list_in_batches(list, LFS_BATCH_SIZE / 2, &failure))
        return TRUE;
    if (g_error_matches(failure, LFS_ERROR, LFS_ERROR_TOO_LARGE))
        g_set_error_literal(error, LFS_ERROR, LFS_ERROR_LINKS,
                            "Unable to download due to RequestEntityTooLarge errors");
    else
        g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}

static gboolean list_links(const DownloadList *list, GError **error)
{
    g_autoptr(GError) failure = NULL;
    if (list_in_batches(list, LFS_BATCH_SIZE, &failure))
        return TRUE;
    if (g_error_matches(failure, LFS_ERROR, LFS_ERROR_TOO_LARGE))
        return list_once_more(list, failure, error);
    g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}

static gboolean list_all(const DownloadList *list, GError **error)
{
    g_autoptr(GError) failure = NULL;
    if (list_links(list, &failure))
        return TRUE;
    if (g_error_matches(failure, LFS_ERROR, LFS_ERROR_LINKS))
        g_set_error(error, LFS_ERROR, LFS_ERROR_LIST,
                    "The LFS objects download list couldn't be imported. Error: %s", failure->message);
    else
        g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}

gboolean lfs_download_list(Stage *stage, ObjectSink take, gpointer data, GError **error)
{
    g_autoptr(LfsEndpoint) endpoint = NULL;
    if (!lfs_endpoint_find(stage->session, stage->project, stage->github, &endpoint, error))
        return FALSE;
    if (!endpoint)
        return TRUE;
    g_autoptr(GArray) missing = missing_pointers(stage, error);
    if (!missing)
        return FALSE;
    const DownloadList list = {stage, endpoint, missing, take, data};
    return list_all(&list, error);
}
