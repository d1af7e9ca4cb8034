/*
 * Objects that GitHub lists in two ways, as comments of the repository and as those of one issue or pull
 * request, have one job all the same: each way leaves out what the other has scheduled. Where a setting
 * chooses between them, an import may change from one to the other.
 */
#pragma once

#include "importers/stages/parallel_scheduling.h"

/* For ObjectCollection.prepare: notes on each object whether one of the collections, an array of names that
 * NULL ends, has scheduled its id. */
gboolean scheduled_elsewhere_find(Stage *stage, json_t *objects, const char *const *collections,
                                  GError **error);
/* What was noted; FALSE: nothing was. */
gboolean scheduled_elsewhere(const json_t *object);
