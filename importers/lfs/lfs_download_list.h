/*
 * Projects::LfsPointers::LfsObjectDownloadListService and LfsDownloadLinkListService
 * (app/services/projects/lfs_pointers/): where GitHub keeps the LFS objects that the project has pointers to
 * and no link to. Only what the project's LFS setting and its .lfsconfig allow. Errors are LFS_ERROR_LIST,
 * GITHUB_ERROR_RATE_LIMIT where the server asks for a pause, HTTP_ERROR, GIT_ERROR_DOMAIN, or what `take`
 * said.
 */
#pragma once

#include "importers/stages/parallel_scheduling.h"

#define LFS_BATCH_SIZE 100 /* REQUEST_BATCH_SIZE; half of it after a 413 */

/* An ObjectSource: `take` gets up to 100 job arguments at a time, {"oid":..,"link":..,"size":..,
 * "headers":{..}}. After a 413 the list begins again, with smaller batches. */
gboolean lfs_download_list(Stage *stage, ObjectSink take, gpointer data, GError **error);
