/*
 * Gitlab::GithubImport::Representation::DiffNotes::SuggestionFormatter
 * (lib/gitlab/github_import/representation/diff_notes/suggestion_formatter.rb): GitHub's suggestion blocks as
 * GitLab's.
 */
#pragma once

#include <jansson.h>

#include <glib.h>

/* `note` is the representation of a diff note. *contains (may be NULL): whether there is a suggestion.
 * (transfer full) */
char *suggestion_formatter_text(const json_t *note, gboolean *contains);
