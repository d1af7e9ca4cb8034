/*
 * A comment of GitHub's as the argument of its job (lib/gitlab/github_import/representation/note.rb), and the
 * repository-wide collection (importer/notes_importer.rb).
 */
#pragma once

#include "importers/stages/parallel_scheduling.h"

extern const ObjectCollection notes_collection;

/* ObjectCollection's functions for comments, for the collections of single issues too. */
char *note_id(const json_t *comment, const json_t *parent);
json_t *note_representation(Stage *stage, const json_t *comment, const json_t *parent, GError **error);
const char *note_fetched_as(const json_t *comment);
void note_people(const json_t *comment, json_t *users);
