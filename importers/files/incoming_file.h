/*
 * A file that is being received: its size and digest are known when its last byte is there. Until it is
 * published it has no name, so that a process that is killed leaves nothing behind (O_TMPFILE). Where the
 * file system has no such files, its name begins with ".hubferry-"; it is removed by incoming_file_free(), or
 * after a kill by the next file that is received a day later.
 */
#pragma once

#include "importers/http/exchange.h"

#define FILE_ERROR (file_error_quark())
GQuark file_error_quark(void);
typedef enum {
    FILE_ERROR_TOO_LARGE, /* more bytes than allowed */
    FILE_ERROR_STORAGE,   /* Errno::ENOSPC and the like: the place is not there, full, or not writable */
    FILE_ERROR_REMOTE,    /* Fog::Errors::Error: the object storage refused */
    FILE_ERROR_KEY,       /* Gitlab::PathTraversal::PathTraversalAttackError: no key of a file */
} FileError;

typedef struct IncomingFile IncomingFile;

/* In `directory`, which must be there; at most `max_size` bytes. (transfer full) */
IncomingFile *incoming_file_new(const char *directory, guint64 max_size, GError **error);
void incoming_file_free(IncomingFile *file);

/* Appends. `data` is the IncomingFile: fits HttpSink. */
gboolean incoming_file_write(gpointer data, const char *bytes, gsize length, GError **error);
/* Whether `length` bytes may come; fits HttpSink too. */
gboolean incoming_file_announce(gpointer data, guint64 length, GError **error);
/* Forgets what was received, for another attempt. Not after incoming_file_publish(). */
gboolean incoming_file_restart(IncomingFile *file, GError **error);

guint64 incoming_file_size(const IncomingFile *file);
/* SHA-256 of what was received so far, 64 hex digits. (transfer full) */
char *incoming_file_sha256(const IncomingFile *file);
/* Borrowed; the caller may read from any position. */
int incoming_file_descriptor(const IncomingFile *file);

/* The file becomes `path`, on the same file system as `directory`, durable and whole, in one step; missing
 * directories are made. Mode, owner and group follow the directory (setgid), so that GitLab's user can read
 * it. A file that is there already is the same one of an earlier run, if it has the same size; else it is
 * replaced. */
gboolean incoming_file_publish(IncomingFile *file, const char *path, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(IncomingFile, incoming_file_free)
