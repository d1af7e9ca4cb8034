/*
 * The hunk of a review comment that GitHub sends without one, as it does for comments on whole files
 * (lib/gitlab/github_import/representation/diff_note.rb, generate_default_diff_hunk): one line of the file,
 * read from the project's repository.
 */
#pragma once

#include "importers/gitlab/project.h"

/* `note` is the representation of a diff note. (transfer full) */
char *default_hunk(Session *session, const Project *project, const json_t *note, GError **error);
