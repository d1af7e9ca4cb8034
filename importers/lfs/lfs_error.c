#include "importers/lfs/lfs_error.h"

#include "importers/http/exchange.h"
#include "protocol/error_class.h"

#define SERVICES "Projects::LfsPointers::"

static const char *lfs_error_class(int code)
{
    switch ((LfsError)code) {
    case LFS_ERROR_LIST:
        return SERVICES "LfsObjectDownloadListService::LfsObjectDownloadListError";
    case LFS_ERROR_LINKS:
        return SERVICES "LfsDownloadLinkListService::DownloadLinksError";
    case LFS_ERROR_TOO_LARGE:
        return SERVICES "LfsDownloadLinkListService::DownloadLinksRequestEntityTooLargeError";
    case LFS_ERROR_SIZE:
        return SERVICES "LfsDownloadService::SizeError";
    case LFS_ERROR_OID:
        return SERVICES "LfsDownloadService::OidError";
    case LFS_ERROR_EXPIRED:
    case LFS_ERROR_RESPONSE:
    case LFS_ERROR_SERVER:
        break;
    }
    return SERVICES "LfsDownloadService::ResponseError";
}

DEFINE_ERROR_DOMAIN(lfs_error, lfs_error_class)

gboolean lfs_error_is_final(const GError *error)
{
    if (error->domain == HTTP_ERROR)
        return error->code != HTTP_ERROR_CONNECTION && error->code != HTTP_ERROR_TIMEOUT &&
               error->code != HTTP_ERROR_BODY && error->code != HTTP_ERROR_ANSWER;
    return error->domain == LFS_ERROR && error->code != LFS_ERROR_SERVER;
}
