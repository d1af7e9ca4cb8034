/* lib/gitlab/github_import/importer/collaborators_importer.rb, representation/collaborator.rb */
#include "importers/objects/collaborator.h"
#include "importers/objects/representation.h"

static char *user_id(const json_t *object, G_GNUC_UNUSED const json_t *parent)
{
    return representation_id(object, "id");
}

static json_t *representation(G_GNUC_UNUSED Stage *stage, const json_t *object,
                              G_GNUC_UNUSED const json_t *parent, G_GNUC_UNUSED GError **error)
{
    return json_pack("{s:o, s:o, s:o}", "id", representation_value(object, "id"), "login",
                     representation_value(object, "login"), "role_name",
                     representation_value(object, "role_name"));
}

static const char *fetched_as(G_GNUC_UNUSED const json_t *object)
{
    return "collaborator";
}

static void people(const json_t *user, json_t *users)
{
    json_array_append(users, (json_t *)user);
}

const ObjectCollection collaborators_collection = {
    .importer = "Gitlab::GithubImport::Importer::CollaboratorsImporter",
    .object_importer = "Gitlab::GithubImport::Importer::CollaboratorImporter",
    .name = "collaborators",
    .path = "collaborators",
    .worker = "Gitlab::GithubImport::ImportCollaboratorWorker",
    .id = user_id,
    .representation = representation,
    .fetched_as = fetched_as,
    .people = people,
};
