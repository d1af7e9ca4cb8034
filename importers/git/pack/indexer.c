#include "importers/git/pack/indexer.h"

#include "importers/git/error.h"
#include "importers/git/object_id.h"
#include "importers/git/pack/deflate.h"
#include "importers/git/pack/delta.h"

#include <string.h>

#define HEADER_LENGTH 12
#define COUNT_OFFSET  8
#define HELD_MAX      ((guint64)48 * 1024 * 1024) /* bytes of contents in memory; others go into files */
#define PIECE         ((gsize)64 * 1024)

typedef struct PackIndexer {
    PackFile *pack;
    git_odb *odb;
    const char *directory;
    const PackProgress *progress;
    PackStream *stream;
    GArray *entries;     /* of PackEntry, in the order of the pack */
    GHashTable *waiting; /* id of a base -> GArray of the numbers of its deltas; until the base is known */
    GPtrArray *chain;    /* of Link: bases of each other */
    guint64 held;        /* bytes of contents in the chain that are in memory */
} PackIndexer;

/* An object whose deltas are being resolved. */
typedef struct Link {
    PackContent *content;
    guint32 next; /* of its deltas, number plus one */
} Link;

static void link_free(Link *link)
{
    pack_content_free(link->content);
    g_free(link);
}

static void pack_indexer_init(PackIndexer *indexer, PackFile *pack)
{
    indexer->pack = pack;
    indexer->stream = pack_stream_new(pack);
    indexer->entries = g_array_new(FALSE, FALSE, sizeof(PackEntry));
    indexer->waiting =
        g_hash_table_new_full(object_id_hash, object_id_equal, g_free, (GDestroyNotify)g_array_unref);
    indexer->chain = g_ptr_array_new_with_free_func((GDestroyNotify)link_free);
}

static void pack_indexer_clear(PackIndexer *indexer)
{
    pack_stream_free(indexer->stream);
    g_array_unref(indexer->entries);
    g_hash_table_unref(indexer->waiting);
    g_ptr_array_unref(indexer->chain);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PackIndexer, pack_indexer_clear)

static PackEntry *entry_at(const PackIndexer *indexer, guint32 number)
{
    return &g_array_index(indexer->entries, PackEntry, number);
}

static gboolean tell(const PackIndexer *indexer, GError **error)
{
    return indexer->progress->object(indexer->progress->data, error);
}

/* --- what is a delta of what --- */

static void adopt(PackIndexer *indexer, guint32 base, guint32 delta)
{
    entry_at(indexer, delta)->next_sibling = entry_at(indexer, base)->first_delta;
    entry_at(indexer, base)->first_delta = delta + 1;
}

static gboolean adopt_by_offset(PackIndexer *indexer, guint64 base_offset, guint32 delta, GError **error)
{
    guint32 low = 0, high = delta;
    while (low < high) {
        guint32 middle = low + (high - low) / 2;
        if (entry_at(indexer, middle)->offset < base_offset)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == delta || entry_at(indexer, low)->offset != base_offset)
        return pack_fail(error, "the base of a delta is no object");
    adopt(indexer, low, delta);
    return TRUE;
}

static void wait_for_base(PackIndexer *indexer, const git_oid *base_id, guint32 delta)
{
    GArray *deltas = g_hash_table_lookup(indexer->waiting, base_id);
    if (!deltas) {
        deltas = g_array_new(FALSE, FALSE, sizeof delta);
        g_hash_table_insert(indexer->waiting, g_memdup2(base_id, sizeof *base_id), deltas);
    }
    g_array_append_val(deltas, delta);
}

/* Those that named it by its id. */
static void adopt_waiting(PackIndexer *indexer, guint32 base)
{
    const git_oid *id = &entry_at(indexer, base)->id;
    const GArray *deltas = g_hash_table_lookup(indexer->waiting, id);
    for (guint i = 0; deltas && i < deltas->len; i++)
        adopt(indexer, base, g_array_index(deltas, guint32, i));
    g_hash_table_remove(indexer->waiting, id);
}

/* The entry has this content. */
static gboolean identify(PackIndexer *indexer, guint32 number, const PackContent *content, GError **error)
{
    PackEntry *entry = entry_at(indexer, number);
    if (!pack_content_id(content, &entry->id, error))
        return FALSE;
    entry->known = TRUE;
    return TRUE;
}

/* --- contents --- */

/* Whether there is no more room in memory. */
static gboolean is_full(const PackIndexer *indexer)
{
    return indexer->held + PACK_CONTENT_MEMORY_MAX > HELD_MAX;
}

static gboolean read_pieces(PackIndexer *indexer, PackContent *content, GError **error)
{
    g_autofree guint8 *piece = g_malloc(PIECE);
    while (content->written < content->size) {
        gsize step = (gsize)MIN(PIECE, content->size - content->written);
        if (!pack_stream_read(indexer->stream, piece, step, error) ||
            !pack_content_append(content, piece, step, error))
            return FALSE;
    }
    return TRUE;
}

/* Of an entry that is no delta and that the stream has begun with. (transfer full) */
static PackContent *read_content(PackIndexer *indexer, const PackHeader *header, GError **error)
{
    g_autoptr(PackContent) content =
        pack_content_new((git_object_t)header->type, header->size, FALSE, indexer->directory, error);
    return content && read_pieces(indexer, content, error) ? g_steal_pointer(&content) : NULL;
}

static gboolean skip_delta(PackIndexer *indexer, const PackHeader *header, GError **error)
{
    g_autofree guint8 *piece = g_malloc(PIECE);
    for (guint64 left = header->size; left > 0;) {
        gsize step = (gsize)MIN(PIECE, left);
        if (!pack_stream_read(indexer->stream, piece, step, error))
            return FALSE;
        left -= step;
    }
    return TRUE;
}

/* --- first: every entry --- */

static gboolean read_object(PackIndexer *indexer, guint32 number, const PackHeader *header, GError **error)
{
    g_autoptr(PackContent) content = read_content(indexer, header, error);
    return content && identify(indexer, number, content, error);
}

static gboolean read_delta(PackIndexer *indexer, guint32 number, const PackHeader *header, GError **error)
{
    if (header->type == PACK_ID_DELTA)
        wait_for_base(indexer, &header->base_id, number);
    else if (!adopt_by_offset(indexer, header->base_offset, number, error))
        return FALSE;
    return skip_delta(indexer, header, error);
}

/* *offset moves on to the next entry. */
static gboolean read_entry(PackIndexer *indexer, guint64 *offset, GError **error)
{
    PackHeader header;
    PackEntry entry = {.offset = *offset};
    guint32 number = indexer->entries->len;
    g_array_append_val(indexer->entries, entry);
    if (!pack_stream_start(indexer->stream, *offset, &header, error))
        return FALSE;
    gboolean is_delta = header.type == PACK_OFFSET_DELTA || header.type == PACK_ID_DELTA;
    return (is_delta ? read_delta(indexer, number, &header, error)
                     : read_object(indexer, number, &header, error)) &&
           pack_stream_finish(indexer->stream, offset, &entry_at(indexer, number)->crc, error) &&
           tell(indexer, error);
}

static gboolean check_sum(const PackFile *pack, guint64 end, GError **error)
{
    guint8 expected[PACK_SUM_LENGTH], sum[PACK_SUM_LENGTH];
    gsize count;
    if (pack->size != end + PACK_SUM_LENGTH)
        return pack_fail(error, "its length is wrong");
    return pack_file_sum(pack, end, sum, error) &&
           pack_file_read(pack, end, expected, sizeof expected, &count, error) &&
           (memcmp(sum, expected, sizeof sum) == 0 || pack_fail(error, "its checksum is wrong"));
}

gboolean pack_count(const PackFile *pack, guint32 *count, GError **error)
{
    guint32 header[HEADER_LENGTH / sizeof(guint32)];
    gsize length;
    if (!pack_file_read(pack, 0, header, sizeof header, &length, error))
        return FALSE;
    if (length < sizeof header || memcmp(header, "PACK", 4) != 0 || GUINT32_FROM_BE(header[1]) != 2)
        return pack_fail(error, "it has another header");
    *count = GUINT32_FROM_BE(header[2]);
    return TRUE;
}

static gboolean read_entries(PackIndexer *indexer, GError **error)
{
    guint32 count;
    guint64 offset = HEADER_LENGTH;
    if (!pack_count(indexer->pack, &count, error))
        return FALSE;
    for (guint32 i = 0; i < count; i++)
        if (!read_entry(indexer, &offset, error))
            return FALSE;
    return check_sum(indexer->pack, offset, error);
}

/* --- then: the deltas of each object that is known --- */

static gint64 in_memory(const PackContent *content)
{
    return content->bytes ? (gint64)content->size : 0;
}

/* `content` is consumed. */
static void push(PackIndexer *indexer, guint32 number, PackContent *content)
{
    Link *link = g_new(Link, 1);
    *link = (Link){content, entry_at(indexer, number)->first_delta};
    indexer->held += (guint64)in_memory(content);
    g_ptr_array_add(indexer->chain, link);
}

static void pop(PackIndexer *indexer)
{
    guint last = indexer->chain->len - 1;
    const Link *link = indexer->chain->pdata[last];
    indexer->held -= (guint64)in_memory(link->content);
    g_ptr_array_set_size(indexer->chain, (gint)last);
}

/* (transfer full) */
static PackContent *resolve(PackIndexer *indexer, guint32 number, const PackContent *base, GError **error)
{
    PackHeader header;
    if (!pack_stream_start(indexer->stream, entry_at(indexer, number)->offset, &header, error))
        return NULL;
    g_autoptr(PackContent) content =
        pack_delta_apply(indexer->stream, header.size, base, is_full(indexer), indexer->directory, error);
    if (!content || !identify(indexer, number, content, error) || !tell(indexer, error))
        return NULL;
    adopt_waiting(indexer, number);
    return g_steal_pointer(&content);
}

/* The next delta of the last link, which is left when there is no other one. */
static gboolean resolve_next(PackIndexer *indexer, GError **error)
{
    Link *link = indexer->chain->pdata[indexer->chain->len - 1];
    guint32 number = link->next - 1;
    g_autoptr(PackContent) content = resolve(indexer, number, link->content, error);
    if (!content)
        return FALSE;
    link->next = entry_at(indexer, number)->next_sibling;
    if (!link->next)
        pop(indexer);
    if (entry_at(indexer, number)->first_delta)
        push(indexer, number, g_steal_pointer(&content));
    return TRUE;
}

/* `content` is consumed. */
static gboolean resolve_deltas_of(PackIndexer *indexer, guint32 number, PackContent *content, GError **error)
{
    push(indexer, number, content);
    while (indexer->chain->len > 0)
        if (!resolve_next(indexer, error))
            return FALSE;
    return TRUE;
}

static gboolean resolve_entry(PackIndexer *indexer, guint32 number, GError **error)
{
    PackHeader header;
    if (!pack_stream_start(indexer->stream, entry_at(indexer, number)->offset, &header, error))
        return FALSE;
    PackContent *content = read_content(indexer, &header, error);
    return content && resolve_deltas_of(indexer, number, content, error);
}

static gboolean resolve_entries(PackIndexer *indexer, GError **error)
{
    g_autoptr(GArray) bases = g_array_new(FALSE, FALSE, sizeof(guint32));
    for (guint32 i = 0; i < indexer->entries->len; i++) {
        if (entry_at(indexer, i)->known)
            adopt_waiting(indexer, i);
        if (entry_at(indexer, i)->known && entry_at(indexer, i)->first_delta)
            g_array_append_val(bases, i);
    }
    for (guint i = 0; i < bases->len; i++)
        if (!resolve_entry(indexer, g_array_index(bases, guint32, i), error))
            return FALSE;
    return TRUE;
}

/* --- last: bases that are not in the pack --- */

/* (transfer full) */
static PackContent *find_base(PackIndexer *indexer, const git_oid *id, GError **error)
{
    g_autoptr(git_odb_object) object = NULL;
    int result = git_odb_read(&object, indexer->odb, id);
    if (result != 0) {
        git_fail(GIT_ERROR, GIT_ERROR_DOMAIN_FETCH, "reading the base of a delta", error);
        return NULL;
    }
    gsize size = git_odb_object_size(object);
    g_autoptr(PackContent) content =
        pack_content_new(git_odb_object_type(object), size, FALSE, indexer->directory, error);
    return content && pack_content_append(content, git_odb_object_data(object), size, error)
               ? g_steal_pointer(&content)
               : NULL;
}

/* As an entry of its own. */
static gboolean append_base(PackIndexer *indexer, const PackContent *content, GError **error)
{
    PackEntry entry = {.offset = indexer->pack->size};
    if (!pack_append_object(indexer->pack, content, &entry.crc, error))
        return FALSE;
    g_array_append_val(indexer->entries, entry);
    if (!identify(indexer, indexer->entries->len - 1, content, error))
        return FALSE;
    adopt_waiting(indexer, indexer->entries->len - 1);
    return TRUE;
}

static gboolean complete_with(PackIndexer *indexer, const git_oid *id, GError **error)
{
    PackContent *content = find_base(indexer, id, error);
    if (!content)
        return FALSE;
    if (append_base(indexer, content, error))
        return resolve_deltas_of(indexer, indexer->entries->len - 1, content, error);
    pack_content_free(content);
    return FALSE;
}

static gboolean write_count(PackIndexer *indexer, GError **error)
{
    guint32 count = GUINT32_TO_BE(indexer->entries->len);
    return pack_file_overwrite(indexer->pack, COUNT_OFFSET, &count, sizeof count, error) &&
           pack_file_append_sum(indexer->pack, error);
}

/* (transfer full; array of git_oid) */
static GArray *missing_bases(const PackIndexer *indexer)
{
    GArray *ids = g_array_new(FALSE, FALSE, sizeof(git_oid));
    GHashTableIter iterator;
    gpointer id;
    g_hash_table_iter_init(&iterator, indexer->waiting);
    while (g_hash_table_iter_next(&iterator, &id, NULL))
        g_array_append_vals(ids, id, 1);
    return ids;
}

/* What one base makes known may be the base of others, which only the pack has. */
static gboolean complete_with_all(PackIndexer *indexer, const GArray *ids, GError **error)
{
    for (guint i = 0; i < ids->len; i++) {
        const git_oid *id = &g_array_index(ids, git_oid, i);
        if (g_hash_table_contains(indexer->waiting, id) && git_odb_exists(indexer->odb, id) &&
            !complete_with(indexer, id, error))
            return FALSE;
    }
    return g_hash_table_size(indexer->waiting) == 0 ||
           pack_fail(error, "it has deltas of objects that are not there");
}

static gboolean complete(PackIndexer *indexer, GError **error)
{
    g_autoptr(GArray) ids = missing_bases(indexer);
    return ids->len == 0 ||
           (pack_file_truncate(indexer->pack, indexer->pack->size - PACK_SUM_LENGTH, error) &&
            complete_with_all(indexer, ids, error) && write_count(indexer, error));
}

GArray *pack_index(PackFile *pack, git_odb *odb, const char *directory, const PackProgress *progress,
                   GError **error)
{
    g_auto(PackIndexer) indexer = {.odb = odb, .directory = directory, .progress = progress};
    pack_indexer_init(&indexer, pack);
    return read_entries(&indexer, error) && resolve_entries(&indexer, error) && complete(&indexer, error)
               ? g_array_ref(indexer.entries)
               : NULL;
}
