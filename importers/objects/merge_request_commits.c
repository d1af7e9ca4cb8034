#include "importers/objects/merge_request_commits.h"

#include "importers/gitlab/markdown_text.h"
#include "importers/objects/issuable.h"
#include "protocol/json.h"

#include <string.h>

#define SLICE        1000                          /* commits per statement, as in GitLab */
#define NAME_MAXIMUM 512                           /* MergeRequest::DiffCommitUser, characters */
#define LATEST       G_GINT64_CONSTANT(2147483647) /* seconds; later times are cut to it */
/* Who has neither name nor address. GitLab's table takes no such user; Ruby fails the pull request. */
#define NOBODY "unknown"

const TableColumns merge_request_diff_commit_columns = {
    .table = "merge_request_diff_commits",
    .columns = COLUMNS("merge_request_diff_id", "relative_order"),
    .known = COLUMNS("merge_request_commits_metadata_id", "project_id", "sha", "authored_date",
                     "committed_date", "message", "trailers", "commit_author_id", "committer_id"),
    .inserts = TRUE,
};

const TableColumns merge_request_diff_commit_user_columns = {
    .table = "merge_request_diff_commit_users",
    .columns = COLUMNS("id", "name", "email"),
    .known = COLUMNS("organization_id"),
    .inserts = TRUE,
};

const TableColumns merge_request_commits_metadata_columns = {
    .table = "merge_request_commits_metadata",
    .columns = COLUMNS("id", "project_id", "sha", "commit_author_id", "committer_id", "authored_date",
                       "committed_date", "message"),
    .inserts = TRUE,
    .optional = TRUE,
};

/* The newest GitLab keeps a commit's own data in merge_request_commits_metadata only. */
static const RowTable by_metadata = {
    .columns = &merge_request_diff_commit_columns,
    .where_present = COLUMNS("merge_request_commits_metadata_id", "project_id"),
};

/* Before, each diff had its own copy. */
static const RowTable by_copy = {
    .columns = &merge_request_diff_commit_columns,
    .where_present = COLUMNS("merge_request_commits_metadata_id", "project_id", "sha", "authored_date",
                             "committed_date", "message", "trailers", "commit_author_id", "committer_id"),
};

static gboolean has_metadata(const Session *session)
{
    return schema_has_column(session->schema, "merge_request_commits_metadata", "sha");
}

static gboolean copies(const Session *session)
{
    return schema_requires_column(session->schema, "merge_request_diff_commits", "sha") ||
           !has_metadata(session);
}

const RowTable *merge_request_diff_commit_table(const Session *session)
{
    return copies(session) ? &by_copy : &by_metadata;
}

/* --- values --- */

/* NULL for a blank one. (transfer full) */
static char *cut_name(const char *name)
{
    if (markdown_text_is_blank(name))
        return NULL;
    return g_utf8_strlen(name, -1) > NAME_MAXIMUM ? g_utf8_substring(name, 0, NAME_MAXIMUM) : g_strdup(name);
}

/* sanitize_timestamp (lib/gitlab/database.rb). (transfer full) */
static char *timestamp(gint64 seconds)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(CLAMP(seconds, 0, LATEST));
    return g_date_time_format(time, "%Y-%m-%d %H:%M:%S");
}

static char *sha_hex(const GitCommit *commit)
{
    char *hex = g_malloc(GIT_OID_HEXSZ + 1);
    return git_oid_tostr(hex, GIT_OID_HEXSZ + 1, &commit->id);
}

static char *sha_bytea(const GitCommit *commit)
{
    g_autofree char *hex = sha_hex(commit);
    return g_strconcat("\\x", hex, NULL);
}

/* The columns that the metadata and a diff's own copy share. */
static void set_details(json_t *row, const MergeRequestCommit *commit)
{
    g_autofree char *sha = sha_bytea(commit->commit), *authored = timestamp(commit->commit->authored_at),
                    *committed = timestamp(commit->commit->committed_at);
    json_object_set_new(row, "sha", json_string(sha));
    json_object_set_new(row, "authored_date", json_string(authored));
    json_object_set_new(row, "committed_date", json_string(committed));
    json_object_set_new(row, "message", json_string(commit->commit->message));
    json_object_set_new(row, "commit_author_id", issuable_id_or_null(commit->author_id));
    json_object_set_new(row, "committer_id", issuable_id_or_null(commit->committer_id));
}

json_t *merge_request_commit_row(const Session *session, const Project *project,
                                 const MergeRequestCommit *commit, gint64 diff_id, guint relative_order)
{
    json_t *row = json_pack("{s:I, s:i, s:o, s:o}", "merge_request_diff_id", (json_int_t)diff_id,
                            "relative_order", (int)relative_order, "merge_request_commits_metadata_id",
                            issuable_id_or_null(commit->metadata_id), "project_id",
                            commit->metadata_id ? json_integer(project->id) : json_null());
    if (!copies(session))
        return row;
    set_details(row, commit);
    json_object_set_new(row, "trailers", json_object());
    return row;
}

/* --- rows that diffs share --- */

/* What a statement needs of a row. (transfer full) */
typedef json_t *(*ColumnsOf)(json_t *row);

/* A table in which rows are found or created by a key. Both statements take rows as JSON, and the id of whom
 * they belong to; they answer ids with the columns of the key. */
typedef struct SharedTable {
    const Statement *find, *insert;
    ColumnsOf key_columns; /* for `find` */
    char *(*key_in)(const PGresult *rows, int row);
} SharedTable;

/* What is looked for and what is known: key -> id, 0 while it is not. */
typedef struct Known {
    const SharedTable *table;
    GHashTable *ids;  /* char * -> gint64 * */
    GHashTable *rows; /* char * -> json_t *, the wanted row */
} Known;

static void known_clear(Known *known)
{
    g_hash_table_unref(known->ids);
    g_hash_table_unref(known->rows);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Known, known_clear)

static void known_init(Known *known, const SharedTable *table)
{
    known->table = table;
    known->ids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    known->rows = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)json_decref);
}

/* `key` and `row` are consumed. */
static void known_want(Known *known, char *key, json_t *row)
{
    g_hash_table_replace(known->ids, g_strdup(key), g_new0(gint64, 1));
    g_hash_table_replace(known->rows, key, row);
}

static gint64 known_id(const Known *known, const char *key)
{
    const gint64 *id = g_hash_table_lookup(known->ids, key);
    return id ? *id : 0;
}

static void known_learn(const Known *known, const char *key, gint64 id)
{
    gint64 *known_as = g_hash_table_lookup(known->ids, key);
    if (known_as && *known_as == 0)
        *known_as = id;
}

/* The rows whose ids are not known. (transfer full) */
static json_t *known_missing(const Known *known, ColumnsOf columns)
{
    json_t *missing = json_array();
    GHashTableIter iterator;
    gpointer key, row;
    g_hash_table_iter_init(&iterator, known->rows);
    while (g_hash_table_iter_next(&iterator, &key, &row))
        if (known_id(known, key) == 0)
            json_array_append_new(missing, columns(row));
    return missing;
}

/* One step of find or create: runs `statement` for what is missing and learns from its answer. */
static gboolean learn(Session *session, const Known *known, const Statement *statement, ColumnsOf columns,
                      gint64 owner_id, GError **error)
{
    g_autoptr(json_t) missing = known_missing(known, columns);
    if (json_array_size(missing) == 0)
        return TRUE;
    g_autofree char *text = json_dump(missing);
    g_autoptr(PGresult) rows =
        database_run(session_database(session), error, statement, text, SQL_INTEGER(owner_id), DATABASE_END);
    for (int row = 0; rows && row < PQntuples(rows); row++) {
        g_autofree char *key = known->table->key_in(rows, row);
        known_learn(known, key, database_integer(rows, row, "id"));
    }
    return rows != NULL;
}

/* What another writer has inserted meanwhile is found at the second look. */
static gboolean find_or_create(Session *session, const Known *known, gint64 owner_id, GError **error)
{
    const SharedTable *table = known->table;
    return learn(session, known, table->find, table->key_columns, owner_id, error) &&
           learn(session, known, table->insert, json_incref, owner_id, error) &&
           learn(session, known, table->find, table->key_columns, owner_id, error);
}

/* --- users --- */

static const Statement find_users = {
    "merge_request_commit_users_find",
    "WITH wanted AS (SELECT name, email FROM json_to_recordset($1::json) AS r (name text, email text)),"
    " users AS (SELECT id, name, email FROM merge_request_diff_commit_users WHERE organization_id = $2)"
    " SELECT u.id, u.name, u.email FROM wanted w JOIN users u ON u.name = w.name AND u.email = w.email"
    " UNION ALL SELECT u.id, u.name, u.email FROM wanted w JOIN users u ON u.name = w.name"
    "  WHERE u.email IS NULL AND w.email IS NULL"
    " UNION ALL SELECT u.id, u.name, u.email FROM wanted w JOIN users u ON u.email = w.email"
    "  WHERE u.name IS NULL AND w.name IS NULL",
};
static const Statement find_users_of_all = {
    "merge_request_commit_users_find_of_all",
    "WITH wanted AS (SELECT name, email FROM json_to_recordset($1::json) AS r (name text, email text))"
    " SELECT u.id, u.name, u.email FROM wanted w JOIN merge_request_diff_commit_users u"
    "  ON u.name IS NOT DISTINCT FROM w.name AND u.email IS NOT DISTINCT FROM w.email"
    " WHERE $2::bigint IS NOT NULL",
};

/* In one order, so that two writers do not wait for each other. */
static const Statement insert_users = {
    "merge_request_commit_users_insert",
    "INSERT INTO merge_request_diff_commit_users (name, email, organization_id)"
    " SELECT name, email, $2 FROM json_to_recordset($1::json) AS r (name text, email text)"
    " ORDER BY name, email ON CONFLICT DO NOTHING RETURNING id, name, email",
};
/* GitLabs before organizations. */
static const Statement insert_users_of_all = {
    "merge_request_commit_users_insert_of_all",
    "INSERT INTO merge_request_diff_commit_users (name, email)"
    " SELECT name, email FROM json_to_recordset($1::json) AS r (name text, email text)"
    " WHERE $2::bigint IS NOT NULL ORDER BY name, email ON CONFLICT DO NOTHING RETURNING id, name, email",
};

static char *user_key(const char *name, const char *email)
{
    return g_strdup_printf("%s\n%s", name ? name : "", email ? email : "");
}

static char *user_key_in(const PGresult *rows, int row)
{
    return user_key(database_value(rows, row, "name"), database_value(rows, row, "email"));
}

/* The row of a commit's author or committer. (transfer full) */
static json_t *user_row(const char *name, const char *email)
{
    g_autofree char *cut = cut_name(name), *cut_email = cut_name(email);
    return json_pack("{s:s?, s:s?}", "name", cut || cut_email ? cut : NOBODY, "email", cut_email);
}

static char *user_key_of_row(const json_t *row)
{
    return user_key(json_string_field(row, "name"), json_string_field(row, "email"));
}

static const SharedTable users_table = {&find_users, &insert_users, json_incref, user_key_in};
static const SharedTable users_of_all_table = {&find_users_of_all, &insert_users_of_all, json_incref,
                                               user_key_in};

static void want_user(Known *users, const char *name, const char *email)
{
    json_t *row = user_row(name, email);
    known_want(users, user_key_of_row(row), row);
}

static gint64 user_id(const Known *users, const char *name, const char *email)
{
    g_autoptr(json_t) row = user_row(name, email);
    g_autofree char *key = user_key_of_row(row);
    return known_id(users, key);
}

static gboolean resolve_users(Session *session, const Project *project, MergeRequestCommit **commits, guint n,
                              GError **error)
{
    g_auto(Known) users;
    gboolean by_organization =
        schema_has_column(session->schema, "merge_request_diff_commit_users", "organization_id");
    known_init(&users, by_organization ? &users_table : &users_of_all_table);
    for (guint i = 0; i < n; i++) {
        want_user(&users, commits[i]->commit->author_name, commits[i]->commit->author_email);
        want_user(&users, commits[i]->commit->committer_name, commits[i]->commit->committer_email);
    }
    if (!find_or_create(session, &users, project->organization_id, error))
        return FALSE;
    for (guint i = 0; i < n; i++) {
        const GitCommit *commit = commits[i]->commit;
        commits[i]->author_id = user_id(&users, commit->author_name, commit->author_email);
        commits[i]->committer_id = user_id(&users, commit->committer_name, commit->committer_email);
    }
    return TRUE;
}

/* --- metadata --- */

static const Statement find_metadata = {
    "merge_request_commits_metadata_find",
    "SELECT m.id, encode(m.sha, 'hex') AS sha FROM merge_request_commits_metadata m"
    " WHERE m.project_id = $2 AND m.sha = ANY (ARRAY("
    "  SELECT sha FROM json_to_recordset($1::json) AS r (sha bytea)))",
};

static const Statement insert_metadata = {
    "merge_request_commits_metadata_insert",
    "INSERT INTO merge_request_commits_metadata (project_id, sha, commit_author_id, committer_id,"
    "  authored_date, committed_date, message)"
    " SELECT $2, sha, commit_author_id, committer_id, authored_date, committed_date, message"
    " FROM json_to_recordset($1::json) AS r (sha bytea, commit_author_id bigint, committer_id bigint,"
    "  authored_date timestamp, committed_date timestamp, message text)"
    " ORDER BY sha ON CONFLICT DO NOTHING RETURNING id, encode(sha, 'hex') AS sha",
};

static json_t *sha_of(json_t *row)
{
    return json_pack("{s:O}", "sha", json_object_get(row, "sha"));
}

static char *sha_in(const PGresult *rows, int row)
{
    return g_strdup(database_value(rows, row, "sha"));
}

static const SharedTable metadata_table = {&find_metadata, &insert_metadata, sha_of, sha_in};

static gboolean resolve_metadata(Session *session, const Project *project, MergeRequestCommit **commits,
                                 guint n, GError **error)
{
    g_auto(Known) metadata;
    known_init(&metadata, &metadata_table);
    if (!has_metadata(session))
        return TRUE;
    for (guint i = 0; i < n; i++) {
        json_t *row = json_object();
        set_details(row, commits[i]);
        known_want(&metadata, sha_hex(commits[i]->commit), row);
    }
    if (!find_or_create(session, &metadata, project->id, error))
        return FALSE;
    for (guint i = 0; i < n; i++) {
        g_autofree char *sha = sha_hex(commits[i]->commit);
        commits[i]->metadata_id = known_id(&metadata, sha);
    }
    return TRUE;
}

gboolean merge_request_commits_resolve(Session *session, const Project *project, const GPtrArray *commits,
                                       GError **error)
{
    for (guint i = 0; i < commits->len; i += SLICE) {
        MergeRequestCommit **slice = (MergeRequestCommit **)&commits->pdata[i];
        guint n = MIN(SLICE, commits->len - i);
        if (!resolve_users(session, project, slice, n, error) ||
            !resolve_metadata(session, project, slice, n, error))
            return FALSE;
    }
    return TRUE;
}
