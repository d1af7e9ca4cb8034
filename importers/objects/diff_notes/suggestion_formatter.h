/*
 * Gitlab::GithubImport::Representation::DiffNotes::SuggestionFormatter
 * (lib/gitlab/github_import/representation/diff_notes/suggestion_formatter.rb): GitHub's suggestion blocks as
 * GitLab's, which name the range of lines that they replace. Time is linear in the length of the text.
 * Thread-safe.
 */
#pragma once

#include <jansson.h>

#include <glib.h>

/* `note` is the representation of a diff note. *contains (may be NULL): whether there is a suggestion. NULL:
 * the note has no text. (transfer full) */
char *suggestion_formatter_text(const json_t *note, gboolean *contains);
