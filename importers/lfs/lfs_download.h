/*
 * The file of one LFS object, streamed from where the batch API said it is
 * (app/services/projects/lfs_pointers/lfs_download_service.rb, app/models/lfs_download_object.rb). Redirects
 * are followed, and every address obeys GitLab's outbound rules. Credentials of the link are sent as Basic
 * authentication unless the server named an Authorization header of its own; either goes to the link's own
 * server only. No more than the object's size is received; size and digest are verified.
 *
 * Lost connections, time-outs and answers of 500 and above get two more attempts.
 */
#pragma once

#include "importers/files/incoming_file.h"
#include "protocol/autoptr_jansson.h"

#define LFS_DOWNLOAD_ATTEMPTS 3

/* LfsDownloadObject. Borrowed from the JSON it was read from. */
typedef struct LfsDownloadObject {
    const char *oid;  /* 64 hex digits */
    const char *link; /* http(s), may hold credentials: a secret */
    guint64 size;
    const json_t *headers; /* of the request, secrets; or NULL */
} LfsDownloadObject;

/* FALSE: a representation whose attributes are not valid. Pure function. */
gboolean lfs_download_object_parse(const json_t *representation, LfsDownloadObject *object);
/* The link for a log line: without credentials, and without the query, in which object storages have theirs.
 * Pure function. (transfer full) */
char *lfs_download_object_address(const LfsDownloadObject *object);

/* Errors are LFS_ERROR, HTTP_ERROR, FILE_ERROR, and GITHUB_ERROR_RATE_LIMIT for a 429. (transfer full) */
IncomingFile *lfs_download(Session *session, const LfsDownloadObject *object, GError **error);
