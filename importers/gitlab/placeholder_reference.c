#include "importers/gitlab/placeholder_reference.h"

#include "importers/gitlab/user_finder.h"
#include "protocol/import_caching.h"
#include "protocol/json.h"

#define ALIAS_VERSION 1

char *placeholder_reference_store_key(const char *import_source, gint64 import_uid)
{
    return g_strdup_printf("placeholder-references:%s:%" G_GINT64_FORMAT, import_source, import_uid);
}

gboolean placeholder_reference_pending(Session *session, const Project *project, gint64 *pending,
                                       GError **error)
{
    g_autofree char *key = placeholder_reference_store_key("github", project->import_state_id);
    return cache_set_count(session_redis(session, REDIS_SHARED_STATE), key, pending, error);
}

/* Contributions of users who have accepted, or who have no source user, are not reassigned later. */
static gboolean is_due(const Project *project, const FoundUser *user)
{
    return user->source_user_id != 0 && !user->accepted && !project->root_is_user_namespace;
}

/* Exactly one of the two keys is not null. Both are consumed. */
static gboolean push_reference(Session *session, const Project *project, const FoundUser *user,
                               const char *model, json_t *composite_key, json_t *numeric_key,
                               const char *column, GError **error)
{
    g_autoptr(json_t) reference =
        json_pack("[o, s, I, o, I, s, i]", composite_key, model, (json_int_t)project->root_namespace_id,
                  numeric_key, (json_int_t)user->source_user_id, column, ALIAS_VERSION);
    g_autofree char *text = json_dump(reference);
    g_autofree char *key = placeholder_reference_store_key("github", project->import_state_id);
    return cache_set_add(session_redis(session, REDIS_SHARED_STATE), key, text, CACHE_TIMEOUT, error);
}

gboolean placeholder_reference_push(Session *session, const Project *project, const FoundUser *user,
                                    const char *model, gint64 id, const char *column, GError **error)
{
    return !is_due(project, user) ||
           push_reference(session, project, user, model, json_null(), json_integer(id), column, error);
}

gboolean placeholder_reference_push_composite(Session *session, const Project *project, const FoundUser *user,
                                              const char *model, json_t *key, const char *column,
                                              GError **error)
{
    if (is_due(project, user))
        return push_reference(session, project, user, model, key, json_null(), column, error);
    json_decref(key);
    return TRUE;
}

gboolean placeholder_reference_request_load(Session *session, const Project *project, GError **error)
{
    json_t *args = json_pack("[s, I, {s:I}]", "github", (json_int_t)project->import_state_id,
                             "current_user_id", (json_int_t)project->creator_id);
    return session_push_once(session, "Import::LoadPlaceholderReferencesWorker", args, FALSE, error);
}
