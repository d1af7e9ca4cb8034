#include "importers/objects/issue.h"
#include "importers/objects/issue_type.h"
#include "importers/objects/representation.h"
#include "protocol/json.h"

static gboolean is_pull_request(const json_t *object)
{
    const json_t *pull_request = json_object_get(object, "pull_request");
    return pull_request && !json_is_null(pull_request);
}

static const char *state(const json_t *object)
{
    return g_strcmp0(json_string_field(object, "state"), "open") == 0 ? "opened" : "closed";
}

/* GitHub describes a label, or only names it. */
static json_t *label_names(const json_t *labels)
{
    json_t *names = json_array();
    size_t i;
    json_t *label;
    json_array_foreach (labels, i, label)
        json_array_append_new(names, json_is_string(label) ? json_incref(label)
                                                           : representation_value(label, "name"));
    return names;
}

static json_t *representation(Stage *stage, const json_t *object, G_GNUC_UNUSED const json_t *parent,
                              GError **error)
{
    IssueType type = {0};
    g_autoptr(GPtrArray) types = g_ptr_array_new();
    g_ptr_array_add(types, &type);
    if (!issue_types_resolve(stage->session, types, error))
        return NULL;
    json_t *issue = json_object();
    json_object_set_new(issue, "iid", representation_value(object, "number"));
    json_object_set_new(issue, "title", representation_value(object, "title"));
    json_object_set_new(issue, "description", representation_value(object, "body"));
    json_object_set_new(issue, "milestone_number",
                        representation_value(json_object_get(object, "milestone"), "number"));
    json_object_set_new(issue, "state", json_string(state(object)));
    json_object_set_new(issue, "assignees", representation_users(json_object_get(object, "assignees")));
    json_object_set_new(issue, "label_names", label_names(json_object_get(object, "labels")));
    json_object_set_new(issue, "author", representation_user(json_object_get(object, "user")));
    json_object_set_new(issue, "created_at", representation_time(object, "created_at"));
    json_object_set_new(issue, "updated_at", representation_time(object, "updated_at"));
    json_object_set_new(issue, "pull_request", json_boolean(is_pull_request(object)));
    json_object_set_new(issue, "work_item_type_id", json_integer(type.id));
    return issue;
}

static char *id(const json_t *object, G_GNUC_UNUSED const json_t *parent)
{
    const json_t *number = json_object_get(object, "number");
    return json_is_integer(number) ? g_strdup_printf("%" JSON_INTEGER_FORMAT, json_integer_value(number))
                                   : NULL;
}

static const char *fetched_as(const json_t *object)
{
    return is_pull_request(object) ? NULL : "issue";
}

static void people(const json_t *object, json_t *users)
{
    if (is_pull_request(object))
        return;
    json_array_append(users, json_object_get(object, "user"));
    json_array_extend(users, json_object_get(object, "assignees"));
}

const ObjectCollection issues_collection = {
    .importer = "Gitlab::GithubImport::Importer::IssuesImporter",
    .object_importer = "Gitlab::GithubImport::Importer::IssueAndLabelLinksImporter",
    .name = "issues",
    .path = "issues",
    .query = "state=all&sort=created&direction=asc",
    .worker = "Gitlab::GithubImport::ImportIssueWorker",
    .id = id,
    .representation = representation,
    .fetched_as = fetched_as,
    .people = people,
};
