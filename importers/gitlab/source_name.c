#include "importers/gitlab/source_name.h"

#include "importers/gitlab/exclusive_lease.h"
#include "protocol/import_caching.h"
#include "protocol/log.h"

static const LeaseTerms LEASE_TERMS = {.expiry = 60, .retries = 30, .pause = 200};

/* An account without a display name has a null name; a name that is missing altogether is the login. */
static char *name_of(const json_t *user, const char *login)
{
    const json_t *name = json_object_get(user, "name");
    if (!name)
        return g_strdup(login);
    return g_strdup(json_string_value(name));
}

static gboolean fetch(GithubClient *github, const char *login, char **name, GError **error)
{
    g_autofree char *escaped = g_uri_escape_string(login, NULL, FALSE);
    g_autofree char *path = g_strconcat("users/", escaped, NULL);
    g_autoptr(GError) failure = NULL;
    g_autoptr(json_t) user = github_get(github, path, &failure);
    if (!user && !g_error_matches(failure, GITHUB_ERROR, GITHUB_ERROR_NOT_FOUND)) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return FALSE;
    }
    if (!user)
        log_info("GitHub user not found.", "{s:s, s:s}", "username", login, "error", failure->message);
    *name = user ? name_of(user, login) : g_strdup(login);
    return TRUE;
}

gboolean source_name_find(Session *session, GithubClient *github, const Project *project, const char *login,
                          char **name, GError **error)
{
    g_autofree char *lease_key = g_strconcat("gitlab:github_import:user_finder:", login, NULL);
    g_autoptr(ExclusiveLease) lease = exclusive_lease_obtain(session, lease_key, &LEASE_TERMS, NULL, error);
    if (!lease)
        return FALSE;
    Redis *redis = session_redis(session, REDIS_SHARED_STATE);
    g_autofree char *key =
        g_strdup_printf("github-import/user-finder/%" G_GINT64_FORMAT "/source-name/%s", project->id, login);
    g_autofree char *cached = NULL; /* "" for an account without a name */
    if (!cache_read(redis, key, &cached, error))
        return FALSE;
    if (cached) {
        *name = *cached ? g_steal_pointer(&cached) : NULL;
        return TRUE;
    }
    g_autofree char *fetched = NULL;
    if (!fetch(github, login, &fetched, error) ||
        !cache_write(redis, key, fetched ? fetched : "", CACHE_TIMEOUT, error))
        return FALSE;
    *name = g_steal_pointer(&fetched);
    return TRUE;
}
