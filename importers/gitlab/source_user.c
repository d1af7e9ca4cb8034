#include "importers/gitlab/source_user.h"

#include "importers/gitlab/exclusive_lease.h"
#include "importers/gitlab/import_user.h"
#include "importers/gitlab/placeholder_user_limit.h"
#include "importers/gitlab/user_finder.h"
#include "protocol/json.h"
#include "protocol/log.h"

/* Import::SourceUser.statuses; contributions of a failed reassignment count as accepted too. */
#define REASSIGNMENT_IN_PROGRESS 2
#define FAILED                   4
#define COMPLETED                5

static const LeaseTerms LEASE_TERMS = {.expiry = 15, .retries = 100, .pause = 300};

const TableColumns source_user_columns = {
    .table = "import_source_users",
    .columns = COLUMNS("id", "namespace_id", "import_type", "source_hostname", "source_user_identifier",
                       "source_username", "source_name", "placeholder_user_id", "reassign_to_user_id",
                       "reassignment_token", "status", "created_at", "updated_at"),
    .inserts = TRUE,
};

static const Statement find = {
    "source_user_find",
    "SELECT id, status, placeholder_user_id, reassign_to_user_id FROM import_source_users"
    " WHERE namespace_id = $1 AND import_type = 'github' AND source_hostname = $2 AND source_user_identifier "
    "= $3",
};
static const Statement find_all = {
    "source_user_find_all",
    "SELECT id, status, placeholder_user_id, reassign_to_user_id, source_user_identifier"
    " FROM import_source_users WHERE namespace_id = $1 AND import_type = 'github' AND source_hostname = $2"
    " AND source_user_identifier = ANY(ARRAY(SELECT jsonb_array_elements_text($3)))",
};
static const Statement insert = {
    "source_user_insert",
    "INSERT INTO import_source_users (namespace_id, import_type, source_hostname, source_user_identifier,"
    "  source_username, source_name, placeholder_user_id, status, created_at, updated_at)"
    " VALUES ($1, 'github', $2, $3, $4, $5, $6, 0, $7, $7) RETURNING id",
};
static const Statement find_name = {
    "source_user_find_name",
    "SELECT source_name FROM import_source_users WHERE id = $1",
};
static const Statement reset = {
    "source_user_reset",
    "UPDATE import_source_users SET status = 0, reassignment_token = NULL, reassign_to_user_id = NULL,"
    "  placeholder_user_id = coalesce(placeholder_user_id, $2), updated_at = $3 WHERE id = $1"
    " RETURNING placeholder_user_id",
};

typedef struct Mapping {
    Session *session;
    const Project *project;
    const SourceIdentity *identity;
    SourceUser *user;
} Mapping;

static gboolean is_accepted(gint64 status)
{
    return status == REASSIGNMENT_IN_PROGRESS || status == FAILED || status == COMPLETED;
}

static SourceUser read_row(const PGresult *rows, int row)
{
    gboolean accepted = is_accepted(database_integer(rows, row, "status"));
    return (SourceUser){
        .id = database_integer(rows, row, "id"),
        .mapped_user_id =
            database_integer(rows, row, accepted ? "reassign_to_user_id" : "placeholder_user_id"),
        .accepted = accepted,
    };
}

/* The row as it is, whether its users are still there or not. */
static gboolean find_row(const Mapping *mapping, GError **error)
{
    *mapping->user = (SourceUser){0};
    g_autoptr(PGresult) row = database_run(
        session_database(mapping->session), error, &find, SQL_INTEGER(mapping->project->root_namespace_id),
        mapping->identity->hostname, mapping->identity->identifier, DATABASE_END);
    if (!row)
        return FALSE;
    if (PQntuples(row) > 0)
        *mapping->user = read_row(row, 0);
    return TRUE;
}

static gboolean is_usable(const SourceUser *user)
{
    return user->id == 0 || user->mapped_user_id != 0;
}

static gboolean create_user(const Mapping *mapping, gint64 *user_id, GError **error)
{
    gboolean exceeded;
    if (!placeholder_user_limit_exceeded(mapping->session, mapping->project, &exceeded, error))
        return FALSE;
    if (exceeded || mapping->project->root_is_user_namespace)
        return import_user_find_or_create(mapping->session, mapping->project, user_id, error);
    return placeholder_user_create(mapping->session, mapping->project, mapping->identity, user_id, error);
}

static gboolean insert_rows(Database *database, gpointer data, GError **error)
{
    const Mapping *mapping = data;
    const SourceIdentity *identity = mapping->identity;
    g_autofree char *now = database_now();
    gint64 user_id;
    if (!create_user(mapping, &user_id, error))
        return FALSE;
    g_autoptr(PGresult) row = database_run(
        database, error, &insert, SQL_INTEGER(mapping->project->root_namespace_id), identity->hostname,
        identity->identifier, identity->username, identity->name, SQL_INTEGER(user_id), now, DATABASE_END);
    if (!row)
        return FALSE;
    *mapping->user = (SourceUser){.id = database_integer(row, 0, "id"), .mapped_user_id = user_id};
    return TRUE;
}

/* The new placeholder user has the name that was asked for when the row was made. */
static gboolean create_user_again(const Mapping *mapping, gint64 *user_id, GError **error)
{
    g_autoptr(PGresult) named = database_run(session_database(mapping->session), error, &find_name,
                                             SQL_INTEGER(mapping->user->id), DATABASE_END);
    if (!named)
        return FALSE;
    SourceIdentity identity = *mapping->identity;
    identity.name = PQntuples(named) > 0 ? database_value(named, 0, "source_name") : NULL;
    Mapping with_name = *mapping;
    with_name.identity = &identity;
    return create_user(&with_name, user_id, error);
}

static gboolean reset_rows(Database *database, gpointer data, GError **error)
{
    const Mapping *mapping = data;
    g_autofree char *now = database_now();
    gint64 user_id;
    if (!create_user_again(mapping, &user_id, error))
        return FALSE;
    g_autoptr(PGresult) row = database_run(database, error, &reset, SQL_INTEGER(mapping->user->id),
                                           SQL_INTEGER(user_id), now, DATABASE_END);
    if (!row)
        return FALSE;
    mapping->user->accepted = FALSE;
    mapping->user->mapped_user_id = database_integer(row, 0, "placeholder_user_id");
    return TRUE;
}

static ExclusiveLease *obtain_lease(const Mapping *mapping, gboolean *waited, GError **error)
{
    g_autofree char *key = g_strdup_printf("import:source_user_mapper:%" G_GINT64_FORMAT ":github:%s:%s",
                                           mapping->project->root_namespace_id, mapping->identity->hostname,
                                           mapping->identity->identifier);
    return exclusive_lease_obtain(mapping->session, key, &LEASE_TERMS, waited, error);
}

/* A unique violation means that somebody without the lease was quicker: a process whose lease has expired, or
 * an administrator. */
static gboolean write_rows(Mapping *mapping, gboolean (*body)(Database *, gpointer, GError **),
                           GError **error)
{
    g_autoptr(GError) failure = NULL;
    if (database_transaction(session_database(mapping->session), body, mapping, &failure))
        return TRUE;
    if (!g_error_matches(failure, DATABASE_ERROR, DATABASE_ERROR_UNIQUE)) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return FALSE;
    }
    if (!find_row(mapping, error))
        return FALSE;
    if (mapping->user->mapped_user_id != 0)
        return TRUE;
    g_set_error_literal(error, USER_FINDER_ERROR, USER_FINDER_ERROR_DUPLICATED, failure->message);
    return FALSE;
}

static gboolean repair(Mapping *mapping, GError **error)
{
    gboolean waited;
    g_autoptr(ExclusiveLease) lease = obtain_lease(mapping, &waited, error);
    if (!lease)
        return FALSE;
    if (waited && (!find_row(mapping, error) || is_usable(mapping->user)))
        return is_usable(mapping->user);
    log_info("Resetting source user state", "{s:I}", "source_user_id", (json_int_t)mapping->user->id);
    return write_rows(mapping, reset_rows, error);
}

gboolean source_user_find(Session *session, const Project *project, const SourceIdentity *identity,
                          SourceUser *found, GError **error)
{
    Mapping mapping = {session, project, identity, found};
    return find_row(&mapping, error) && (is_usable(found) || repair(&mapping, error));
}

GHashTable *source_user_find_all(Session *session, const Project *project, const char *hostname,
                                 const json_t *identifiers, GError **error)
{
    g_autofree char *array = json_dump(identifiers);
    g_autoptr(PGresult) rows =
        database_run(session_database(session), error, &find_all, SQL_INTEGER(project->root_namespace_id),
                     hostname, array, DATABASE_END);
    if (!rows)
        return NULL;
    GHashTable *found = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    for (int row = 0; row < PQntuples(rows); row++) {
        SourceUser user = read_row(rows, row);
        g_hash_table_insert(found, g_strdup(database_value(rows, row, "source_user_identifier")),
                            g_memdup2(&user, sizeof user));
    }
    return found;
}

gboolean source_user_create(Session *session, const Project *project, const SourceIdentity *identity,
                            SourceUser *created, GError **error)
{
    Mapping mapping = {session, project, identity, created};
    gboolean waited;
    g_autoptr(ExclusiveLease) lease = obtain_lease(&mapping, &waited, error);
    if (!lease)
        return FALSE;
    if (waited) {
        if (!find_row(&mapping, error))
            return FALSE;
        if (created->mapped_user_id != 0)
            return TRUE;
    }
    return write_rows(&mapping, insert_rows, error);
}
