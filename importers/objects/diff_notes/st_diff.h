/*
 * notes.st_diff of a LegacyDiffNote: YAML of the map that
 * lib/gitlab/github_import/representation/diff_note.rb (diff_hash) makes of a hunk, as Ruby's YAML reads it
 * back: its keys are symbols. Texts are written in double quotes throughout, where Ruby's YAML chooses a
 * style for each. Thread-safe.
 */
#pragma once

#include <glib.h>

/* Both valid UTF-8. (transfer full) */
char *st_diff_yaml(const char *hunk, const char *path);
