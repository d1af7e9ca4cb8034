/*
 * Gitlab::GithubImport::MarkdownText (lib/gitlab/github_import/markdown_text.rb,
 * lib/gitlab/import/username_mention_rewriter.rb): GitHub's text as GitLab stores it. Bytes that are not
 * UTF-8 are removed; links to the repository's issues and pull requests point to the project; mentions become
 * inline code, so that nobody is notified; the text of an author whom nobody stands for begins with a line
 * that names them. Quirks of the original that show in stored rows are kept (see the spec).
 *
 * GitLabs before the newest (people_mode.h) wrap mentions before the author's line is there, convert links
 * only in notes, and give a blank text such a line too.
 *
 * Time is linear in the length of the text. Thread-safe.
 */
#pragma once

#include "importers/gitlab/project.h"

typedef enum {
    MARKDOWN_TEXT_DESCRIPTION, /* of an issue, pull request or release */
    MARKDOWN_TEXT_NOTE,
} MarkdownTextKind;

/* `text` may be NULL. `author_login` NULL: no line for the author, whether found or not. NULL for a blank
 * text. (transfer full) */
char *markdown_text_format(const Session *session, const Project *project, MarkdownTextKind kind,
                           const char *text, const char *author_login, gboolean author_found);

/* The steps. (transfer full) */
char *markdown_text_clean(const char *text);
char *markdown_text_convert_links(const char *text, const char *web_endpoint, const char *import_source,
                                  const char *project_url);
char *markdown_text_wrap_mentions(const char *text);
/* ActiveSupport's blank?, of valid UTF-8. */
gboolean markdown_text_is_blank(const char *text);
