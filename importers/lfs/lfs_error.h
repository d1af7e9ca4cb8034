/*
 * What goes wrong with LFS objects, by the names of app/services/projects/lfs_pointers/.
 */
#pragma once

#include <glib.h>

#define LFS_ERROR (lfs_error_quark())
GQuark lfs_error_quark(void);
typedef enum {
    LFS_ERROR_LIST,      /* LfsObjectDownloadListService::LfsObjectDownloadListError */
    LFS_ERROR_LINKS,     /* LfsDownloadLinkListService::DownloadLinksError */
    LFS_ERROR_TOO_LARGE, /* the server refuses so many objects at once (413):
                            LfsDownloadLinkListService::DownloadLinksRequestEntityTooLargeError */
    LFS_ERROR_SIZE,      /* LfsDownloadService::SizeError */
    LFS_ERROR_OID,       /* LfsDownloadService::OidError */
    LFS_ERROR_EXPIRED, /* 401, 403, 404, 410: the link is good no longer; LfsDownloadService::ResponseError */
    LFS_ERROR_RESPONSE, /* any other refusal below 500; the same */
    LFS_ERROR_SERVER,   /* 500 and above, after several attempts; the same */
} LfsError;

/* An object that cannot be had, however often it is tried: Ruby logs it, and the job succeeds. */
gboolean lfs_error_is_final(const GError *error);
