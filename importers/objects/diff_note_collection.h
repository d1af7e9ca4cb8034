/*
 * Review comments as the arguments of their jobs (lib/gitlab/github_import/representation/diff_note.rb,
 * representation/diff_notes/discussion_id.rb), and the collections that list them.
 *
 * The newest GitLab asks merge request by merge request (importer/single_endpoint_diff_notes_importer.rb).
 * Before, the import's setting decides whether the comments of the whole repository are listed instead
 * (importer/diff_notes_importer.rb), of which GitHub lists no more than about 30,000.
 *
 * Comments of a thread share a discussion id, which is found when they are listed. It is kept in the import
 * cache under the first comment's id, in Ruby's keys. Unlike Ruby's, an id that is not known yet is made of
 * the comment's own, and one that is known is used again: a stage that lists a page anew keeps threads
 * together.
 */
#pragma once

#include "importers/stages/parallel_scheduling.h"

/* The comments of single merge requests, and these. On an older GitLab, comments that the other collection
 * has scheduled are left out. */
extern const ObjectCollection diff_notes_collection;
extern const ParentCollection diff_notes_parents;
/* Those of the whole repository. */
extern const ObjectCollection repository_diff_notes_collection;

/* Where the import cache keeps the id of the discussion that a comment starts. `repository` is the name
 * without its owner, of `length` bytes. (transfer full) */
char *diff_note_discussion_key(const char *repository, gsize length, gint64 iid, gint64 note_id);
