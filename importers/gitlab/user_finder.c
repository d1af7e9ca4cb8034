#include "importers/gitlab/user_finder.h"

#include "importers/gitlab/exclusive_lease.h"
#include "importers/gitlab/ghost_user.h"
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

static void source_identity_clear(SourceIdentity *identity)
{
    g_free(identity->identifier);
    g_free(identity->hostname);
    g_free(identity->username);
    g_free(identity->name);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SourceIdentity, source_identity_clear)

static gboolean is_ghost(const json_t *user)
{
    const char *login = json_string_field(user, "login");
    return !login || g_str_equal(login, GHOST_LOGIN) || json_integer_field(user, "id", 0) == 0;
}

static gboolean find_or_create(Session *session, GithubClient *github, const Project *project,
                               SourceIdentity *identity, SourceUser *user, GError **error)
{
    if (!source_user_find(session, project, identity, user, error))
        return FALSE;
    if (user->id != 0)
        return TRUE;
    return source_name_find(session, github, project, identity->username, &identity->name, error) &&
           source_user_create(session, project, identity, user, error);
}

static gboolean find_mapped(Session *session, GithubClient *github, const Project *project,
                            const json_t *user, FoundUser *found, GError **error)
{
    g_auto(SourceIdentity) identity = {
        .identifier = g_strdup_printf("%" G_GINT64_FORMAT, json_integer_field(user, "id", 0)),
        .hostname = url_sanitizer_base(project->import_url),
        .username = g_strdup(json_string_field(user, "login")),
    };
    if (!identity.hostname) {
        g_set_error(error, JOB_ERROR, JOB_ERROR_ARGUMENTS, "project %" G_GINT64_FORMAT " has no import URL",
                    project->id);
        return FALSE;
    }
    SourceUser source_user;
    GError *failure = NULL;
    if (!find_or_create(session, github, project, &identity, &source_user, &failure)) {
        if (g_error_matches(failure, EXCLUSIVE_LEASE_ERROR, EXCLUSIVE_LEASE_ERROR_TAKEN)) {
            failure->domain = USER_FINDER_ERROR;
            failure->code = USER_FINDER_ERROR_LOCK;
        }
        g_propagate_error(error, failure);
        return FALSE;
    }
    *found = (FoundUser){source_user.mapped_user_id, source_user.id, source_user.accepted};
    return TRUE;
}

struct UserFinder {
    Session *session;
    GithubClient *github;
    const Project *project;
    gboolean maps;
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
    finder->known = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    return finder;
}

void user_finder_free(UserFinder *finder)
{
    g_hash_table_unref(finder->known);
    g_free(finder);
}

gboolean user_finder_preload(G_GNUC_UNUSED UserFinder *finder, G_GNUC_UNUSED const json_t *users,
                             G_GNUC_UNUSED GError **error)
{
    return TRUE;
}

static gboolean find_contributor(UserFinder *finder, const json_t *user, FoundUser *found, GError **error)
{
    gint64 id = json_integer_field(user, "id", 0);
    const FoundUser *known = g_hash_table_lookup(finder->known, &id);
    if (known) {
        *found = *known;
        return TRUE;
    }
    if (!find_mapped(finder->session, finder->github, finder->project, user, found, error))
        return FALSE;
    g_hash_table_insert(finder->known, g_memdup2(&id, sizeof id), g_memdup2(found, sizeof *found));
    return TRUE;
}

gboolean user_finder_find(UserFinder *finder, const json_t *user, gboolean ghost, FoundUser *found,
                          GError **error)
{
    *found = (FoundUser){0};
    if (is_ghost(user))
        return !ghost || ghost_user_find(finder->session, finder->project, &found->user_id, error);
    if (finder->project->root_is_user_namespace) {
        found->user_id = finder->project->root_owner_id;
        return TRUE;
    }
    return find_contributor(finder, user, found, error);
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
