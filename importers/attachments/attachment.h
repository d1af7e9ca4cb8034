/*
 * Gitlab::GithubImport::Markdown::Attachment (lib/gitlab/github_import/markdown/attachment.rb) and
 * MarkdownText.fetch_attachments (markdown_text.rb): which addresses in a text are files on GitHub, and what
 * takes their place. Pure functions; thread-safe. `web_endpoint` is https://github.com or the Enterprise
 * server's web address, without trailing slash; `import_source` is owner/name.
 */
#pragma once

#include <glib.h>

typedef struct Attachment {
    char *url;  /* as in the text */
    char *name; /* alternative text of an image, text of a link, "media_attachment" of a bare address */
} Attachment;

typedef enum {
    ATTACHMENT_UNCHANGED, /* an issue's page, another repository's file, ... */
    ATTACHMENT_BLOB_LINK, /* a file of the repository: the link leads to the project's own */
    ATTACHMENT_FILE,      /* media, documents, user attachments: downloaded */
} AttachmentKind;

/* In the order of the document, each address once (Ruby: a bare one twice). (transfer full; array of
 * Attachment) */
GPtrArray *attachments_find(const char *text, const char *web_endpoint);

AttachmentKind attachment_kind(const char *url, const char *web_endpoint, const char *import_source);
/* What a blob link becomes: PROJECT_URL/-/blob/main/a.md. (transfer full) */
char *attachment_blob_url(const char *url, const char *web_endpoint, const char *import_source,
                          const char *project_url);
/* `text` with every `url` replaced; a new value that is a video becomes an image with that address, which is
 * how GitLab embeds videos. (transfer full) */
char *attachment_replace(const char *text, const char *url, const char *new_value);

void attachment_free(Attachment *attachment);
