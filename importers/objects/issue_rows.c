#include "importers/objects/issue_rows.h"

#include "importers/objects/issuable.h"
#include "importers/objects/issue.h"
#include "importers/objects/issue_batch.h"
#include "importers/objects/representation.h"
#include "protocol/json.h"

#include <string.h>

#define TITLE_MAXIMUM 255 /* characters */
#define STATE_OPENED  1
#define STATE_CLOSED  2
#define BLANKS        " \t\n\v\f\r"

const TableColumns issue_columns = {
    .table = "issues",
    .columns = COLUMNS("id", "iid", "title", "author_id", "project_id", "description", "milestone_id",
                       "state_id", "created_at", "updated_at"),
    .known = COLUMNS("namespace_id", "work_item_type_id", "correct_work_item_type_id", "imported_from"),
    .inserts = TRUE,
};

const TableColumns issue_assignee_columns = {
    .table = "issue_assignees",
    .columns = COLUMNS("issue_id", "user_id"),
    .known = COLUMNS("namespace_id"),
    .inserts = TRUE,
};

const RowTable issue_table = {
    .columns = &issue_columns,
    .where_present =
        COLUMNS("namespace_id", "work_item_type_id", "correct_work_item_type_id", "imported_from"),
    .sequence = "issues_id_seq",
};

const RowTable issue_assignee_table = {
    .columns = &issue_assignee_columns,
    .where_present = COLUMNS("namespace_id"),
};

/* Ruby's String#strip. (transfer full) */
static char *strip(const char *text)
{
    const char *start = text + strspn(text, BLANKS);
    gsize length = strlen(start);
    while (length > 0 && strchr(BLANKS, start[length - 1]))
        length--;
    return g_strndup(start, length);
}

static char *title_of(const ImportedObject *object)
{
    g_autofree char *text = representation_text(object->representation, "title");
    g_autofree char *title = representation_truncate(text ? text : "", TITLE_MAXIMUM);
    return strip(title);
}

static int state_id(const ImportedObject *object)
{
    const char *state = json_string_field(object->representation, "state");
    return g_strcmp0(state, "opened") == 0 ? STATE_OPENED : STATE_CLOSED;
}

/* A closed issue has no closed_at: GitLab imports none. */
static void insert_issue(const ObjectBatch *batch, ImportedObject *object, const char *title,
                         const char *description, gint64 author_id, gint64 milestone_id)
{
    const IssueWork *work = object->importer_data;
    json_t *row = json_object();
    json_object_set_new(row, "id", json_integer(work->new_id));
    json_object_set_new(row, "iid", json_integer(issue_iid(object->representation)));
    json_object_set_new(row, "title", json_string(title));
    json_object_set_new(row, "description", description ? json_string(description) : json_null());
    json_object_set_new(row, "author_id", json_integer(author_id));
    json_object_set_new(row, "project_id", json_integer(batch->project->id));
    json_object_set_new(row, "namespace_id", json_integer(batch->project->project_namespace_id));
    json_object_set_new(row, "milestone_id", issuable_id_or_null(milestone_id));
    json_object_set_new(row, "state_id", json_integer(state_id(object)));
    json_object_set_new(row, "created_at", issuable_time(batch, object->representation, "created_at"));
    json_object_set_new(row, "updated_at", issuable_time(batch, object->representation, "updated_at"));
    json_object_set_new(row, "work_item_type_id", issuable_id_or_null(work->type.id));
    json_object_set_new(row, "correct_work_item_type_id", issuable_id_or_null(work->type.correct_id));
    json_object_set_new(row, "imported_from", json_integer(IMPORTED_FROM_GITHUB));
    object_insert(object, &issue_table, row);
}

/* Users of GitHub who are the same user of GitLab are one assignee: the last of them. */
static void add_assignee(GArray *assignees, const FoundUser *user)
{
    for (guint i = 0; i < assignees->len; i++) {
        FoundUser *known = &g_array_index(assignees, FoundUser, i);
        if (known->user_id == user->user_id) {
            *known = *user;
            return;
        }
    }
    g_array_append_val(assignees, *user);
}

/* (transfer full; array of FoundUser) */
static GArray *find_assignees(ObjectBatch *batch, const ImportedObject *object, GError **error)
{
    g_autoptr(GArray) assignees = g_array_new(FALSE, FALSE, sizeof(FoundUser));
    size_t i;
    json_t *assignee;
    json_array_foreach (json_object_get(object->representation, "assignees"), i, assignee) {
        FoundUser user;
        if (!user_finder_find(batch->users, assignee, FALSE, &user, error))
            return NULL;
        if (user.user_id)
            add_assignee(assignees, &user);
    }
    return g_steal_pointer(&assignees);
}

static void insert_assignees(ObjectBatch *batch, ImportedObject *object, const GArray *assignees)
{
    const IssueWork *work = object->importer_data;
    for (guint i = 0; i < assignees->len; i++) {
        const FoundUser *user = &g_array_index(assignees, FoundUser, i);
        object_insert(object, &issue_assignee_table,
                      json_pack("{s:I, s:I, s:I}", "issue_id", (json_int_t)work->new_id, "user_id",
                                (json_int_t)user->user_id, "namespace_id",
                                (json_int_t)batch->project->project_namespace_id));
        object_refer_composite(batch, object, user, "IssueAssignee",
                               json_pack("{s:I, s:I}", "user_id", (json_int_t)user->user_id, "issue_id",
                                         (json_int_t)work->new_id),
                               "user_id");
    }
}

gboolean issue_rows_build(ObjectBatch *batch, ImportedObject *object, GError **error)
{
    IssueWork *work = object->importer_data;
    FoundUser author;
    gboolean author_found;
    gint64 milestone_id;
    if (!user_finder_author(batch->users, json_object_get(object->representation, "author"), &author,
                            &author_found, error))
        return FALSE;
    g_autofree char *title = title_of(object);
    g_autofree char *description = issuable_description(batch, object->representation, author_found);
    if (!issuable_validate(title, description, error) ||
        !issuable_find_milestone(batch, object->representation, &milestone_id, error))
        return FALSE;
    g_autoptr(GArray) assignees = find_assignees(batch, object, error);
    if (!assignees || !object_next_id(batch, &issue_table, &work->new_id, error))
        return FALSE;
    insert_issue(batch, object, title, description, author.user_id, milestone_id);
    object_refer(batch, object, &author, "Issue", work->new_id, "author_id");
    insert_assignees(batch, object, assignees);
    return TRUE;
}
