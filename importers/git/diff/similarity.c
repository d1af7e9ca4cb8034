#include "importers/git/diff/similarity.h"

#include <string.h>

#define PIECE_MAX    64     /* bytes */
#define HASH_VALUES  107927 /* git's HASHBASE */
#define BINARY_PROBE 8000   /* bytes in which NUL makes a file binary */
#define PIECES_MAX   262144 /* before those of the same hash are put together */

/* All pieces of one hash. */
typedef struct Piece {
    guint32 hash, bytes;
} Piece;

struct GitPieces {
    GArray *pieces; /* of Piece, sorted by hash, each hash once */
    gsize size;     /* of the file */
};

/* Git's rolling hash of a piece: 64 bits in two words that are turned by seven bits for each byte. */
typedef struct PieceHash {
    guint32 low, high, length;
} PieceHash;

static void piece_hash_add(PieceHash *hash, guchar byte)
{
    guint32 low = hash->low;
    hash->low = ((hash->low << 7) ^ (hash->high >> 25)) + byte;
    hash->high = (hash->high << 7) ^ (low >> 25);
    hash->length++;
}

static void append_piece(GArray *pieces, PieceHash *hash)
{
    Piece piece = {.hash = (hash->low + hash->high * 0x61) % HASH_VALUES, .bytes = hash->length};
    g_array_append_val(pieces, piece);
    *hash = (PieceHash){0};
}

static gint compare_hashes(gconstpointer a, gconstpointer b)
{
    guint32 one = ((const Piece *)a)->hash, two = ((const Piece *)b)->hash;
    return (one > two) - (one < two);
}

static void merge_equal_hashes(GArray *pieces)
{
    guint kept = 0;
    g_array_sort(pieces, compare_hashes);
    for (guint i = 0; i < pieces->len; i++) {
        Piece piece = g_array_index(pieces, Piece, i);
        Piece *last = kept ? &g_array_index(pieces, Piece, kept - 1) : NULL;
        if (last && last->hash == piece.hash)
            last->bytes += piece.bytes;
        else
            g_array_index(pieces, Piece, kept++) = piece;
    }
    g_array_set_size(pieces, kept);
}

/* (transfer full) */
static GArray *cut(const char *content, gsize size)
{
    GArray *pieces = g_array_new(FALSE, FALSE, sizeof(Piece));
    gboolean is_text = !memchr(content, '\0', MIN(size, BINARY_PROBE));
    PieceHash hash = {0};
    for (gsize i = 0; i < size; i++) {
        if (is_text && content[i] == '\r' && i + 1 < size && content[i + 1] == '\n')
            continue;
        piece_hash_add(&hash, (guchar)content[i]);
        if (hash.length == PIECE_MAX || content[i] == '\n')
            append_piece(pieces, &hash);
        if (pieces->len == PIECES_MAX)
            merge_equal_hashes(pieces);
    }
    merge_equal_hashes(pieces);
    return pieces;
}

GitPieces *git_pieces_new(const char *content, gsize size)
{
    g_autoptr(GArray) cut_pieces = cut(content, size);
    GitPieces *pieces = g_new(GitPieces, 1);
    /* a copy, as the array has room for pieces that were merged */
    *pieces =
        (GitPieces){.pieces = g_array_sized_new(FALSE, FALSE, sizeof(Piece), cut_pieces->len), .size = size};
    g_array_append_vals(pieces->pieces, cut_pieces->data, cut_pieces->len);
    return pieces;
}

void git_pieces_free(GitPieces *pieces)
{
    g_array_unref(pieces->pieces);
    g_free(pieces);
}

gsize git_pieces_footprint(const GitPieces *pieces)
{
    return sizeof(*pieces) + pieces->pieces->len * sizeof(Piece);
}

guint git_pieces_similarity(const GitPieces *source, const GitPieces *destination)
{
    const Piece *theirs = (const Piece *)destination->pieces->data;
    const Piece *end = theirs + destination->pieces->len;
    guint64 common = 0;
    for (guint i = 0; i < source->pieces->len; i++) {
        const Piece *ours = &g_array_index(source->pieces, Piece, i);
        while (theirs < end && theirs->hash < ours->hash)
            theirs++;
        if (theirs < end && theirs->hash == ours->hash)
            common += MIN(ours->bytes, theirs->bytes);
    }
    gsize size = MAX(source->size, destination->size);
    return destination->size ? (guint)(common * GIT_SIMILARITY_MAX / size) : 0;
}

gboolean git_sizes_similar(guint64 one, guint64 two, guint minimum)
{
    guint64 larger = MAX(one, two), difference = larger - MIN(one, two);
    return larger * (GIT_SIMILARITY_MAX - minimum) >= difference * GIT_SIMILARITY_MAX;
}
