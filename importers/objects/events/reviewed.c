/* lib/gitlab/github_import/importer/events/reviewed.rb. It adds no reviewers: those come with the replay
 * (replay_events.h). */
#include "importers/objects/events/event.h"
#include "importers/objects/representation.h"

static gboolean is_review(const IssueEvent *event)
{
    return event_is(event, "reviewed") && g_str_equal(event->issuable_type, "MergeRequest");
}

/* The timeline has the state in lower case. */
static json_t *review_type(const json_t *event)
{
    g_autofree char *state = representation_text(event, "state");
    g_autofree char *type = state ? g_ascii_strup(state, -1) : NULL;
    return type ? json_string(type) : json_null();
}

/* An event's body may be null, a review's may not. */
static json_t *note(const json_t *event)
{
    const json_t *body = json_object_get(event, "body");
    return json_is_string(body) ? json_incref((json_t *)body) : json_string("");
}

static json_t *review_of(const IssueEvent *event)
{
    const json_t *representation = event->representation;
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "merge_request_iid",
                     representation_value(json_object_get(representation, "issue"), "number"), "author",
                     representation_value(representation, "actor"), "note", note(representation),
                     "review_type", review_type(representation), "submitted_at",
                     representation_value(representation, "submitted_at"), "review_id",
                     representation_value(representation, "id"));
}

gboolean events_find_reviews(ObjectBatch *batch, GError **error)
{
    g_autoptr(GPtrArray) reviews = g_ptr_array_new();
    for (guint i = 0; i < batch->objects->len; i++) {
        IssueEvent *event = event_at(batch, i);
        if (!is_review(event) || event->issuable_id == 0)
            continue;
        event->review = review_new(review_of(event), event->issuable_id, FALSE);
        g_ptr_array_add(reviews, event->review);
    }
    return reviews->len == 0 || reviews_prepare(batch, reviews, error);
}

gboolean event_import_reviewed(ObjectBatch *batch, ImportedObject *object, GError **error)
{
    const IssueEvent *event = event_of(object);
    if (event->review)
        return review_import(batch, object, event->review, error);
    g_set_error_literal(error, OBJECT_ERROR, OBJECT_ERROR_NO_METHOD,
                        "the review's merge request does not exist");
    return FALSE;
}

gboolean events_write_reviews(ObjectBatch *batch, GError **error)
{
    g_autoptr(GPtrArray) fresh = g_ptr_array_new();
    for (guint i = 0; i < batch->objects->len; i++) {
        const ImportedObject *object = batch->objects->pdata[i];
        if (object->fresh && event_of(object)->review)
            g_ptr_array_add(fresh, event_of(object)->review);
    }
    return reviews_write(batch, fresh, error);
}
