/*
 * Comments on issues and merge requests.
 *
 * The object is Gitlab::GithubImport::Importer::NoteImporter
 * (lib/gitlab/github_import/importer/note_importer.rb, representation/note.rb). A comment arrives either by a
 * job of its own or as an event of a timeline (events/commented.c); its receipt is the same, so it is
 * imported once.
 *
 * Rows of the table notes are also what becomes of several other events (events/system_note.h).
 */
#pragma once

#include "importers/objects/object_importer.h"

extern const ObjectImporter note_importer;
extern const RowTable note_table;
extern const TableColumns note_columns;

/* A row of notes. Everything is borrowed. */
typedef struct NewNote {
    const char *noteable_type; /* "Issue" or "MergeRequest" */
    gint64 noteable_id;
    const FoundUser *author;
    const char *text;
    gboolean system;
    const char *created_at, *updated_at;
} NewNote;

/* A comment of GitHub's: what its row holds, whatever it is on. */
typedef struct Comment {
    NewNote note; /* borrows the rest; what it is on is left out */
    FoundUser author;
    char *text, *created_at, *updated_at;
} Comment;

/* `text` is the comment's as GitHub has it, or NULL. Fails for what GitLab's model would refuse. */
gboolean comment_read(ObjectBatch *batch, const json_t *representation, const char *text, Comment *comment,
                      GError **error);
void comment_clear(Comment *comment);

/* OBJECT_ERROR_INVALID for what GitLab's model refuses. */
gboolean note_validate(const NewNote *note, GError **error);

/* The columns that every row of notes has. `discussion_id` may be NULL. (transfer full) */
json_t *note_row(const ObjectBatch *batch, gint64 id, const NewNote *note, const char *discussion_id);

/* Adds the row and its author's placeholder reference to what the object becomes. *id (may be NULL) is the
 * note's. */
gboolean note_insert(ObjectBatch *batch, ImportedObject *object, const NewNote *note, gint64 *id,
                     GError **error);

/* What a note of GitHub's becomes. `note` is a representation, the object's own or one made of it. */
gboolean note_import(ObjectBatch *batch, ImportedObject *object, const json_t *note, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Comment, comment_clear)
