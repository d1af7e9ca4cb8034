/* lib/gitlab/github_import/importer/lfs_objects_importer.rb, representation/lfs_object.rb */
#include "importers/objects/lfs_object.h"
#include "protocol/json.h"

static char *oid(const json_t *object, G_GNUC_UNUSED const json_t *parent)
{
    return g_strdup(json_string_field(object, "oid"));
}

/* The download list has made it already. */
static json_t *representation(G_GNUC_UNUSED Stage *stage, const json_t *object,
                              G_GNUC_UNUSED const json_t *parent, G_GNUC_UNUSED GError **error)
{
    return json_incref((json_t *)object);
}

static const char *fetched_as(G_GNUC_UNUSED const json_t *object)
{
    return "lfs_object";
}

const ObjectCollection lfs_objects_collection = {
    .importer = "Gitlab::GithubImport::Importer::LfsObjectsImporter",
    .object_importer = "Gitlab::GithubImport::Importer::LfsObjectImporter",
    .name = "lfs_objects",
    .worker = "Gitlab::GithubImport::ImportLfsObjectWorker",
    .id = oid,
    .representation = representation,
    .fetched_as = fetched_as,
};
