#include "importers/gitlab/repository_cache.h"

#define RAILS_CACHE      "cache:gitlab:"
#define KEYS_PER_COMMAND 1000

/* Repository::CACHED_METHODS, of GitLab 10 to 19. */
static const char *const METHODS[] = {
    "size",
    "recent_objects_size",
    "commit_count",
    "readme",
    "readme_path",
    "rendered_readme",
    "contribution_guide",
    "changelog",
    "license",
    "license_blob",
    "license_gitaly",
    "license_key",
    "gitignore",
    "gitlab_ci_yml",
    "branch_names",
    "tag_names",
    "branch_count",
    "tag_count",
    "avatar",
    "empty?",
    "exists?",
    "root_ref",
    "merged_branch_names",
    "has_visible_content?",
    "has_ambiguous_refs?",
    "issue_template_names",
    "issue_template_names_hash",
    "merge_request_template_names",
    "merge_request_template_names_hash",
    "user_defined_metrics_dashboard_paths",
    "xcode_project?",
};
/* Those of them that are kept as a set of Redis. */
static const char *const SETS[] = {"branch_names", "tag_names"};

static void add_key(GPtrArray *keys, const char *format, ...) G_GNUC_PRINTF(2, 3);
static void add_key(GPtrArray *keys, const char *format, ...)
{
    va_list words;
    va_start(words, format);
    g_ptr_array_add(keys, g_strdup_vprintf(format, words));
    va_end(words);
}

/* `repository` is Ruby's name of it: its path and its project's id. Sets had no prefix before GitLab 14. */
static void add_methods(GPtrArray *keys, const char *repository)
{
    for (guint i = 0; i < G_N_ELEMENTS(METHODS); i++)
        add_key(keys, RAILS_CACHE "%s:%s", METHODS[i], repository);
    for (guint i = 0; i < G_N_ELEMENTS(SETS); i++) {
        add_key(keys, RAILS_CACHE "%s:%s:set", SETS[i], repository);
        add_key(keys, "%s:%s:set", SETS[i], repository);
    }
    add_key(keys, "merged_branch_names:%s:hash", repository);
}

static void add_branches(GPtrArray *keys, const char *repository, const GPtrArray *branches)
{
    for (guint i = 0; i < branches->len; i++) {
        const char *branch = branches->pdata[i];
        add_key(keys, RAILS_CACHE "diverging_commit_counts_%s:%s", branch, repository);
        add_key(keys, RAILS_CACHE "commit_count_%s:%s", branch, repository);
    }
}

static gboolean unlink_keys(Redis *redis, const GPtrArray *keys, GError **error)
{
    for (guint first = 0; first < keys->len; first += KEYS_PER_COMMAND) {
        RedisCommand *command = redis_command_new("UNLINK", NULL);
        for (guint i = first; i < MIN(first + KEYS_PER_COMMAND, keys->len); i++)
            redis_command_add(command, keys->pdata[i]);
        g_autoptr(redisReply) reply = redis_run(redis, command, error);
        if (!reply)
            return FALSE;
    }
    return TRUE;
}

gboolean repository_cache_expire(Session *session, const Project *project, const GPtrArray *branches,
                                 GError **error)
{
    g_autofree char *repository = g_strdup_printf("%s:%" G_GINT64_FORMAT, project->full_path, project->id);
    g_autofree char *wiki = g_strdup_printf("%s.wiki:%" G_GINT64_FORMAT, project->full_path, project->id);
    g_autoptr(GPtrArray) keys = g_ptr_array_new_with_free_func(g_free);
    add_methods(keys, repository);
    add_methods(keys, wiki);
    add_branches(keys, repository, branches);
    return unlink_keys(session_redis(session, REDIS_REPOSITORY_CACHE), keys, error);
}
