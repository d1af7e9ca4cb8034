/*
 * Gitlab::GithubImport::Markdown::Attachment (lib/gitlab/github_import/markdown/attachment.rb) and
 * MarkdownText.fetch_attachments (markdown_text.rb): which addresses in a text are files on GitHub, and what
 * takes their place (importer/note_attachments_importer.rb). Ruby's attachments have a name as well, which
 * nothing uses.
 *
 * `web_endpoint` is https://github.com or the Enterprise server's web address, without trailing slash;
 * `import_source` is owner/name. Texts are UTF-8. Time is linear in the length of the text, however deeply
 * its Markdown is nested. Pure functions; thread-safe.
 */
#pragma once

#include <glib.h>

/* Where github.com keeps images; Enterprise servers keep theirs below their own address. */
#define GITHUB_MEDIA_CDN "https://user-images.githubusercontent.com/"

typedef enum {
    ATTACHMENT_UNCHANGED, /* an issue's page, another repository's file, ... */
    ATTACHMENT_BLOB_LINK, /* a file of the repository: the link leads to the project's own */
    ATTACHMENT_FILE,      /* media, documents, user attachments: downloaded */
} AttachmentKind;

/* The addresses as Markdown and HTML read them, in the order of the document, each once (Ruby: a bare one
 * twice). `text` may be NULL. (transfer full; array of char *) */
GPtrArray *attachments_find(const char *text, const char *web_endpoint);

AttachmentKind attachment_kind(const char *url, const char *web_endpoint, const char *import_source);
/* What a blob link becomes: PROJECT_URL/-/blob/main/a.md. Ruby's rule, which takes owner/name out of the
 * file's path too. (transfer full) */
char *attachment_blob_url(const char *url, const char *web_endpoint, const char *import_source,
                          const char *project_url);
/* `text` with `url` replaced wherever it stands; a new value that is a video becomes an image with that
 * address, which is how GitLab embeds videos, also within a link or an image. Where `url` is only the
 * beginning of a longer address it stays: Ruby breaks that link. (transfer full) */
char *attachment_replace(const char *text, const char *url, const char *new_value);
/* Whether that changes anything. Markdown and HTML may spell an address differently ("&amp;", "\\_"): what
 * they read is then nowhere in the text. */
gboolean attachment_is_replaceable(const char *text, const char *url);
