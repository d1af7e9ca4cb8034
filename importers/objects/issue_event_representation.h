/*
 * Events of a timeline: the representation in which they travel
 * (lib/gitlab/github_import/representation/issue_event.rb) and the collection that lists them issue by issue
 * and merge request by merge request (importer/single_endpoint_issue_events_importer.rb).
 */
#pragma once

#include "importers/stages/parallel_scheduling.h"

extern const ObjectCollection issue_events_collection;
/* {"iid":.., "issuable_type": "Issue" or "MergeRequest"}. */
extern const ParentCollection issue_parents, merge_request_parents;

/* All 18 keys. `parent` NULL: with what GitHub sent as `issue`. (transfer full) */
json_t *issue_event_representation(const json_t *event, const json_t *parent);
/* Whose `imported` and `fetched` counters an event counts in; of GitHub's event or its representation. */
const char *issue_event_counted_as(const json_t *event);
