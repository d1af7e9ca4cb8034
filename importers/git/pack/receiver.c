#include "importers/git/pack/receiver.h"

#include "importers/git/error.h"
#include "importers/git/pack/indexer.h"

#include <git2/sys/odb_backend.h>
#include <glib/gstdio.h>

#define PRIORITY 10 /* libgit2's own backends have 1 and 2 */

/* The backend has nothing to read: what it has written libgit2's own one reads. */
typedef struct PackReceiver {
    git_odb_backend backend;
    char *directory; /* objects/pack */
} PackReceiver;

/* One pack on its way. */
typedef struct ReceivedPack {
    git_odb_writepack writepack;
    const char *directory;
    git_odb *odb;
    PackFile *pack;
    git_indexer_progress_cb progress;
    void *payload;
    git_indexer_progress *stats;
    int refusal; /* what `progress` has returned to stop it; 0: nothing */
} ReceivedPack;

/* libgit2 passes on the text only. */
static int failed(const GError *error)
{
    git_error_set_str(GIT_ERROR_INDEXER, error->message);
    return GIT_ERROR;
}

static gboolean report(ReceivedPack *received, GError **error)
{
    received->refusal = received->progress ? received->progress(received->stats, received->payload) : 0;
    if (received->refusal)
        g_set_error(error, GIT_ERROR_DOMAIN, GIT_ERROR_DOMAIN_FETCH, "the fetch was stopped");
    return received->refusal == 0;
}

static int on_append(git_odb_writepack *writepack, const void *data, size_t size, git_indexer_progress *stats)
{
    ReceivedPack *received = (ReceivedPack *)writepack;
    g_autoptr(GError) error = NULL;
    received->stats = stats;
    if (!pack_file_append(received->pack, data, size, &error))
        return failed(error);
    return report(received, &error) ? 0 : received->refusal;
}

static gboolean on_object(gpointer data, GError **error)
{
    ReceivedPack *received = data;
    received->stats->received_objects =
        MIN(received->stats->received_objects + 1, received->stats->total_objects);
    return report(received, error);
}

/* (transfer full) */
static char *file_name(const ReceivedPack *received, const guint8 *sum, const char *suffix)
{
    g_autoptr(GString) name = g_string_new("pack-");
    for (guint i = 0; i < PACK_SUM_LENGTH; i++)
        g_string_append_printf(name, "%02x", sum[i]);
    g_string_append(name, suffix);
    return g_build_filename(received->directory, name->str, NULL);
}

/* The index comes last: with it the pack is there. */
static gboolean keep(ReceivedPack *received, const GArray *entries, GError **error)
{
    guint8 sum[PACK_SUM_LENGTH];
    gsize count;
    g_autoptr(PackFile) index = pack_file_new(received->directory, error);
    if (!index ||
        !pack_file_read(received->pack, received->pack->size - sizeof sum, sum, sizeof sum, &count, error) ||
        !pack_entries_write(entries, sum, index, error))
        return FALSE;
    g_autofree char *pack_path = file_name(received, sum, ".pack"),
                    *index_path = file_name(received, sum, ".idx");
    return pack_file_keep(received->pack, pack_path, error) && pack_file_keep(index, index_path, error);
}

static gboolean index_pack(ReceivedPack *received, GError **error)
{
    const PackProgress progress = {on_object, received};
    guint32 count;
    if (!pack_count(received->pack, &count, error))
        return FALSE;
    received->stats->total_objects = count;
    received->stats->received_objects = 0;
    g_autoptr(GArray) entries =
        pack_index(received->pack, received->odb, received->directory, &progress, error);
    return entries && (entries->len == 0 || keep(received, entries, error));
}

static int on_commit(git_odb_writepack *writepack, git_indexer_progress *stats)
{
    ReceivedPack *received = (ReceivedPack *)writepack;
    g_autoptr(GError) error = NULL;
    received->stats = stats;
    if (index_pack(received, &error))
        return 0;
    return received->refusal ? received->refusal : failed(error);
}

static void on_free(git_odb_writepack *writepack)
{
    ReceivedPack *received = (ReceivedPack *)writepack;
    g_clear_pointer(&received->pack, pack_file_free);
    g_free(received);
}

static int on_writepack(git_odb_writepack **out, git_odb_backend *backend, git_odb *odb,
                        git_indexer_progress_cb progress, void *payload)
{
    const PackReceiver *receiver = (const PackReceiver *)backend;
    g_autoptr(GError) error = NULL;
    PackFile *pack = pack_file_new(receiver->directory, &error);
    if (!pack)
        return failed(error);
    ReceivedPack *received = g_new0(ReceivedPack, 1);
    received->writepack = (git_odb_writepack){backend, on_append, on_commit, on_free};
    received->directory = receiver->directory;
    received->odb = odb;
    received->pack = pack;
    received->progress = progress;
    received->payload = payload;
    *out = &received->writepack;
    return 0;
}

static void on_backend_free(git_odb_backend *backend)
{
    PackReceiver *receiver = (PackReceiver *)backend;
    g_free(receiver->directory);
    g_free(receiver);
}

gboolean pack_receiver_install(git_repository *repository, GError **error)
{
    g_autoptr(git_odb) odb = NULL;
    int result = git_repository_odb(&odb, repository);
    if (result != 0)
        return git_fail(result, GIT_ERROR_DOMAIN_STORAGE, "opening the repository", error);
    PackReceiver *receiver = g_new0(PackReceiver, 1);
    git_odb_init_backend(&receiver->backend, GIT_ODB_BACKEND_VERSION);
    receiver->backend.writepack = on_writepack;
    receiver->backend.free = on_backend_free;
    receiver->directory = g_build_filename(git_repository_path(repository), "objects", "pack", NULL);
    result = git_odb_add_backend(odb, &receiver->backend, PRIORITY);
    if (result == 0)
        return TRUE;
    on_backend_free(&receiver->backend);
    return git_fail(result, GIT_ERROR_DOMAIN_STORAGE, "opening the repository", error);
}
