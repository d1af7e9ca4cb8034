/*
 * How much of one file is in another, as git measures it (diffcore-delta.c): a file is cut into lines, those
 * of more than 64 bytes into pieces, and it counts how many bytes are in pieces that both have, wherever.
 * As git before 2.44 does, what follows the last line end is left out.
 */
#pragma once

#include <glib.h>

#define GIT_SIMILARITY_MAX 60000

typedef struct GitPieces GitPieces;

/* `content` is not kept. (transfer full) */
GitPieces *git_pieces_new(const char *content, gsize size);
void git_pieces_free(GitPieces *pieces);
/* What it takes in memory: bytes. */
gsize git_pieces_footprint(const GitPieces *pieces);
/* 0 to GIT_SIMILARITY_MAX. */
guint git_pieces_similarity(const GitPieces *source, const GitPieces *destination);
/* Whether two files of these sizes can have a similarity of `minimum`. */
gboolean git_sizes_similar(guint64 one, guint64 two, guint minimum);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GitPieces, git_pieces_free)
