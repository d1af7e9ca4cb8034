#include "importers/objects/pull_requests/review.h"

#include "importers/gitlab/markdown_text.h"
#include "importers/objects/note.h"
#include "importers/objects/pull_requests/approvals.h"
#include "importers/objects/pull_requests/reviewers.h"
#include "importers/objects/representation.h"
#include "protocol/json.h"

struct Review {
    json_t *representation;
    gint64 merge_request_id;
    gboolean add_reviewer;
    char *time;                       /* when it was submitted */
    GHashTable *approved, *reviewing; /* of the whole batch; see merge_request_users.h */
    json_t *approval_rows, *reviewer_rows;
};

Review *review_new(json_t *representation, gint64 merge_request_id, gboolean add_reviewer)
{
    Review *review = g_new0(Review, 1);
    review->representation = representation;
    review->merge_request_id = merge_request_id;
    review->add_reviewer = add_reviewer;
    review->time = representation_timestamp(representation, "submitted_at");
    review->approval_rows = json_array();
    review->reviewer_rows = json_array();
    return review;
}

void review_free(Review *review)
{
    json_decref(review->representation);
    g_free(review->time);
    g_clear_pointer(&review->approved, g_hash_table_unref);
    g_clear_pointer(&review->reviewing, g_hash_table_unref);
    json_decref(review->approval_rows);
    json_decref(review->reviewer_rows);
    g_free(review);
}

static gboolean is_approval(const Review *review)
{
    return g_strcmp0(json_string_field(review->representation, "review_type"), "APPROVED") == 0;
}

/* --- what is looked up for all at once --- */

static gboolean adds_reviewer(const Review *review)
{
    return review->add_reviewer;
}

static gboolean has_no_time(const Review *review)
{
    return review->time == NULL;
}

/* (transfer full) */
static json_t *merge_requests_of(const GPtrArray *reviews, gboolean (*concerned)(const Review *review))
{
    json_t *ids = json_array();
    for (guint i = 0; i < reviews->len; i++) {
        const Review *review = reviews->pdata[i];
        if (concerned(review))
            json_array_append_new(ids, json_integer(review->merge_request_id));
    }
    return ids;
}

static gboolean find_users(ObjectBatch *batch, const GPtrArray *reviews, GError **error)
{
    g_autoptr(json_t) with_approval = merge_requests_of(reviews, is_approval);
    g_autoptr(json_t) with_reviewer = merge_requests_of(reviews, adds_reviewer);
    g_autoptr(GHashTable) approved = approvals_find(batch, with_approval, error);
    g_autoptr(GHashTable) reviewing = approved ? reviewers_find(batch, with_reviewer, error) : NULL;
    for (guint i = 0; reviewing && i < reviews->len; i++) {
        Review *review = reviews->pdata[i];
        review->approved = g_hash_table_ref(approved);
        review->reviewing = g_hash_table_ref(reviewing);
    }
    return reviewing != NULL;
}

static const Statement find_changed = {
    "reviews_merge_requests_changed",
    "SELECT value::bigint AS id, coalesce(updated_at, $2::timestamp) AS updated_at"
    " FROM json_array_elements_text($1::json) LEFT JOIN merge_requests ON id = value::bigint",
};

static void take_time(const GPtrArray *reviews, gint64 merge_request_id, const char *time)
{
    for (guint i = 0; i < reviews->len; i++) {
        Review *review = reviews->pdata[i];
        if (!review->time && review->merge_request_id == merge_request_id)
            review->time = g_strdup(time);
    }
}

/* A review that was never submitted is of the time when its merge request was changed. */
static gboolean find_times(ObjectBatch *batch, const GPtrArray *reviews, GError **error)
{
    g_autoptr(json_t) ids = merge_requests_of(reviews, has_no_time);
    if (json_array_size(ids) == 0)
        return TRUE;
    g_autofree char *text = json_dump(ids);
    g_autoptr(PGresult) rows =
        database_run(session_database(batch->session), error, &find_changed, text, batch->now, DATABASE_END);
    for (int row = 0; rows && row < PQntuples(rows); row++)
        take_time(reviews, database_integer(rows, row, "id"), database_value(rows, row, "updated_at"));
    return rows != NULL;
}

gboolean reviews_prepare(ObjectBatch *batch, const GPtrArray *reviews, GError **error)
{
    return find_users(batch, reviews, error) && find_times(batch, reviews, error);
}

/* --- one review --- */

/* What Ruby would stumble over. */
static gboolean check(const Review *review, GError **error)
{
    const char *invalid = NULL;
    if (review->merge_request_id == 0)
        invalid = "the review's merge request does not exist";
    else if (!json_string_field(review->representation, "review_type"))
        invalid = "the representation of a review has no review_type";
    else if (!json_is_string(json_object_get(review->representation, "note")))
        invalid = "the representation of a review has no note";
    if (invalid)
        g_set_error_literal(error, OBJECT_ERROR, OBJECT_ERROR_NO_METHOD, invalid);
    return invalid == NULL;
}

/* "CHANGES_REQUESTED" as "Changes requested". (transfer full) */
static char *humanize(const char *review_type)
{
    char *text = g_ascii_strdown(review_type, -1);
    g_strdelimit(text, "_", ' ');
    text[0] = g_ascii_toupper(text[0]);
    return text;
}

/* The body is stored as it is, without the formatting that comments get. (transfer full) */
static char *note_text(const Review *review, const char *body)
{
    g_autofree char *type = humanize(json_string_field(review->representation, "review_type"));
    return markdown_text_is_blank(body) ? g_strdup_printf("**Review:** %s", type)
                                        : g_strdup_printf("**Review:** %s\n\n%s", type, body);
}

static gboolean add_note(ObjectBatch *batch, ImportedObject *object, const Review *review,
                         const FoundUser *author, const char *text, GError **error)
{
    NewNote note = {
        .noteable_type = "MergeRequest",
        .noteable_id = review->merge_request_id,
        .author = author,
        .text = text,
        .created_at = review->time,
        .updated_at = review->time,
    };
    return note_validate(&note, error) && note_insert(batch, object, &note, NULL, error);
}

static gboolean add_review_note(ObjectBatch *batch, ImportedObject *object, const Review *review,
                                const FoundUser *author, const char *body, GError **error)
{
    g_autofree char *text = note_text(review, body);
    return *body == '\0' || add_note(batch, object, review, author, text, error);
}

/* Where nobody stands for the reviewer, a note of the project's creator names them. */
static gboolean add_complementary_note(ObjectBatch *batch, ImportedObject *object, const Review *review,
                                       const char *body, GError **error)
{
    const json_t *author = json_object_get(review->representation, "author");
    FoundUser creator = {.user_id = batch->project->creator_id};
    if (*body == '\0' && !is_approval(review))
        return TRUE;
    g_autofree char *content = note_text(review, body);
    g_autofree char *text = markdown_text_format(batch->session, batch->project, MARKDOWN_TEXT_NOTE, content,
                                                 json_string_field(author, "login"), FALSE);
    return add_note(batch, object, review, &creator, text, error);
}

static gboolean add_approval(ObjectBatch *batch, ImportedObject *object, Review *review,
                             const FoundUser *user, GError **error)
{
    const NewApproval approval = {review->merge_request_id, user, review->time};
    return !is_approval(review) ||
           approval_build(batch, object, &approval, review->approved, review->approval_rows, error);
}

static gboolean add_reviewer(ObjectBatch *batch, ImportedObject *object, Review *review,
                             const FoundUser *user, GError **error)
{
    const NewReviewer reviewer = {review->merge_request_id, user, REVIEWER_REVIEWED, review->time};
    return !review->add_reviewer ||
           reviewer_build(batch, object, &reviewer, review->reviewing, review->reviewer_rows, error);
}

gboolean review_import(ObjectBatch *batch, ImportedObject *object, Review *review, GError **error)
{
    const json_t *author = json_object_get(review->representation, "author");
    FoundUser user;
    if (!check(review, error) || !user_finder_find(batch->users, author, TRUE, &user, error))
        return FALSE;
    g_autofree char *body = representation_text(review->representation, "note");
    if (user.user_id == 0)
        return add_complementary_note(batch, object, review, body, error);
    return add_review_note(batch, object, review, &user, body, error) &&
           add_approval(batch, object, review, &user, error) &&
           add_reviewer(batch, object, review, &user, error);
}

gboolean reviews_write(ObjectBatch *batch, const GPtrArray *reviews, GError **error)
{
    g_autoptr(json_t) approvals = json_array();
    g_autoptr(json_t) reviewers = json_array();
    for (guint i = 0; i < reviews->len; i++) {
        const Review *review = reviews->pdata[i];
        json_array_extend(approvals, review->approval_rows);
        json_array_extend(reviewers, review->reviewer_rows);
    }
    return approvals_write(batch, approvals, error) && reviewers_write(batch, reviewers, error);
}
