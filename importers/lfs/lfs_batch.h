/*
 * One request to the batch API of an LFS server (https://github.com/git-lfs/git-lfs/blob/main/docs/api/
 * batch.md; Projects::LfsPointers::LfsDownloadLinkListService): where objects can be downloaded. A lost
 * connection and an answer of 500 and above get more attempts, as GitHub's API does; Ruby makes one.
 */
#pragma once

#include "importers/lfs/lfs_endpoint.h"
#include "importers/lfs/lfs_pointers.h"

#define LFS_BATCH_ATTEMPTS   5
#define LFS_BATCH_MAX_ANSWER (50 * 1024 * 1024) /* bytes; of GitLab's other answers of GitHub's */

/* The arguments of the jobs of those objects that the server has: an array of {"oid":..,"link":..,"size":..,
 * "headers":{..}}. LFS_ERROR_LINKS, LFS_ERROR_TOO_LARGE, GITHUB_ERROR_RATE_LIMIT, HTTP_ERROR. (transfer full)
 */
json_t *lfs_batch(Session *session, const LfsEndpoint *endpoint, const LfsPointer *pointers, guint n_pointers,
                  GError **error);
