/*
 * What the importers of events share (lib/gitlab/github_import/importer/events/base_importer.rb).
 */
#pragma once

#include "importers/objects/note.h"
#include "importers/objects/pull_requests/merge_metrics.h"
#include "importers/objects/pull_requests/review.h"

/* An event of a batch with what was looked up for it (ImportedObject.importer_data). */
typedef struct IssueEvent {
    const json_t *representation;
    const char *name;          /* "closed" */
    const char *issuable_type; /* "Issue" or "MergeRequest" */
    char *issuable_iid;
    gint64 issuable_id; /* 0: there is none */
    char *created_at;
    gboolean is_pruned;    /* so old that GitLab would delete its row in events */
    gint64 milestone_id;   /* of changed_milestone.c; 0: none has that title */
    MergeMetrics *metrics; /* of merged.c; NULL: none are due */
    Review *review;        /* of reviewed.c; NULL: it is none, or there is no such merge request */
} IssueEvent;

static inline IssueEvent *event_of(const ImportedObject *object)
{
    return object->importer_data;
}
/* The event at position `index` of a batch. */
static inline IssueEvent *event_at(const ObjectBatch *batch, guint index)
{
    return event_of(batch->objects->pdata[index]);
}
static inline gboolean event_is(const IssueEvent *event, const char *name)
{
    return g_str_equal(event->name, name);
}

/* Attaches an IssueEvent to each object of the batch. */
void events_attach(ObjectBatch *batch);

/* FALSE with the error of a record that belongs to no issue or merge request. */
gboolean event_require_issuable(const IssueEvent *event, GError **error);
/* The user of the representation's field `key` ("actor", "review_requester"), else the project's creator. */
gboolean event_author(ObjectBatch *batch, const ImportedObject *object, const char *key, FoundUser *author,
                      GError **error);
/* "`@mona`", as texts name a user of GitHub's. (transfer full) */
char *event_user_text(const IssueEvent *event, const char *key);

/* Adds a row to a table of resource events. `columns` (consumed) are those of the table that the tables do
 * not share. */
gboolean event_insert_resource_event(ObjectBatch *batch, ImportedObject *object, const RowTable *table,
                                     const char *model, const FoundUser *author, json_t *columns,
                                     GError **error);
/* The columns that they share. */
#define RESOURCE_EVENT_COLUMNS "id", "user_id", "issue_id", "merge_request_id", "created_at"
#define RESOURCE_EVENT_WHERE_PRESENT                                                                         \
    COLUMNS("imported_from", "namespace_id") /* the latter: NOT NULL, without default or trigger */

/* How an event is imported; as ObjectImporter.build. */
typedef gboolean (*EventImport)(ObjectBatch *batch, ImportedObject *object, GError **error);
gboolean event_import_closed(ObjectBatch *batch, ImportedObject *object, GError **error);
gboolean event_import_reopened(ObjectBatch *batch, ImportedObject *object, GError **error);
gboolean event_import_merged(ObjectBatch *batch, ImportedObject *object, GError **error);
gboolean event_import_changed_label(ObjectBatch *batch, ImportedObject *object, GError **error);
gboolean event_import_changed_milestone(ObjectBatch *batch, ImportedObject *object, GError **error);
gboolean event_import_renamed(ObjectBatch *batch, ImportedObject *object, GError **error);
gboolean event_import_changed_assignee(ObjectBatch *batch, ImportedObject *object, GError **error);
gboolean event_import_changed_reviewer(ObjectBatch *batch, ImportedObject *object, GError **error);
gboolean event_import_cross_referenced(ObjectBatch *batch, ImportedObject *object, GError **error);
gboolean event_import_commented(ObjectBatch *batch, ImportedObject *object, GError **error);
gboolean event_import_reviewed(ObjectBatch *batch, ImportedObject *object, GError **error);

/* What some of them look up for a whole batch. */
gboolean events_find_pruned(ObjectBatch *batch, GError **error);
gboolean events_find_labels(ObjectBatch *batch, GError **error);
gboolean events_find_milestones(ObjectBatch *batch, GError **error);
gboolean events_find_metrics(ObjectBatch *batch, GError **error);
gboolean events_find_reviews(ObjectBatch *batch, GError **error);

/* The record that a cross reference comes from: "Issue" or "MergeRequest", and its number. */
typedef struct CrossReference {
    const char *issuable_type;
    gint64 iid; /* 0: there is none */
} CrossReference;
CrossReference event_cross_reference(const IssueEvent *event);

/* In the transaction: what merged.c and reviewed.c do not simply insert. */
gboolean events_write_metrics(ObjectBatch *batch, GError **error);
gboolean events_write_reviews(ObjectBatch *batch, GError **error);

extern const RowTable event_table, resource_state_event_table, resource_label_event_table,
    resource_milestone_event_table;
extern const TableColumns event_columns, resource_state_event_columns, resource_label_event_columns,
    resource_milestone_event_columns;
