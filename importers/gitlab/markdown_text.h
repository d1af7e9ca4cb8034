/*
 * Gitlab::GithubImport::MarkdownText (lib/gitlab/github_import/markdown_text.rb,
 * lib/gitlab/import/username_mention_rewriter.rb): GitHub's text as GitLab stores it. Links to the
 * repository's issues and pull requests point to the project; mentions become inline code, so that nobody is
 * notified. Quirks of the original that show in stored rows are kept (see the spec).
 */
#pragma once

#include "importers/configuration.h"
#include "importers/github/client.h"

/* NULL for a blank text. (transfer full) */
char *markdown_text_format(const char *text, const Project *project, const GithubClient *github,
                           const Configuration *configuration);

/* The two steps. (transfer full) */
char *markdown_text_convert_links(const char *text, const char *web_endpoint, const char *import_source,
                                  const char *project_url);
char *markdown_text_wrap_mentions(const char *text);
