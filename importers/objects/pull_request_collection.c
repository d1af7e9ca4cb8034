#include "importers/objects/pull_request.h"
#include "importers/objects/pull_request_representation.h"
#include "importers/objects/repository_update.h"

#define JOBS_PER_MINUTE 200 /* fixed, to spare Gitaly */

static char *id(const json_t *object, G_GNUC_UNUSED const json_t *parent)
{
    const json_t *number = json_object_get(object, "number");
    return json_is_integer(number) ? g_strdup_printf("%" JSON_INTEGER_FORMAT, json_integer_value(number))
                                   : NULL;
}

static json_t *representation(G_GNUC_UNUSED Stage *stage, const json_t *object,
                              G_GNUC_UNUSED const json_t *parent, G_GNUC_UNUSED GError **error)
{
    return pull_request_representation(object);
}

static const char *fetched_as(G_GNUC_UNUSED const json_t *object)
{
    return "pull_request";
}

static void people(const json_t *object, json_t *users)
{
    json_array_append(users, json_object_get(object, "user"));
    json_array_append(users, json_object_get(object, "assignee"));
}

static gboolean scheduling(Stage *stage, const json_t *object, G_GNUC_UNUSED const json_t *parent,
                           GError **error)
{
    return repository_update_for(stage, object, error);
}

const ObjectCollection pull_requests_collection = {
    .importer = "Gitlab::GithubImport::Importer::PullRequestsImporter",
    .object_importer = "Gitlab::GithubImport::Importer::PullRequestImporter",
    .name = "pull_requests",
    .path = "pulls",
    .query = "state=all&sort=created&direction=asc",
    .worker = "Gitlab::GithubImport::ImportPullRequestWorker",
    .jobs_per_minute = JOBS_PER_MINUTE,
    .id = id,
    .representation = representation,
    .fetched_as = fetched_as,
    .people = people,
    .scheduling = scheduling,
};
