/*
 * Projects::LfsPointers::LfsObjectDownloadListService and LfsDownloadLinkListService
 * (app/services/projects/lfs_pointers/): where GitHub keeps the LFS objects that the project has pointers to
 * and no link to. Only what the project's LFS setting and its .lfsconfig allow.
 */
#pragma once

#include "importers/lfs/lfs_pointers.h"
#include "importers/stages/stage.h"

#define LFS_ERROR (lfs_error_quark())
GQuark lfs_error_quark(void);
typedef enum {
    LFS_ERROR_LINKS,             /* Projects::LfsPointers::LfsDownloadLinkListService::DownloadLinksError */
    LFS_ERROR_TOO_LARGE,         /* the server refuses so many objects at once (413):
                                    DownloadLinksRequestEntityTooLargeError */
    LFS_ERROR_TOO_MANY_REQUESTS, /* see lfs_error_reset_in() */
    LFS_ERROR_DOWNLOAD,          /* of one object: logged, and the job succeeds */
} LfsError;

/* Calls `batch` with up to 100 job arguments at a time: {"oid":..,"link":..,"size":..,"headers":{..}}. */
gboolean lfs_download_list(Stage *stage,
                           gboolean (*batch)(gpointer data, const json_t *objects, GError **error),
                           gpointer data, GError **error);
