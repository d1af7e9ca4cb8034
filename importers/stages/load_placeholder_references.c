/* Import::LoadPlaceholderReferencesWorker (app/workers/import/load_placeholder_references_worker.rb,
 * app/services/import/placeholder_references/load_service.rb): moves placeholder references from the import's
 * Redis set into their table, 500 at a time. A slice is taken off the set only after its commit, and rows
 * that are there already are not inserted again. */
#include "importers/gitlab/placeholder_reference.h"
#include "importers/gitlab/session.h"
#include "importers/stages/stages.h"
#include "protocol/import_caching.h"
#include "protocol/json.h"
#include "protocol/log.h"

#define SLICE    500
#define ELEMENTS 7 /* of one reference: see placeholder_reference.h */

const TableColumns loaded_reference_columns = {
    .table = "import_source_user_placeholder_references",
    .columns = COLUMNS("composite_key", "model", "namespace_id", "numeric_key", "source_user_id",
                       "user_reference_column", "alias_version", "created_at"),
    .known = COLUMNS("id"),
    .inserts = TRUE,
};

static const Statement INSERT = {
    "placeholder_references_insert",
    "INSERT INTO import_source_user_placeholder_references AS stored "
    "(composite_key, model, namespace_id, numeric_key, source_user_id, user_reference_column, alias_version, "
    "created_at) "
    "SELECT NULLIF(reference -> 0, 'null'), reference ->> 1, (reference ->> 2)::bigint, "
    "(reference ->> 3)::bigint, (reference ->> 4)::bigint, reference ->> 5, (reference ->> 6)::smallint, "
    "now() "
    "FROM jsonb_array_elements($1) AS reference "
    "WHERE NOT EXISTS (SELECT FROM import_source_user_placeholder_references present "
    "WHERE present.source_user_id = (reference ->> 4)::bigint AND present.model = reference ->> 1 "
    "AND present.user_reference_column = reference ->> 5 "
    "AND present.numeric_key IS NOT DISTINCT FROM (reference ->> 3)::bigint "
    "AND present.composite_key IS NOT DISTINCT FROM NULLIF(reference -> 0, 'null'))"};

/* The members as one JSON array; members of another shape are reported and left out. (transfer full) */
static json_t *parse_members(const GPtrArray *members)
{
    json_t *references = json_array();

    for (guint i = 0; i < members->len; i++) {
        g_autoptr(GError) error = NULL;
        json_t *reference = json_parse(members->pdata[i], strlen(members->pdata[i]), &error);

        if (reference && json_is_array(reference) && json_array_size(reference) == ELEMENTS) {
            json_array_append_new(references, reference);
        } else {
            log_warn("malformed placeholder reference dropped", "{s:s}", "reference", members->pdata[i]);
            json_decref(reference);
        }
    }
    return references;
}

static gboolean load_slice(Session *session, const char *key, gboolean *more, GError **error)
{
    Redis *redis = session_redis(session, REDIS_SHARED_STATE);
    g_autoptr(GPtrArray) members = cache_set_sample(redis, key, SLICE, error);
    g_autoptr(json_t) references = NULL;
    g_autoptr(PGresult) result = NULL;
    g_autofree char *rows = NULL;

    if (!members)
        return FALSE;
    *more = members->len > 0;
    if (!*more)
        return TRUE;
    references = parse_members(members);
    rows = json_dump(references);
    result = database_run(session_database(session), error, &INSERT, rows, DATABASE_END);
    return result && cache_set_remove(redis, key, members, error);
}

static gboolean read_key(const Job *job, char **key, GError **error)
{
    const char *import_source;
    gint64 import_uid;

    if (!job_check_arity(job, 2, 3, error) || !job_arg_string(job, 0, &import_source, error) ||
        !job_arg_integer(job, 1, &import_uid, error))
        return FALSE;
    *key = placeholder_reference_store_key(import_source, import_uid);
    return TRUE;
}

gboolean load_placeholder_references_perform(Session *session, const Job *job, GError **error)
{
    g_autofree char *key = NULL;
    gboolean more = TRUE;

    if (!read_key(job, &key, error))
        return FALSE;
    while (more)
        if (!session_check_stopping(session, error) || !load_slice(session, key, &more, error))
            return FALSE;
    return TRUE;
}

void load_placeholder_references_exhausted(Session *session, const Job *job, const GError *last_error)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *key = NULL;

    log_error("placeholder references could not be loaded and are dropped", last_error, NULL);
    if (!read_key(job, &key, &error) ||
        !cache_delete(session_redis(session, REDIS_SHARED_STATE), key, &error))
        log_error("placeholder references could not be dropped", error, NULL);
}
