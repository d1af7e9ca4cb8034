#include "importers/gitlab/public_email.h"

#include "importers/gitlab/exclusive_lease.h"
#include "protocol/import_caching.h"
#include "protocol/json.h"
#include "protocol/log.h"

void public_email_free(PublicEmail *email)
{
    g_free(email->address);
    g_free(email);
}

static char *address_key(const char *login)
{
    return g_strconcat("github-import/user-finder/email-for-username/", login, NULL);
}

static char *fetched_key(const Project *project, const char *login)
{
    return g_strdup_printf("github-import/user-finder/%" G_GINT64_FORMAT "/email-fetched/%s", project->id,
                           login);
}

static char *etag_key(const char *login)
{
    return g_strconcat("github-import/user-finder/user-etag/", login, NULL);
}

static void add_pair(GPtrArray *pairs, char *key, const char *value)
{
    g_ptr_array_add(pairs, key);
    g_ptr_array_add(pairs, g_strdup(value));
}

void public_email_remember(GPtrArray *pairs, const Project *project, const char *login, const char *address)
{
    add_pair(pairs, address_key(login), address ? address : "");
    if (!address || !*address)
        add_pair(pairs, fetched_key(project, login), "1");
}

GPtrArray *public_email_read(Session *session, const Project *project, const GPtrArray *logins,
                             GError **error)
{
    g_autoptr(GPtrArray) keys = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < logins->len; i++) {
        g_ptr_array_add(keys, address_key(logins->pdata[i]));
        g_ptr_array_add(keys, fetched_key(project, logins->pdata[i]));
    }
    g_autoptr(GPtrArray) values =
        cache_read_multiple(session_redis(session, REDIS_SHARED_STATE), keys, CACHE_TIMEOUT, error);
    if (!values)
        return NULL;
    GPtrArray *emails = g_ptr_array_new_with_free_func((GDestroyNotify)public_email_free);
    for (guint i = 0; i < logins->len; i++) {
        const char *address = values->pdata[2 * i], *fetched = values->pdata[2 * i + 1];
        PublicEmail *email = g_new0(PublicEmail, 1);
        email->address = address && *address ? g_strdup(address) : NULL;
        email->known = email->address || fetched;
        g_ptr_array_add(emails, email);
    }
    return emails;
}

/* One account while it is asked for. */
typedef struct Lookup {
    Redis *redis;
    GithubClient *github;
    const Project *project;
    const char *login;
    char *cached; /* "": the account showed none at another time; NULL: nothing is known */
    char *etag;   /* of that time, or NULL */
} Lookup;

static void lookup_clear(Lookup *lookup)
{
    g_free(lookup->cached);
    g_free(lookup->etag);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Lookup, lookup_clear)

/* `address` NULL: the answer shows none; its ETag is kept where there is none yet. */
static gboolean remember_answer(const Lookup *lookup, const char *address, const char *etag, GError **error)
{
    g_autoptr(GPtrArray) pairs = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *stale_etag = etag_key(lookup->login);
    g_autofree char *stale_fetched = fetched_key(lookup->project, lookup->login);
    public_email_remember(pairs, lookup->project, lookup->login, address);
    if (!address && !lookup->etag && etag)
        add_pair(pairs, g_strdup(stale_etag), etag);
    return cache_write_multiple(lookup->redis, pairs, CACHE_TIMEOUT, error) &&
           (!address || (cache_delete(lookup->redis, stale_etag, error) &&
                         cache_delete(lookup->redis, stale_fetched, error)));
}

/* Nothing has changed since the ETag was stored: what is cached stays, also when that is nothing. */
static gboolean remember_unchanged(const Lookup *lookup, GError **error)
{
    g_autoptr(GPtrArray) pairs = g_ptr_array_new_with_free_func(g_free);
    if (lookup->cached)
        add_pair(pairs, address_key(lookup->login), lookup->cached);
    add_pair(pairs, fetched_key(lookup->project, lookup->login), "1");
    return cache_write_multiple(lookup->redis, pairs, CACHE_TIMEOUT, error);
}

/* No email-fetched here: the next job asks again, as in Ruby. */
static gboolean remember_unknown_account(const Lookup *lookup, GError **error)
{
    g_autofree char *key = address_key(lookup->login);
    return cache_write(lookup->redis, key, "", CACHE_TIMEOUT, error);
}

static void log_fetching(const Lookup *lookup)
{
    log_info(lookup->etag ? "Fetching email from GitHub with ETAG header" : "Fetching email from GitHub",
             "{s:I, s:s, s:s}", "project_id", (json_int_t)lookup->project->id, "class",
             "Gitlab::GithubImport::UserFinder", "username", lookup->login);
}

static gboolean ask(const Lookup *lookup, char **address, GError **error)
{
    g_autofree char *path = g_strconcat("users/", lookup->login, NULL);
    g_autofree char *etag = g_strdup(lookup->etag);
    gboolean not_modified;
    g_autoptr(GError) failure = NULL;
    log_fetching(lookup);
    g_autoptr(json_t) user = github_get_conditional(lookup->github, path, &etag, &not_modified, &failure);
    if (g_error_matches(failure, GITHUB_ERROR, GITHUB_ERROR_NOT_FOUND))
        return remember_unknown_account(lookup, error);
    if (failure) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return FALSE;
    }
    if (not_modified)
        return remember_unchanged(lookup, error);
    const char *email = json_string_field(user, "email");
    const char *shown = email && *email ? email : NULL;
    if (!remember_answer(lookup, shown, etag, error))
        return FALSE;
    *address = g_strdup(shown);
    return TRUE;
}

static gboolean ask_once(Session *session, GithubClient *github, const Project *project, const char *login,
                         char **address, GError **error)
{
    static const LeaseTerms TERMS = {.expiry = 60, .retries = 30, .pause = 200};
    g_autofree char *lease_key = g_strconcat("gitlab:github_import:user_finder:", login, NULL);
    g_autoptr(ExclusiveLease) lease = exclusive_lease_obtain(session, lease_key, &TERMS, NULL, error);
    if (!lease)
        return FALSE;
    g_auto(Lookup) lookup = {session_redis(session, REDIS_SHARED_STATE), github, project, login, NULL, NULL};
    g_autofree char *key = address_key(login), *etag = etag_key(login);
    if (!cache_read(lookup.redis, key, &lookup.cached, error) ||
        !cache_read(lookup.redis, etag, &lookup.etag, error))
        return FALSE;
    if (!lookup.cached || !*lookup.cached)
        return ask(&lookup, address, error);
    *address = g_steal_pointer(&lookup.cached); /* somebody else has asked meanwhile */
    return TRUE;
}

gboolean public_email_find(Session *session, GithubClient *github, const Project *project, const char *login,
                           char **address, GError **error)
{
    g_autoptr(GPtrArray) logins = g_ptr_array_new();
    *address = NULL;
    g_ptr_array_add(logins, (gpointer)login);
    g_autoptr(GPtrArray) emails = public_email_read(session, project, logins, error);
    if (!emails)
        return FALSE;
    PublicEmail *email = emails->pdata[0];
    if (!email->known)
        return ask_once(session, github, project, login, address, error);
    *address = g_steal_pointer(&email->address);
    return TRUE;
}
