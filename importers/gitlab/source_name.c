#include "importers/gitlab/source_name.h"

#include "importers/gitlab/exclusive_lease.h"
#include "protocol/import_caching.h"
#include "protocol/log.h"

static const LeaseTerms LEASE_TERMS = {.expiry = 60, .retries = 30, .pause = 200};

static char *cache_key(const Project *project, const char *login)
{
    return g_strdup_printf("github-import/user-finder/%" G_GINT64_FORMAT "/source-name/%s", project->id,
                           login);
}

/* As cached: an account without a display name has a null name; a name that is missing altogether is the
 * login. Borrowed. */
static const char *name_of(const json_t *user, const char *login)
{
    const json_t *name = json_object_get(user, "name");
    if (!name)
        return login;
    return json_is_string(name) ? json_string_value(name) : "";
}

void source_name_remember(GPtrArray *pairs, const Project *project, const char *login, const json_t *user)
{
    g_ptr_array_add(pairs, cache_key(project, login));
    g_ptr_array_add(pairs, g_strdup(name_of(user, login)));
}

GPtrArray *source_name_read(Session *session, const Project *project, const GPtrArray *logins, GError **error)
{
    g_autoptr(GPtrArray) keys = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < logins->len; i++)
        g_ptr_array_add(keys, cache_key(project, logins->pdata[i]));
    return cache_read_multiple(session_redis(session, REDIS_SHARED_STATE), keys, CACHE_TIMEOUT, error);
}

/* *user stays NULL for a login that GitHub does not know. */
static gboolean ask(GithubClient *github, const char *login, json_t **user, GError **error)
{
    g_autofree char *path = g_strconcat("users/", login, NULL);
    g_autoptr(GError) failure = NULL;
    *user = github_get(github, path, &failure);
    if (*user)
        return TRUE;
    if (!g_error_matches(failure, GITHUB_ERROR, GITHUB_ERROR_NOT_FOUND)) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return FALSE;
    }
    log_info("GitHub user not found.", "{s:s, s:s}", "username", login, "error", failure->message);
    return TRUE;
}

/* One asks, the others wait and read what the one has cached. *cached (transfer full) is never NULL. */
static gboolean ask_once(Session *session, GithubClient *github, const Project *project, const char *login,
                         char **cached, GError **error)
{
    Redis *redis = session_redis(session, REDIS_SHARED_STATE);
    g_autofree char *lease_key = g_strconcat("gitlab:github_import:user_finder:", login, NULL);
    g_autofree char *key = cache_key(project, login);
    g_autoptr(json_t) user = NULL;
    g_autoptr(ExclusiveLease) lease = exclusive_lease_obtain(session, lease_key, &LEASE_TERMS, NULL, error);
    if (!lease || !cache_read(redis, key, cached, error))
        return FALSE;
    if (*cached)
        return TRUE;
    if (!ask(github, login, &user, error))
        return FALSE;
    *cached = g_strdup(name_of(user, login));
    return cache_write(redis, key, *cached, CACHE_TIMEOUT, error);
}

gboolean source_name_find(Session *session, GithubClient *github, const Project *project, const char *login,
                          char **name, GError **error)
{
    g_autofree char *key = cache_key(project, login);
    g_autofree char *cached = NULL;
    if (!cache_read(session_redis(session, REDIS_SHARED_STATE), key, &cached, error))
        return FALSE;
    if (!cached && !ask_once(session, github, project, login, &cached, error))
        return FALSE;
    *name = *cached ? g_steal_pointer(&cached) : NULL;
    return TRUE;
}
