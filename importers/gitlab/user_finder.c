#include "importers/gitlab/user_finder.h"

#include "importers/gitlab/exclusive_lease.h"
#include "importers/gitlab/ghost_user.h"
#include "importers/gitlab/legacy_user_finder.h"
#include "importers/gitlab/people_mode.h"
#include "importers/gitlab/source_name.h"
#include "importers/gitlab/source_user.h"
#include "importers/gitlab/url_sanitizer.h"
#include "protocol/error_class.h"
#include "protocol/json.h"

#define GHOST_LOGIN "ghost"

static const char *user_finder_error_class(int code)
{
    switch ((UserFinderError)code) {
    case USER_FINDER_ERROR_LOCK:
        return "Gitlab::GithubImport::UserFinder::FailedToObtainLockError";
    case USER_FINDER_ERROR_DUPLICATED:
        break;
    }
    return "Gitlab::Import::SourceUserMapper::DuplicatedUserError";
}

DEFINE_ERROR_DOMAIN(user_finder_error, user_finder_error_class)

struct UserFinder {
    Session *session;
    GithubClient *github;
    const Project *project;
    gboolean maps;
    char *hostname;    /* of the import URL; NULL: it has none */
    gint64 ghost_id;   /* 0: not asked for yet */
    GHashTable *known; /* GitHub's id -> FoundUser */
};

UserFinder *user_finder_new(Session *session, GithubClient *github, const Project *project,
                            const ImportData *data)
{
    UserFinder *finder = g_new0(UserFinder, 1);
    finder->session = session;
    finder->github = github;
    finder->project = project;
    finder->maps = people_mode_maps(session, data);
    finder->hostname = url_sanitizer_base(project->import_url);
    finder->known = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    return finder;
}

void user_finder_free(UserFinder *finder)
{
    g_free(finder->hostname);
    g_hash_table_unref(finder->known);
    g_free(finder);
}

static void remember(UserFinder *finder, gint64 github_id, const FoundUser *found)
{
    g_hash_table_insert(finder->known, g_memdup2(&github_id, sizeof github_id),
                        g_memdup2(found, sizeof *found));
}

gboolean user_finder_is_ghost(const json_t *user)
{
    const char *login = json_string_field(user, "login");
    return !login || g_str_equal(login, GHOST_LOGIN) || json_integer_field(user, "id", 0) == 0;
}

/* With mapping, whoever contributes to somebody's own namespace is that somebody. */
static gboolean is_owners(const UserFinder *finder)
{
    return finder->maps && finder->project->root_is_user_namespace;
}

/* Those who are looked up one by one otherwise, each once. (transfer full) */
static json_t *unknown_users(const UserFinder *finder, const json_t *users)
{
    size_t index;
    json_t *user, *unknown = json_array();
    g_autoptr(GHashTable) met = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    json_array_foreach (users, index, user) {
        gint64 id = json_integer_field(user, "id", 0);
        if (!user_finder_is_ghost(user) && !g_hash_table_contains(finder->known, &id) &&
            g_hash_table_add(met, g_memdup2(&id, sizeof id)))
            json_array_append(unknown, user);
    }
    return unknown;
}

static char *identifier_of(const json_t *user)
{
    return g_strdup_printf("%" G_GINT64_FORMAT, json_integer_field(user, "id", 0));
}

static FoundUser found_source_user(const SourceUser *user)
{
    return (FoundUser){user->mapped_user_id, user->id, user->accepted};
}

static gboolean preload_mapped(UserFinder *finder, const json_t *users, GError **error)
{
    size_t index;
    json_t *user;
    g_autoptr(json_t) identifiers = json_array();
    json_array_foreach (users, index, user) {
        g_autofree char *identifier = identifier_of(user);
        json_array_append_new(identifiers, json_string(identifier));
    }
    g_autoptr(GHashTable) rows =
        source_user_find_all(finder->session, finder->project, finder->hostname, identifiers, error);
    if (!rows)
        return FALSE;
    json_array_foreach (users, index, user) {
        const SourceUser *row =
            g_hash_table_lookup(rows, json_string_value(json_array_get(identifiers, index)));
        if (!row || row->mapped_user_id == 0)
            continue;
        FoundUser found = found_source_user(row);
        remember(finder, json_integer_field(user, "id", 0), &found);
    }
    return TRUE;
}

static gboolean preload_legacy(UserFinder *finder, const json_t *users, GError **error)
{
    g_autoptr(GHashTable) known =
        legacy_user_finder_find_known(finder->session, finder->project, users, error);
    if (!known)
        return FALSE;
    GHashTableIter iterator;
    gpointer github_id, user_id;
    g_hash_table_iter_init(&iterator, known);
    while (g_hash_table_iter_next(&iterator, &github_id, &user_id)) {
        FoundUser found = {.user_id = *(const gint64 *)user_id};
        remember(finder, *(const gint64 *)github_id, &found);
    }
    return TRUE;
}

gboolean user_finder_preload(UserFinder *finder, const json_t *users, GError **error)
{
    g_autoptr(json_t) unknown = unknown_users(finder, users);
    if (json_array_size(unknown) == 0 || is_owners(finder))
        return TRUE;
    if (!finder->maps)
        return preload_legacy(finder, unknown, error);
    return !finder->hostname || preload_mapped(finder, unknown, error);
}

static gboolean create_mapped(UserFinder *finder, SourceIdentity *identity, SourceUser *source_user,
                              GError **error)
{
    g_autofree char *name = NULL;
    if (!source_name_find(finder->session, finder->github, finder->project, identity->username, &name, error))
        return FALSE;
    identity->name = name;
    return source_user_create(finder->session, finder->project, identity, source_user, error);
}

static gboolean find_mapped(UserFinder *finder, const json_t *user, FoundUser *found, GError **error)
{
    g_autofree char *identifier = identifier_of(user);
    SourceIdentity identity = {identifier, finder->hostname, json_string_field(user, "login"), NULL};
    SourceUser source_user;
    if (!finder->hostname) {
        g_set_error(error, JOB_ERROR, JOB_ERROR_ARGUMENTS, "project %" G_GINT64_FORMAT " has no import URL",
                    finder->project->id);
        return FALSE;
    }
    if (!source_user_find(finder->session, finder->project, &identity, &source_user, error) ||
        (source_user.id == 0 && !create_mapped(finder, &identity, &source_user, error)))
        return FALSE;
    *found = found_source_user(&source_user);
    return TRUE;
}

/* A taken lease is another error to the job, which is enqueued again for later then. */
static gboolean ask(UserFinder *finder, const json_t *user, FoundUser *found, GError **error)
{
    GError *failure = NULL;
    gboolean succeeded =
        finder->maps ? find_mapped(finder, user, found, &failure)
                     : legacy_user_finder_find(finder->session, finder->github, finder->project,
                                               json_integer_field(user, "id", 0),
                                               json_string_field(user, "login"), &found->user_id, &failure);
    if (succeeded)
        return TRUE;
    if (g_error_matches(failure, EXCLUSIVE_LEASE_ERROR, EXCLUSIVE_LEASE_ERROR_TAKEN)) {
        failure->domain = USER_FINDER_ERROR;
        failure->code = USER_FINDER_ERROR_LOCK;
    }
    g_propagate_error(error, failure);
    return FALSE;
}

static gboolean find_contributor(UserFinder *finder, const json_t *user, FoundUser *found, GError **error)
{
    gint64 id = json_integer_field(user, "id", 0);
    const FoundUser *known = g_hash_table_lookup(finder->known, &id);
    if (!known && !ask(finder, user, found, error))
        return FALSE;
    if (known)
        *found = *known;
    else
        remember(finder, id, found);
    return TRUE;
}

static gboolean find_ghost(UserFinder *finder, gint64 *user_id, GError **error)
{
    if (finder->ghost_id == 0 && !ghost_user_find(finder->session, finder->project, &finder->ghost_id, error))
        return FALSE;
    *user_id = finder->ghost_id;
    return TRUE;
}

gboolean user_finder_find(UserFinder *finder, const json_t *user, gboolean ghost, FoundUser *found,
                          GError **error)
{
    *found = (FoundUser){0};
    if (user_finder_is_ghost(user))
        return !ghost || find_ghost(finder, &found->user_id, error);
    if (!is_owners(finder))
        return find_contributor(finder, user, found, error);
    found->user_id = finder->project->root_owner_id;
    return TRUE;
}

gboolean user_finder_author(UserFinder *finder, const json_t *user, FoundUser *found, gboolean *is_found,
                            GError **error)
{
    if (!user_finder_find(finder, user, TRUE, found, error))
        return FALSE;
    if (is_found)
        *is_found = found->user_id != 0;
    if (found->user_id == 0)
        found->user_id = finder->project->creator_id;
    return TRUE;
}
