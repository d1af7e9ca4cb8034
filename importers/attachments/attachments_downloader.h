/*
 * Gitlab::GithubImport::AttachmentsDownloader (lib/gitlab/github_import/attachments_downloader.rb): fetches
 * the file behind an attachment's address. The import's token is sent to the GitHub server itself, over the
 * same scheme, and nowhere else; the address that it redirects to is fetched without. Every request obeys
 * GitLab's outbound rules. 429, and 403 with Retry-After, are GITHUB_ERROR_RATE_LIMIT.
 */
#pragma once

#include "importers/files/file_store.h"
#include "importers/github/client.h"

#define ATTACHMENT_ERROR (attachment_error_quark())
GQuark attachment_error_quark(void);
typedef enum {
    ATTACHMENT_ERROR_GONE,      /* 403, 404, 410: asking again is of no use */
    ATTACHMENT_ERROR_STATUS,    /* any other answer than 200: recorded and retried */
    ATTACHMENT_ERROR_TOO_LARGE, /* max_attachment_size */
    ATTACHMENT_ERROR_NAME,      /* Gitlab::PathTraversal::PathTraversalAttackError */
} AttachmentError;

typedef struct DownloadedAttachment {
    IncomingFile *file;
    char *name;         /* see attachment_file_name(); a video has its extension */
    char *content_type; /* as answered, without parameters; or NULL */
} DownloadedAttachment;

/* *downloaded is NULL, without error, when GitHub wants a login for it: the address stays. (transfer full) */
gboolean attachments_download(Session *session, const GithubClient *github, const char *url,
                              DownloadedAttachment **downloaded, GError **error);
void downloaded_attachment_free(DownloadedAttachment *downloaded);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(DownloadedAttachment, downloaded_attachment_free)
