/*
 * What closing, reopening and merging have in common: a row in events, which profiles and activity lists
 * show, and one in resource_state_events, which the issue or merge request shows.
 *
 * GitLab prunes events older than three years and a day (app/workers/prune_old_events_worker.rb), unless its
 * feature flag ops_prune_old_events is off; such events get only the second row.
 */
#pragma once

#include "importers/objects/events/event.h"

typedef enum { EVENT_CLOSED = 3, EVENT_REOPENED = 4, EVENT_MERGED = 7 } EventAction; /* events.action */
typedef enum { STATE_CLOSED = 2, STATE_MERGED = 3, STATE_REOPENED = 5 } ResourceState;

/* The rows of a state change by `author`. `source_commit` may be NULL. */
gboolean state_change_import(ObjectBatch *batch, ImportedObject *object, EventAction action,
                             ResourceState state, const char *source_commit, GError **error);
