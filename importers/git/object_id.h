/*
 * Object ids: as keys of a GHashTable, and from text. Thread-safe.
 */
#pragma once

#include "importers/git/autoptr_libgit2.h"

/* For g_hash_table_new(), whose keys are then git_oid. */
guint object_id_hash(gconstpointer id);
gboolean object_id_equal(gconstpointer a, gconstpointer b);
/* Whether `sha` is a full id; NULL is none. */
gboolean object_id_parse(const char *sha, git_oid *id);
