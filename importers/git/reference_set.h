/*
 * Names of refs, and which others fit among them: git cannot have a ref `a` beside a ref `a/b`.
 */
#pragma once

#include <glib.h>

typedef struct GitReferenceSet GitReferenceSet;

/* (transfer full) */
GitReferenceSet *git_reference_set_new(void);
void git_reference_set_free(GitReferenceSet *set);

void git_reference_set_add(GitReferenceSet *set, const char *name);
gboolean git_reference_set_contains(const GitReferenceSet *set, const char *name);
/* Whether `name` is neither above nor below a ref of the set. */
gboolean git_reference_set_fits(const GitReferenceSet *set, const char *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GitReferenceSet, git_reference_set_free)
