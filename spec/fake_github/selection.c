#include "spec/fake_github/selection.h"

#include <string.h>

typedef struct {
    guint index;
    json_t *key; /* owned by the description below */
    json_t *description;
} Candidate;

static void candidate_clear(Candidate *candidate)
{
    json_decref(candidate->description);
}

static int compare_candidates(gconstpointer a, gconstpointer b)
{
    const Candidate *left = a;
    const Candidate *right = b;
    if (json_is_string(left->key) && json_is_string(right->key)) {
        return strcmp(json_string_value(left->key), json_string_value(right->key));
    }
    json_int_t left_number = json_integer_value(left->key);
    json_int_t right_number = json_integer_value(right->key);
    return (left_number > right_number) - (left_number < right_number);
}

static const char *wanted_state(const ObjectKind *kind, const Request *request)
{
    if (!kind->has_state) {
        return "all";
    }
    const char *state = request_parameter(request, "state");
    return state != NULL ? state : "open";
}

/* NULL: natural order */
static const char *sort_member(const ObjectKind *kind, const Request *request)
{
    const char *parameter = request_parameter(request, "sort");
    for (const ObjectSort *sort = kind->sorts; parameter != NULL && sort != NULL && sort->parameter != NULL;
         sort++) {
        if (strcmp(sort->parameter, parameter) == 0) {
            return sort->member;
        }
    }
    return NULL;
}

static gboolean is_wanted(const json_t *description, const char *state, const char *since)
{
    const char *own_state = json_string_value(json_object_get(description, "state"));
    const char *updated_at = json_string_value(json_object_get(description, "updated_at"));
    if (strcmp(state, "all") != 0 && strcmp(own_state != NULL ? own_state : "open", state) != 0) {
        return FALSE;
    }
    return since == NULL || g_strcmp0(updated_at, since) >= 0;
}

static void select_by_reading(Selection *selection, const Collection *collection, const Request *request)
{
    const ObjectKind *kind = collection->kind;
    const char *state = wanted_state(kind, request);
    const char *since = request_parameter(request, "since");
    const char *member = sort_member(kind, request);
    g_autoptr(GArray) candidates = g_array_new(FALSE, FALSE, sizeof(Candidate));
    g_array_set_clear_func(candidates, (GDestroyNotify)candidate_clear);

    for (guint i = 0; i < selection->total; i++) {
        json_auto_t *description = collection_describe(collection, i);
        if (is_wanted(description, state, since) &&
            (kind->accepts == NULL || kind->accepts(description, request))) {
            json_t *key = member != NULL ? json_object_get(description, member) : NULL;
            Candidate candidate = {i, key, member != NULL ? json_incref(description) : NULL};
            g_array_append_val(candidates, candidate);
        }
    }
    if (member != NULL) {
        g_array_sort(candidates, compare_candidates);
    }
    selection->indexes = g_array_sized_new(FALSE, FALSE, sizeof(guint), candidates->len);
    for (guint i = 0; i < candidates->len; i++) {
        g_array_append_val(selection->indexes, g_array_index(candidates, Candidate, i).index);
    }
    selection->total = candidates->len;
}

void selection_make(Selection *selection, const Collection *collection, const Request *request)
{
    const ObjectKind *kind = collection->kind;
    const char *direction = request_parameter(request, "direction");
    selection->indexes = NULL;
    selection->total = collection_count(collection);
    selection->reversed =
        direction != NULL && kind->sorts != NULL ? strcmp(direction, "desc") == 0 : kind->newest_first;
    if (strcmp(wanted_state(kind, request), "all") != 0 || sort_member(kind, request) != NULL ||
        request_parameter(request, "since") != NULL || kind->accepts != NULL) {
        select_by_reading(selection, collection, request);
    }
}

guint selection_index(const Selection *selection, guint position)
{
    guint forward = selection->reversed ? selection->total - 1 - position : position;
    return selection->indexes != NULL ? g_array_index(selection->indexes, guint, forward) : forward;
}

void selection_clear(Selection *selection)
{
    g_clear_pointer(&selection->indexes, g_array_unref);
}
