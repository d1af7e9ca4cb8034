#include "spec/fake_github/attached_files.h"
#include "spec/fake_github/objects/object.h"
#include "spec/fake_github/repository.h"

/* GitHub gives drafts an "untagged-..." page; the API still names the planned tag. */
static json_t *complete(const ObjectContext *context, const json_t *description, gboolean single)
{
    (void)single;
    const char *repository = repository_full_name(context->repository);
    const char *tag = json_string_value(json_object_get(description, "tag_name"));
    json_int_t id = object_id(repository, tag != NULL ? tag : "draft", 1);
    g_autofree char *url =
        g_strdup_printf("%s/repos/%s/releases/%" JSON_INTEGER_FORMAT, context->api_url, repository, id);

    json_t *object = json_pack(
        "{s:s, s:o, s:o, s:o, s:I, s:n, s:o, s:s?, s:o, s:n, s:b, s:b, s:s, s:s, s:[], s:n, s:n, s:n}", "url",
        url, "assets_url", json_sprintf("%s/assets", url), "upload_url",
        json_sprintf("%s/assets{?name,label}", url), "html_url",
        json_sprintf("%s/%s/releases/tag/%s", context->web_url, repository, tag != NULL ? tag : ""), "id", id,
        "author", "node_id", json_sprintf("RE_%" JSON_INTEGER_FORMAT, id), "tag_name", tag,
        "target_commitish", json_string(repository_default_branch(context->repository)), "name", "draft",
        FALSE, "prerelease", FALSE, "created_at", "2015-01-01T00:00:00Z", "published_at",
        "2015-01-01T00:00:00Z", "assets", "tarball_url", "zipball_url", "body");
    object_override(context, object, description);
    json_object_set_new(object, "author",
                        object_complete_user(context, json_object_get(description, "author")));
    return object;
}

static guint count(const Generator *generator, guint64 parent)
{
    (void)parent;
    return generator->releases;
}

/* Tags v0.K.0. Every fifth has no body, every sixth no name, every seventh is a prerelease, every
 * eleventh a draft, every thirteenth without author. */
static json_t *generate(const Generator *generator, guint64 parent, guint index)
{
    (void)parent;
    guint ordinal = index + 1;
    gboolean draft = ordinal % 11 == 0;
    g_autofree char *words = generator_words(generator, "release", ordinal, 3);
    g_autofree char *text = generator_markdown(generator, "release", ordinal);
    return json_pack(
        "{s:o, s:o, s:o, s:o, s:b, s:b, s:o, s:o}", "tag_name", json_sprintf("v0.%u.0", ordinal), "name",
        ordinal % 6 == 0 ? json_null() : json_string(words), "body",
        attached_files_in(generator, IN_RELEASE, ordinal, ordinal % 5 == 0 ? json_null() : json_string(text)),
        "author", ordinal % 13 == 0 ? json_null() : generator_login(generator, "release author", ordinal),
        "draft", draft, "prerelease", ordinal % 7 == 0, "created_at",
        generator_time(generator, (guint64)ordinal * 24, 0), "published_at",
        draft ? json_null() : generator_time(generator, (guint64)ordinal * 24, 600));
}

const ObjectKind RELEASE_KIND = {
    .name = "releases",
    .list_path = "releases",
    .key = "tag_name",
    .newest_first = TRUE,
    .count = count,
    .generate = generate,
    .complete = complete,
};
