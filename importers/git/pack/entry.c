#include "importers/git/pack/entry.h"

#include <stdlib.h>
#include <string.h>

#define MAGIC      0xff744f63u /* "\377tOc" */
#define VERSION    2u
#define OFFSET_MAX G_GUINT64_CONSTANT(0x7fffffff) /* larger ones are in a table of their own */
#define OFFSET_FAR 0x80000000u                    /* in whose place their number there is given */
#define BUFFER     ((guint)64 * 1024)

typedef struct IndexWriter {
    const PackEntry *entries;
    guint count;
    guint32 *order; /* numbers of entries, sorted by id */
    PackFile *file;
    GByteArray *buffer;
} IndexWriter;

static void index_writer_clear(IndexWriter *writer)
{
    g_free(writer->order);
    g_byte_array_unref(writer->buffer);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(IndexWriter, index_writer_clear)

static gint compare_ids(gconstpointer a, gconstpointer b, gpointer entries)
{
    const PackEntry *all = entries;
    return git_oid_cmp(&all[*(const guint32 *)a].id, &all[*(const guint32 *)b].id);
}

static guint32 *sort_by_id(const GArray *entries)
{
    guint32 *order = g_new(guint32, entries->len + 1);
    for (guint i = 0; i < entries->len; i++)
        order[i] = i;
    qsort_r(order, entries->len, sizeof *order, compare_ids, entries->data);
    return order;
}

static const PackEntry *entry_at(const IndexWriter *writer, guint i)
{
    return &writer->entries[writer->order[i]];
}

static gboolean flush(IndexWriter *writer, GError **error)
{
    gboolean written = pack_file_append(writer->file, writer->buffer->data, writer->buffer->len, error);
    g_byte_array_set_size(writer->buffer, 0);
    return written;
}

static gboolean put(IndexWriter *writer, gconstpointer bytes, guint length, GError **error)
{
    g_byte_array_append(writer->buffer, bytes, length);
    return writer->buffer->len < BUFFER || flush(writer, error);
}

static gboolean put_number(IndexWriter *writer, guint32 number, GError **error)
{
    guint32 bytes = GUINT32_TO_BE(number);
    return put(writer, &bytes, sizeof bytes, error);
}

/* For each first byte of an id, how many ids are not beyond it. */
static gboolean put_fan_out(IndexWriter *writer, GError **error)
{
    guint passed = 0;
    for (guint first = 0; first < 256; first++) {
        while (passed < writer->count && entry_at(writer, passed)->id.id[0] <= first)
            passed++;
        if (!put_number(writer, passed, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean put_ids(IndexWriter *writer, GError **error)
{
    for (guint i = 0; i < writer->count; i++)
        if (!put(writer, entry_at(writer, i)->id.id, GIT_OID_RAWSZ, error))
            return FALSE;
    return TRUE;
}

static gboolean put_crcs(IndexWriter *writer, GError **error)
{
    for (guint i = 0; i < writer->count; i++)
        if (!put_number(writer, entry_at(writer, i)->crc, error))
            return FALSE;
    return TRUE;
}

static gboolean put_offsets(IndexWriter *writer, GError **error)
{
    guint32 far = 0;
    for (guint i = 0; i < writer->count; i++) {
        guint64 offset = entry_at(writer, i)->offset;
        if (!put_number(writer, offset > OFFSET_MAX ? OFFSET_FAR | far++ : (guint32)offset, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean put_far_offsets(IndexWriter *writer, GError **error)
{
    for (guint i = 0; i < writer->count; i++) {
        guint64 offset = entry_at(writer, i)->offset, bytes = GUINT64_TO_BE(offset);
        if (offset > OFFSET_MAX && !put(writer, &bytes, sizeof bytes, error))
            return FALSE;
    }
    return TRUE;
}

gboolean pack_entries_write(const GArray *entries, const guint8 pack_sum[PACK_SUM_LENGTH], PackFile *file,
                            GError **error)
{
    g_auto(IndexWriter) writer = {.entries = (const PackEntry *)entries->data,
                                  .count = entries->len,
                                  .order = sort_by_id(entries),
                                  .file = file,
                                  .buffer = g_byte_array_new()};
    return put_number(&writer, MAGIC, error) && put_number(&writer, VERSION, error) &&
           put_fan_out(&writer, error) && put_ids(&writer, error) && put_crcs(&writer, error) &&
           put_offsets(&writer, error) && put_far_offsets(&writer, error) &&
           put(&writer, pack_sum, PACK_SUM_LENGTH, error) && flush(&writer, error) &&
           pack_file_append_sum(file, error);
}
