/*
 * Which objects of a collection a list request is about, and in which order:
 * state=, sort=, direction= and since= with GitHub's defaults. Other filters are ignored.
 * The natural order (created) costs nothing; anything else reads every description once per request.
 */
#pragma once

#include "spec/fake_github/collection.h"
#include "spec/fake_github/request.h"

typedef struct {
    guint total;
    gboolean reversed;
    GArray *indexes; /* of guint; NULL: all objects in natural order */
} Selection;

void selection_make(Selection *selection, const Collection *collection, const Request *request);
/* The index in the collection of the object at a position of the list. */
guint selection_index(const Selection *selection, guint position);
void selection_clear(Selection *selection);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Selection, selection_clear)
