/*
 * Merge requests as parents of collections of which GitHub has an endpoint for each: {"iid":.., "id":..}.
 */
#pragma once

#include "importers/stages/parallel_scheduling.h"

/* ParentCollection.next: all of the project's. */
extern const Statement every_merge_request;
/* ParentCollection.parent. */
json_t *merge_request_as_parent(const PGresult *rows, int row);
