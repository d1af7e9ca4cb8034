/*
 * Gitlab::GithubImport::EventsCache (lib/gitlab/github_import/events_cache.rb): the review requests of one
 * issue or merge request, kept from the moment its timeline is read until they are replayed. A list of JSON
 * texts in the shared-state Redis: the newest 100, for a day.
 *
 * `record` is class and iid, "Issue/7" or "MergeRequest/15". Errors are those of Redis and of JSON.
 */
#pragma once

#include "importers/gitlab/session.h"

/* Appends the event's representation, unless the list holds the same text already: a page of the timeline may
 * be read again. An event of more than 100 KiB is not stored, with a warning. */
gboolean events_cache_add(Session *session, gint64 project_id, const char *record, const json_t *event,
                          GError **error);
gboolean events_cache_any(Session *session, gint64 project_id, const char *record, gboolean *any,
                          GError **error);
/* The events of many records (of char *) in one round trip: a JSON array for each record, in the order of
 * created_at; events of one time in the order in which they were added. (transfer full) */
json_t *events_cache_events(Session *session, gint64 project_id, const GPtrArray *records, GError **error);
gboolean events_cache_delete(Session *session, gint64 project_id, const GPtrArray *records, GError **error);
