/* Import::LoadPlaceholderReferencesWorker (app/workers/import/load_placeholder_references_worker.rb,
 * app/services/import/placeholder_references/load_service.rb): moves placeholder references from the import's
 * Redis set into their table. A slice is taken off the set only after its commit, and rows that are there
 * already are not inserted again; slices of one import are inserted one after the other, as the server goes
 * on with that of a process which was killed while another one loads the same. Slices are larger than Ruby's
 * 500, because each costs a look at all that the same users have in the table. As in Ruby the import's end
 * does not end the loading: the references belong to rows that stay. */
#include "importers/gitlab/placeholder_reference.h"
#include "importers/gitlab/session.h"
#include "importers/stages/stages.h"
#include "protocol/import_caching.h"
#include "protocol/json.h"
#include "protocol/log.h"

#define SLICE    10000 /* about 1 MB */
#define ELEMENTS 7     /* of one reference: see placeholder_reference.h */

const TableColumns loaded_reference_columns = {
    .table = "import_source_user_placeholder_references",
    .columns = COLUMNS("composite_key", "model", "namespace_id", "numeric_key", "source_user_id",
                       "user_reference_column", "alias_version", "created_at"),
    .known = COLUMNS("id"),
    .inserts = TRUE,
};

/* A statement of its own: what is inserted meanwhile must be visible to the next one. */
static const Statement WAIT = {
    "placeholder_references_wait",
    "SELECT pg_advisory_xact_lock(hashtextextended('hubferry ' || $1, 0))",
};

/* EXCEPT, because no index finds a reference: one look at the references of these users serves the whole
 * slice.
 */
static const Statement INSERT = {
    "placeholder_references_insert",
    "WITH slice AS (SELECT NULLIF(reference -> 0, 'null') AS composite_key, reference ->> 1 AS model, "
    "(reference ->> 2)::bigint AS namespace_id, (reference ->> 3)::bigint AS numeric_key, "
    "(reference ->> 4)::bigint AS source_user_id, reference ->> 5 AS user_reference_column, "
    "(reference ->> 6)::smallint AS alias_version FROM jsonb_array_elements($1) AS reference) "
    "INSERT INTO import_source_user_placeholder_references (composite_key, model, namespace_id, numeric_key, "
    "source_user_id, user_reference_column, alias_version, created_at) "
    "SELECT missing.*, now() FROM (SELECT * FROM slice EXCEPT "
    "SELECT composite_key, model, namespace_id, numeric_key, source_user_id, user_reference_column, "
    "alias_version FROM import_source_user_placeholder_references "
    "WHERE source_user_id IN (SELECT source_user_id FROM slice)) AS missing"};

static gboolean is_reference(const char *member)
{
    g_autoptr(json_t) reference = json_parse(member, strlen(member), NULL);

    return json_is_array(reference) && json_array_size(reference) == ELEMENTS;
}

/* The members, which are JSON, as one array; those of another shape are reported and left out.
 * (transfer full) */
static char *join_members(const GPtrArray *members)
{
    g_autoptr(GString) array = g_string_new(NULL);

    for (guint i = 0; i < members->len; i++)
        if (is_reference(members->pdata[i]))
            g_string_append_printf(array, "%c%s", array->len > 0 ? ',' : '[', (char *)members->pdata[i]);
        else
            log_warn("malformed placeholder reference dropped", "{s:s}", "reference", members->pdata[i]);
    g_string_append(array, array->len > 0 ? "]" : "[]");
    return g_string_free(g_steal_pointer(&array), FALSE);
}

typedef struct Slice {
    const char *key, *rows;
} Slice;

static gboolean insert_slice(Database *database, gpointer data, GError **error)
{
    const Slice *slice = data;
    g_autoptr(PGresult) turn = database_run(database, error, &WAIT, slice->key, DATABASE_END);
    g_autoptr(PGresult) inserted =
        turn ? database_run(database, error, &INSERT, slice->rows, DATABASE_END) : NULL;

    return inserted != NULL;
}

static gboolean load_slice(Session *session, const char *key, gboolean *more, GError **error)
{
    Redis *redis = session_redis(session, REDIS_SHARED_STATE);
    g_autoptr(GPtrArray) members = cache_set_sample(redis, key, SLICE, error);
    g_autofree char *rows = NULL;

    if (!members)
        return FALSE;
    *more = members->len > 0;
    if (!*more)
        return TRUE;
    rows = join_members(members);
    return database_transaction(session_database(session), insert_slice, &(Slice){key, rows}, error) &&
           cache_set_remove(redis, key, members, error);
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
