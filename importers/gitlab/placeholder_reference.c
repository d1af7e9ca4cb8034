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
static char *reference_text(const Project *project, const FoundUser *user, const char *model,
                            json_t *composite_key, json_t *numeric_key, const char *column)
{
    g_autoptr(json_t) reference =
        json_pack("[o, s, I, o, I, s, i]", composite_key, model, (json_int_t)project->root_namespace_id,
                  numeric_key, (json_int_t)user->source_user_id, column, ALIAS_VERSION);
    return json_dump(reference);
}

char *placeholder_reference(const Project *project, const FoundUser *user, const char *model, gint64 id,
                            const char *column)
{
    return is_due(project, user) ? reference_text(project, user, model, json_null(), json_integer(id), column)
                                 : NULL;
}

char *placeholder_reference_composite(const Project *project, const FoundUser *user, const char *model,
                                      json_t *key, const char *column)
{
    if (is_due(project, user))
        return reference_text(project, user, model, key, json_null(), column);
    json_decref(key);
    return NULL;
}

gboolean placeholder_references_push(Session *session, const Project *project, const GPtrArray *references,
                                     GError **error)
{
    g_autofree char *key = placeholder_reference_store_key("github", project->import_state_id);
    return references->len == 0 || cache_set_add_all(session_redis(session, REDIS_SHARED_STATE), key,
                                                     references, CACHE_TIMEOUT, error);
}

gboolean placeholder_reference_push(Session *session, const Project *project, const FoundUser *user,
                                    const char *model, gint64 id, const char *column, GError **error)
{
    g_autoptr(GPtrArray) references = g_ptr_array_new_with_free_func(g_free);
    char *reference = placeholder_reference(project, user, model, id, column);
    if (reference)
        g_ptr_array_add(references, reference);
    return placeholder_references_push(session, project, references, error);
}

gboolean placeholder_reference_request_load(Session *session, const Project *project, GError **error)
{
    json_t *args = json_pack("[s, I, {s:I}]", "github", (json_int_t)project->import_state_id,
                             "current_user_id", (json_int_t)project->creator_id);
    return session_push_once(session, "Import::LoadPlaceholderReferencesWorker", args, FALSE, error);
}
