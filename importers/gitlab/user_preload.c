#include "importers/gitlab/user_preload.h"

#include "importers/github/error.h"
#include "importers/github/graphql.h"
#include "importers/gitlab/people_mode.h"
#include "importers/gitlab/public_email.h"
#include "importers/gitlab/source_name.h"
#include "importers/gitlab/source_user.h"
#include "importers/gitlab/url_sanitizer.h"
#include "protocol/import_caching.h"
#include "protocol/json.h"
#include "protocol/log.h"

#define LOGINS_A_CALL 100

struct UserPreload {
    Stage *stage;
    gboolean maps;
    char *hostname;     /* of the import URL; NULL: it has none */
    GHashTable *met;    /* GitHub's ids, of gint64 */
    GPtrArray *pending; /* logins, of char * */
    gboolean refused;   /* GraphQL is not to be had */
};

UserPreload *user_preload_new(Stage *stage)
{
    UserPreload *preload = g_new0(UserPreload, 1);
    preload->stage = stage;
    preload->maps = people_mode_maps(stage->session, stage->data);
    preload->hostname = url_sanitizer_base(stage->project->import_url);
    preload->met = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    preload->pending = g_ptr_array_new_with_free_func(g_free);
    return preload;
}

void user_preload_free(UserPreload *preload)
{
    g_free(preload->hostname);
    g_hash_table_unref(preload->met);
    g_ptr_array_unref(preload->pending);
    g_free(preload);
}

guint user_preload_pending(const UserPreload *preload)
{
    return preload->pending->len;
}

/* Id as text -> login, of the users who were not met before. (transfer full) */
static json_t *meet(UserPreload *preload, const json_t *users)
{
    size_t index;
    json_t *user, *fresh = json_object();
    json_array_foreach (users, index, user) {
        gint64 id = json_integer_field(user, "id", 0);
        if (user_finder_is_ghost(user) || !g_hash_table_add(preload->met, g_memdup2(&id, sizeof id)))
            continue;
        g_autofree char *identifier = g_strdup_printf("%" G_GINT64_FORMAT, id);
        json_object_set(fresh, identifier, json_object_get(user, "login"));
    }
    return fresh;
}

/* Leaves those who have no source user yet. */
static gboolean drop_source_users(UserPreload *preload, json_t *people, GError **error)
{
    const char *identifier;
    json_t *login;
    void *next;
    g_autoptr(json_t) identifiers = json_array();
    if (!preload->hostname)
        return TRUE;
    json_object_foreach (people, identifier, login)
        json_array_append_new(identifiers, json_string(identifier));
    g_autoptr(GHashTable) rows = source_user_find_all(preload->stage->session, preload->stage->project,
                                                      preload->hostname, identifiers, error);
    if (!rows)
        return FALSE;
    json_object_foreach_safe(people, next, identifier, login) if (g_hash_table_contains(rows, identifier))
        json_object_del(people, identifier);
    return TRUE;
}

/* Borrowed texts. (transfer container) */
static GPtrArray *logins_of(json_t *people)
{
    const char *identifier;
    json_t *login;
    GPtrArray *logins = g_ptr_array_new();
    json_object_foreach (people, identifier, login)
        g_ptr_array_add(logins, (gpointer)json_string_value(login));
    return logins;
}

static gboolean add_unnamed(UserPreload *preload, const GPtrArray *logins, GError **error)
{
    g_autoptr(GPtrArray) names =
        source_name_read(preload->stage->session, preload->stage->project, logins, error);
    for (guint i = 0; names && i < names->len; i++)
        if (!names->pdata[i])
            g_ptr_array_add(preload->pending, g_strdup(logins->pdata[i]));
    return names != NULL;
}

static gboolean add_without_address(UserPreload *preload, const GPtrArray *logins, GError **error)
{
    g_autoptr(GPtrArray) emails =
        public_email_read(preload->stage->session, preload->stage->project, logins, error);
    for (guint i = 0; emails && i < emails->len; i++)
        if (!((const PublicEmail *)emails->pdata[i])->known)
            g_ptr_array_add(preload->pending, g_strdup(logins->pdata[i]));
    return emails != NULL;
}

gboolean user_preload_add(UserPreload *preload, const json_t *users, GError **error)
{
    if (preload->refused || (preload->maps && preload->stage->project->root_is_user_namespace))
        return TRUE;
    g_autoptr(json_t) people = meet(preload, users);
    if (json_object_size(people) > 0 && preload->maps && !drop_source_users(preload, people, error))
        return FALSE;
    if (json_object_size(people) == 0)
        return TRUE;
    g_autoptr(GPtrArray) logins = logins_of(people);
    return preload->maps ? add_unnamed(preload, logins, error) : add_without_address(preload, logins, error);
}

/* One field alone, because a token may be allowed the name and not the address:
 * query($l0:String!,$l1:String!){u0:user(login:$l0){name}u1:user(login:$l1){name}} (transfer full) */
static char *query_for(const UserPreload *preload, guint n_logins)
{
    g_autoptr(GString) query = g_string_new("query(");
    for (guint i = 0; i < n_logins; i++)
        g_string_append_printf(query, "%s$l%u:String!", i > 0 ? "," : "", i);
    g_string_append(query, "){");
    for (guint i = 0; i < n_logins; i++)
        g_string_append_printf(query, "u%u:user(login:$l%u){%s}", i, i, preload->maps ? "name" : "email");
    g_string_append_c(query, '}');
    return g_string_free(g_steal_pointer(&query), FALSE);
}

/* The answers to the first `n_logins`. (transfer full) */
static json_t *ask(UserPreload *preload, guint n_logins, GError **error)
{
    json_t *variables = json_object();
    for (guint i = 0; i < n_logins; i++) {
        g_autofree char *variable = g_strdup_printf("l%u", i);
        json_object_set_new(variables, variable, json_string(preload->pending->pdata[i]));
    }
    g_autofree char *query = query_for(preload, n_logins);
    return github_graphql(preload->stage->github, query, variables, error);
}

/* Logins that GraphQL does not know are null: bots, organizations, deleted accounts. They are left to REST,
 * which knows some of them. */
static gboolean remember(UserPreload *preload, const json_t *answers, guint n_logins, GError **error)
{
    const Project *project = preload->stage->project;
    g_autoptr(GPtrArray) pairs = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < n_logins; i++) {
        g_autofree char *alias = g_strdup_printf("u%u", i);
        const json_t *user = json_object_get(answers, alias);
        if (!json_is_object(user))
            continue;
        if (preload->maps)
            source_name_remember(pairs, project, preload->pending->pdata[i], user);
        else
            public_email_remember(pairs, project, preload->pending->pdata[i],
                                  json_string_field(user, "email"));
    }
    return pairs->len == 0 || cache_write_multiple(session_redis(preload->stage->session, REDIS_SHARED_STATE),
                                                   pairs, CACHE_TIMEOUT, error);
}

static gboolean ends_the_stage(const GError *failure)
{
    return failure->domain != GITHUB_ERROR || failure->code == GITHUB_ERROR_RATE_LIMIT;
}

static gboolean is_passing(const GError *failure)
{
    return github_error_is_server_error(failure) || failure->code == GITHUB_ERROR_CONNECTION ||
           failure->code == GITHUB_ERROR_TIMEOUT;
}

static void give_up(UserPreload *preload, const GError *failure)
{
    preload->refused = !is_passing(failure);
    log_info("GitHub users are fetched one by one", "{s:i, s:s}", "count", (int)preload->pending->len,
             "error", failure->message);
    g_ptr_array_set_size(preload->pending, 0);
}

static gboolean resolve_some(UserPreload *preload, GError **error)
{
    guint n_logins = MIN(preload->pending->len, LOGINS_A_CALL);
    g_autoptr(GError) failure = NULL;
    g_autoptr(json_t) answers = ask(preload, n_logins, &failure);
    if (answers) {
        gboolean remembered = remember(preload, answers, n_logins, error);
        g_ptr_array_remove_range(preload->pending, 0, n_logins);
        return remembered;
    }
    if (ends_the_stage(failure)) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return FALSE;
    }
    give_up(preload, failure);
    return TRUE;
}

gboolean user_preload_resolve(UserPreload *preload, GError **error)
{
    while (preload->pending->len > 0)
        if (!resolve_some(preload, error))
            return FALSE;
    return TRUE;
}
