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

struct UserPreload {
    Stage *stage;
    gboolean maps;
    char *hostname;     /* of the import URL; NULL: it has none */
    GHashTable *met;    /* GitHub's ids, of gint64 */
    GPtrArray *pending; /* GitHub's user objects */
    guint64 n_asked;    /* who were pending before these */
    gboolean refused;   /* GraphQL is not to be had */
};

UserPreload *user_preload_new(Stage *stage)
{
    UserPreload *preload = g_new0(UserPreload, 1);
    preload->stage = stage;
    preload->maps = people_mode_maps(stage->session, stage->data);
    preload->hostname = url_sanitizer_base(stage->project->import_url);
    preload->met = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    preload->pending = g_ptr_array_new_with_free_func((GDestroyNotify)json_decref);
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

guint64 user_preload_asked(const UserPreload *preload)
{
    return preload->n_asked;
}

static const char *login_of(const json_t *user)
{
    return json_string_field(user, "login");
}

/* Id as text -> user, of the users who were not met before. (transfer full) */
static json_t *meet(UserPreload *preload, const json_t *users)
{
    size_t index;
    json_t *user, *fresh = json_object();
    json_array_foreach (users, index, user) {
        gint64 id = json_integer_field(user, "id", 0);
        if (user_finder_is_ghost(user) || !g_hash_table_add(preload->met, g_memdup2(&id, sizeof id)))
            continue;
        g_autofree char *identifier = g_strdup_printf("%" G_GINT64_FORMAT, id);
        json_object_set(fresh, identifier, user);
    }
    return fresh;
}

/* Leaves those who have no source user yet. */
static gboolean drop_source_users(UserPreload *preload, json_t *people, GError **error)
{
    const char *identifier;
    json_t *user;
    void *next;
    g_autoptr(json_t) identifiers = json_array();
    if (!preload->hostname)
        return TRUE;
    json_object_foreach (people, identifier, user)
        json_array_append_new(identifiers, json_string(identifier));
    g_autoptr(GHashTable) rows = source_user_find_all(preload->stage->session, preload->stage->project,
                                                      preload->hostname, identifiers, error);
    if (!rows)
        return FALSE;
    json_object_foreach_safe(people, next, identifier, user) if (g_hash_table_contains(rows, identifier))
        json_object_del(people, identifier);
    return TRUE;
}

/* Borrowed texts. (transfer container) */
static GPtrArray *logins_of(json_t *people)
{
    const char *identifier;
    json_t *user;
    GPtrArray *logins = g_ptr_array_new();
    json_object_foreach (people, identifier, user)
        g_ptr_array_add(logins, (gpointer)login_of(user));
    return logins;
}

static gboolean find_unnamed(UserPreload *preload, const GPtrArray *logins, gboolean *missing, GError **error)
{
    g_autoptr(GPtrArray) names =
        source_name_read(preload->stage->session, preload->stage->project, logins, error);
    for (guint i = 0; names && i < names->len; i++)
        missing[i] = !names->pdata[i];
    return names != NULL;
}

static gboolean find_without_address(UserPreload *preload, const GPtrArray *logins, gboolean *missing,
                                     GError **error)
{
    g_autoptr(GPtrArray) emails =
        public_email_read(preload->stage->session, preload->stage->project, logins, error);
    for (guint i = 0; emails && i < emails->len; i++)
        missing[i] = !((const PublicEmail *)emails->pdata[i])->known;
    return emails != NULL;
}

/* Adds what GitHub's answer for the login leaves in the cache. `user` is NULL for an account that is gone. */
static void remember(const UserPreload *preload, GPtrArray *pairs, const char *login, const json_t *user)
{
    if (preload->maps)
        source_name_remember(pairs, preload->stage->project, login, user);
    else
        public_email_remember(pairs, preload->stage->project, login, json_string_field(user, "email"));
}

static gboolean write_cache(UserPreload *preload, const GPtrArray *pairs, GError **error)
{
    return pairs->len == 0 || cache_write_multiple(session_redis(preload->stage->session, REDIS_SHARED_STATE),
                                                   pairs, CACHE_TIMEOUT, error);
}

/* GraphQL knows no apps, and REST answers with an account that has neither name nor address. */
static gboolean is_app(const json_t *user)
{
    return g_strcmp0(json_string_field(user, "type"), "Bot") == 0 ||
           g_str_has_suffix(login_of(user), "[bot]");
}

/* Apps are remembered at once, everybody else is asked for. `missing` has one flag for each of `people`. */
static gboolean take_missing(UserPreload *preload, json_t *people, const gboolean *missing, GError **error)
{
    const char *identifier;
    json_t *user;
    guint i = 0;
    g_autoptr(GPtrArray) pairs = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(json_t) bare = json_pack("{s:n, s:n}", "name", "email");
    json_object_foreach (people, identifier, user) {
        if (!missing[i++])
            continue;
        if (is_app(user))
            remember(preload, pairs, login_of(user), bare);
        else
            g_ptr_array_add(preload->pending, json_incref(user));
    }
    return write_cache(preload, pairs, error);
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
    g_autofree gboolean *missing = g_new0(gboolean, logins->len);
    gboolean found = preload->maps ? find_unnamed(preload, logins, missing, error)
                                   : find_without_address(preload, logins, missing, error);
    return found && take_missing(preload, people, missing, error);
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
static json_t *ask(UserPreload *preload, guint n_logins, json_t **errors, GError **error)
{
    json_t *variables = json_object();
    for (guint i = 0; i < n_logins; i++) {
        g_autofree char *variable = g_strdup_printf("l%u", i);
        json_object_set_new(variables, variable, json_string(login_of(preload->pending->pdata[i])));
    }
    g_autofree char *query = query_for(preload, n_logins);
    return github_graphql(preload->stage->github, query, variables, errors, error);
}

/* The aliases that stand for nobody, as a set of borrowed texts. */
static GHashTable *not_found(const json_t *errors)
{
    GHashTable *aliases = g_hash_table_new(g_str_hash, g_str_equal);
    size_t i;
    json_t *failure;
    json_array_foreach (errors, i, failure) {
        const json_t *alias = json_array_get(json_object_get(failure, "path"), 0);
        if (json_is_string(alias) && g_strcmp0(json_string_field(failure, "type"), "NOT_FOUND") == 0)
            g_hash_table_add(aliases, (gpointer)json_string_value(alias));
    }
    return aliases;
}

/* A user whom GraphQL does not find is gone. What else it does not find are organizations and the like, which
 * REST knows. */
static gboolean is_gone(const json_t *user, GHashTable *missing_aliases, const char *alias)
{
    return g_strcmp0(json_string_field(user, "type"), "User") == 0 &&
           g_hash_table_contains(missing_aliases, alias);
}

/* Whoever is not in the answers for another reason is left to REST. */
static gboolean remember_answers(UserPreload *preload, const json_t *answers, const json_t *errors,
                                 guint n_logins, GError **error)
{
    g_autoptr(GHashTable) missing_aliases = not_found(errors);
    g_autoptr(GPtrArray) pairs = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < n_logins; i++) {
        g_autofree char *alias = g_strdup_printf("u%u", i);
        const json_t *asked = preload->pending->pdata[i], *answer = json_object_get(answers, alias);
        if (json_is_object(answer))
            remember(preload, pairs, login_of(asked), answer);
        else if (is_gone(asked, missing_aliases, alias))
            remember(preload, pairs, login_of(asked), NULL);
    }
    return write_cache(preload, pairs, error);
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

/* The first `n` are done with. */
static void drop_pending(UserPreload *preload, guint n)
{
    preload->n_asked += n;
    g_ptr_array_remove_range(preload->pending, 0, n);
}

static void give_up(UserPreload *preload, const GError *failure)
{
    preload->refused = !is_passing(failure);
    log_info("GitHub users are fetched one by one", "{s:i, s:s}", "count", (int)preload->pending->len,
             "error", failure->message);
    drop_pending(preload, preload->pending->len);
}

static gboolean resolve_some(UserPreload *preload, GError **error)
{
    guint n_logins = MIN(preload->pending->len, USER_PRELOAD_CALL);
    g_autoptr(GError) failure = NULL;
    g_autoptr(json_t) errors = NULL;
    g_autoptr(json_t) answers = ask(preload, n_logins, &errors, &failure);
    if (answers) {
        gboolean remembered = remember_answers(preload, answers, errors, n_logins, error);
        drop_pending(preload, n_logins);
        return remembered;
    }
    if (ends_the_stage(failure)) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return FALSE;
    }
    give_up(preload, failure);
    return TRUE;
}

gboolean user_preload_resolve_full(UserPreload *preload, GError **error)
{
    while (preload->pending->len >= USER_PRELOAD_CALL)
        if (!resolve_some(preload, error))
            return FALSE;
    return TRUE;
}

gboolean user_preload_resolve(UserPreload *preload, GError **error)
{
    return user_preload_resolve_full(preload, error) &&
           (preload->pending->len == 0 || resolve_some(preload, error));
}
