/*
 * The files that generated texts refer to, as people attach them: pictures, documents, videos. Like
 * everything generated they are a function of the generator's numbers and their own ordinal k, from 1 to the
 * generator's "attachments".
 *
 *   k mod 12   which form the link has and of what type the file is, see FORMS
 *   k mod 8    0: in one of the first ten releases
 *   k mod 4    else, of the issue or pull request that is k's share of them: 0 in its own text, 1 in its
 * first comment, 2 in the first comment on its diff, 3 in its first review; in its own text where it has none
 * of these, or a nasty one (see nasty.h) k mod 5    0: the text also links to a file of the repository k mod
 * 7    0: the text also names pages and files of other repositories k mod 16   3: the file is empty k mod 10
 * 0: it has up to 100 KB, else up to 6
 */
#pragma once

#include "spec/fake_github/generator.h"

typedef enum { IN_RELEASE, IN_BODY, IN_COMMENT, IN_REVIEW_COMMENT, IN_REVIEW } AttachedPlace;

typedef struct {
    guint ordinal;
    char *path;        /* of its address: "/user-attachments/assets/UUID"; may contain "{repository}" */
    char *stored_name; /* where the address leads to: "UUID.png" */
    const char *content_type; /* static */
} AttachedFile;

/* ordinal: from 1. (transfer full) */
AttachedFile *attached_file_new(const Generator *generator, guint ordinal);
void attached_file_free(AttachedFile *file);
/* The content. (transfer full) */
GString *attached_file_content(const Generator *generator, const AttachedFile *file);

/* The file with this path in the repository of this name; NULL: there is none. (transfer full) */
AttachedFile *attached_file_find(const Generator *generator, const char *full_name, const char *path);
/* The path with the repository's name in it. (transfer full) */
char *attached_file_path(const AttachedFile *file, const char *full_name);

/* The text of an object with the links to its files in front. number: of the issue or pull request, or the
 * release's ordinal. body: (transfer full), may be null. (transfer full) */
json_t *attached_files_in(const Generator *generator, AttachedPlace place, guint64 number, json_t *body);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(AttachedFile, attached_file_free)
