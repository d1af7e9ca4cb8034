/*
 * What the rows of issues and merge requests have in common (app/models/concerns/issuable.rb).
 */
#pragma once

#include "importers/objects/object_importer.h"

/* "101", as finders and receipts name it. (transfer full) */
char *issuable_iid_text(gint64 iid);

/* The formatted text of the representation's description, NULL for a blank one. (transfer full) */
char *issuable_description(const ObjectBatch *batch, const json_t *representation, gboolean author_found);
/* OBJECT_ERROR_INVALID for what the models refuse. `description` may be NULL. */
gboolean issuable_validate(const char *title, const char *description, GError **error);
/* The iid of the representation's milestone, as the finder names it; NULL: it has none. (transfer full) */
char *issuable_milestone_iid(const json_t *representation);
/* *id is 0 when there is none. */
gboolean issuable_find_milestone(ObjectBatch *batch, const json_t *representation, gint64 *id,
                                 GError **error);
/* A time of the representation's, or the batch's when it is absent. (transfer full) */
json_t *issuable_time(const ObjectBatch *batch, const json_t *representation, const char *field);
json_t *issuable_id_or_null(gint64 id);
