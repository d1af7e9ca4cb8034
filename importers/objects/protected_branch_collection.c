/* lib/gitlab/github_import/importer/protected_branches_importer.rb, representation/protected_branch.rb */
#include "importers/objects/protected_branch.h"
#include "importers/objects/representation.h"
#include "protocol/json.h"

#define REVIEWS "required_pull_request_reviews"

static char *branch_name(const json_t *branch, G_GNUC_UNUSED const json_t *parent)
{
    return json_true_field(json_object_get(branch, "protection"), "enabled")
               ? g_strdup(json_string_field(branch, "name"))
               : NULL;
}

static gboolean is_hidden(const GError *failure)
{
    return g_error_matches(failure, GITHUB_ERROR, GITHUB_ERROR_BRANCH_NOT_PROTECTED) ||
           g_error_matches(failure, GITHUB_ERROR, GITHUB_ERROR_NOT_FOUND);
}

/* NULL without error: GitHub does not show it. (transfer full) */
static json_t *fetch_protection(Stage *stage, const char *branch, GError **error)
{
    g_autoptr(GError) failure = NULL;
    g_autofree char *path =
        g_strdup_printf("%s/branches/%s/protection", github_client_repository_path(stage->github), branch);
    json_t *protection = github_get(stage->github, path, &failure);
    if (!protection && !is_hidden(failure))
        g_propagate_error(error, g_steal_pointer(&failure));
    return protection;
}

/* As the address has it, with its percent signs. (transfer full) */
static char *name_in_url(const json_t *protection, GError **error)
{
    static const char NAME[] = "/branches/([^ \\t\\r\\n\\f\\v]{1,255})/protection$";
    const char *url = json_string_field(protection, "url");
    g_autoptr(GRegex) regex = g_regex_new(NAME, G_REGEX_DEFAULT, G_REGEX_MATCH_DEFAULT, NULL);
    g_autoptr(GMatchInfo) match = NULL;
    if (url && g_regex_match(regex, url, G_REGEX_MATCH_DEFAULT, &match))
        return g_match_info_fetch(match, 1);
    g_set_error(error, OBJECT_ERROR, OBJECT_ERROR_NO_METHOD, "no branch is named in the address %s",
                url ? url : "null");
    return NULL;
}

static json_t *enabled(const json_t *protection, const char *name)
{
    return representation_value(json_object_get(protection, name), "enabled");
}

static json_t *represent(const char *name, const json_t *protection)
{
    const json_t *reviews = json_object_get(protection, REVIEWS);
    const json_t *bypass = json_object_get(reviews, "bypass_pull_request_allowances");
    return json_pack("{s:s, s:o, s:o, s:o, s:b, s:b, s:o}", "id", name, "allow_force_pushes",
                     enabled(protection, "allow_force_pushes"), "required_conversation_resolution",
                     enabled(protection, "required_conversation_resolution"), "required_signatures",
                     enabled(protection, "required_signatures"), REVIEWS, json_object_size(reviews) > 0,
                     "require_code_owner_reviews", json_true_field(reviews, "require_code_owner_reviews"),
                     "allowed_to_push_users", representation_users(json_object_get(bypass, "users")));
}

static json_t *representation(Stage *stage, const json_t *branch, G_GNUC_UNUSED const json_t *parent,
                              GError **error)
{
    if (!session_check_stopping(stage->session, error))
        return NULL;
    g_autoptr(json_t) protection = fetch_protection(stage, json_string_field(branch, "name"), error);
    g_autofree char *name = protection ? name_in_url(protection, error) : NULL;
    return name ? represent(name, protection) : NULL;
}

static const char *fetched_as(G_GNUC_UNUSED const json_t *branch)
{
    return "protected_branch";
}

const ObjectCollection protected_branches_collection = {
    .importer = "Gitlab::GithubImport::Importer::ProtectedBranchesImporter",
    .object_importer = "Gitlab::GithubImport::Importer::ProtectedBranchImporter",
    .name = "protected_branches",
    .path = "branches",
    .query = "protected=true", /* Ruby lists all branches */
    .worker = "Gitlab::GithubImport::ImportProtectedBranchWorker",
    .id = branch_name,
    .representation = representation,
    .fetched_as = fetched_as,
};
