#include "spec/fake_github/objects/object.h"
#include "spec/fake_github/repository.h"

typedef struct {
    const char *member;
    const char *suffix;
} UrlTemplate;

/* Below repos/OWNER/NAME. */
static const UrlTemplate API_URLS[] = {
    {"url", ""},
    {"forks_url", "/forks"},
    {"keys_url", "/keys{/key_id}"},
    {"collaborators_url", "/collaborators{/collaborator}"},
    {"teams_url", "/teams"},
    {"hooks_url", "/hooks"},
    {"issue_events_url", "/issues/events{/number}"},
    {"events_url", "/events"},
    {"assignees_url", "/assignees{/user}"},
    {"branches_url", "/branches{/branch}"},
    {"tags_url", "/tags"},
    {"blobs_url", "/git/blobs{/sha}"},
    {"git_tags_url", "/git/tags{/sha}"},
    {"git_refs_url", "/git/refs{/sha}"},
    {"trees_url", "/git/trees{/sha}"},
    {"statuses_url", "/statuses/{sha}"},
    {"languages_url", "/languages"},
    {"stargazers_url", "/stargazers"},
    {"contributors_url", "/contributors"},
    {"subscribers_url", "/subscribers"},
    {"subscription_url", "/subscription"},
    {"commits_url", "/commits{/sha}"},
    {"git_commits_url", "/git/commits{/sha}"},
    {"comments_url", "/comments{/number}"},
    {"issue_comment_url", "/issues/comments{/number}"},
    {"contents_url", "/contents/{+path}"},
    {"compare_url", "/compare/{base}...{head}"},
    {"merges_url", "/merges"},
    {"archive_url", "/{archive_format}{/ref}"},
    {"downloads_url", "/downloads"},
    {"issues_url", "/issues{/number}"},
    {"pulls_url", "/pulls{/number}"},
    {"milestones_url", "/milestones{/number}"},
    {"notifications_url", "/notifications{?since,all,participating}"},
    {"labels_url", "/labels{/name}"},
    {"releases_url", "/releases{/id}"},
    {"deployments_url", "/deployments"},
};

/* Members of a repository in the data file that are not members of GitHub's repository object. */
static const char *const DATA_MEMBERS[] = {"generate", "status", "renamed_from", "pagination"};

static void add_urls(const ObjectContext *context, json_t *object, const char *full_name)
{
    g_autofree char *api = g_strdup_printf("%s/repos/%s", context->api_url, full_name);
    g_autofree char *web = g_strdup_printf("%s/%s", context->web_url, full_name);
    for (gsize i = 0; i < G_N_ELEMENTS(API_URLS); i++) {
        json_object_set_new(object, API_URLS[i].member, json_sprintf("%s%s", api, API_URLS[i].suffix));
    }
    json_object_set_new(object, "html_url", json_string(web));
    json_object_set_new(object, "clone_url", json_sprintf("%s.git", web));
    json_object_set_new(object, "git_url", json_sprintf("git://localhost/%s.git", full_name));
    json_object_set_new(object, "ssh_url", json_sprintf("git@localhost:%s.git", full_name));
    json_object_set_new(object, "svn_url", json_string(web));
}

static json_t *defaults(const Repository *repository)
{
    return json_pack(
        "{s:s, s:n, s:b, s:b, s:n, s:n, s:i, s:i, s:i, s:i, s:i, s:i, s:n, s:b, s:b, s:b, s:b, s:b, s:b,"
        " s:b, s:b, s:n, s:n, s:s, s:s, s:s, s:s, s:b, s:b, s:[], s:i, s:i,"
        " s:{s:b, s:b, s:b, s:b, s:b}}",
        "default_branch", repository_default_branch(repository), "description", "private", FALSE, "fork",
        FALSE, "homepage", "language", "size", 1, "stargazers_count", 0, "watchers_count", 0, "forks_count",
        0, "open_issues_count", 0, "forks", 0, "mirror_url", "archived", FALSE, "disabled", FALSE,
        "has_issues", TRUE, "has_projects", TRUE, "has_downloads", TRUE, "has_wiki", TRUE, "has_pages", FALSE,
        "has_discussions", FALSE, "license", "temp_clone_token", "visibility", "public", "created_at",
        "2015-01-01T00:00:00Z", "updated_at", "2024-01-01T00:00:00Z", "pushed_at", "2024-01-01T00:00:00Z",
        "allow_forking", TRUE, "is_template", FALSE, "topics", "open_issues", 0, "watchers", 0, "permissions",
        "admin", FALSE, "maintain", FALSE, "push", TRUE, "triage", TRUE, "pull", TRUE);
}

static void override_members(const ObjectContext *context, json_t *object, const json_t *description)
{
    json_auto_t *members = json_copy((json_t *)description);
    for (gsize i = 0; i < G_N_ELEMENTS(DATA_MEMBERS); i++) {
        json_object_del(members, DATA_MEMBERS[i]);
    }
    for (gsize i = 0; OBJECT_KINDS[i] != NULL; i++) {
        json_object_del(members, OBJECT_KINDS[i]->name);
    }
    object_override(context, object, members);
}

json_t *object_complete_repository(const ObjectContext *context, const Repository *repository)
{
    const char *full_name = repository_full_name(repository);
    g_auto(GStrv) names = g_strsplit(full_name, "/", 2);
    json_int_t id = (json_int_t)repository_id(repository);
    json_auto_t *owner_login = json_string(names[0]);
    json_t *object = json_pack("{s:I, s:o, s:s, s:s, s:o}", "id", id, "node_id",
                               json_sprintf("R_%" JSON_INTEGER_FORMAT, id), "name", names[1], "full_name",
                               full_name, "owner", object_complete_user(context, owner_login));
    add_urls(context, object, full_name);
    json_auto_t *members = defaults(repository);
    json_object_update(object, members);
    override_members(context, object, repository_description(repository));
    return object;
}

json_t *object_base_repository(const ObjectContext *context)
{
    json_t *object = json_object_get(context->made, "repository");
    if (object == NULL) {
        object = object_complete_repository(context, context->repository);
        json_object_set_new(context->made, "repository", object);
    }
    return json_incref(object);
}
