#include "worker/commands/import_request.h"

#include "importers/gitlab/credentials.h"
#include "protocol/json.h"
#include "worker/config/config_error.h"

static const Statement lock_state = {
    "import_request_lock_state",
    "SELECT status FROM project_mirror_data WHERE project_id = $1 FOR UPDATE",
};
static const Statement set_source = {
    "import_request_set_source",
    "UPDATE projects SET import_type = 'github', import_source = $2, import_url = $3, updated_at = $4 WHERE "
    "id = $1",
};
static const Statement replace_data = {
    "import_request_replace_data",
    "WITH old AS (DELETE FROM project_import_data WHERE project_id = $1)"
    " INSERT INTO project_import_data (project_id, data, encrypted_credentials, encrypted_credentials_iv,"
    " encrypted_credentials_salt) VALUES ($1, $2, $3, $4, $5)",
};
static const Statement schedule = {
    "import_request_schedule",
    "INSERT INTO project_mirror_data (project_id, status, jid) VALUES ($1, 'scheduled', $2)"
    " ON CONFLICT (project_id) DO UPDATE SET status = 'scheduled', jid = EXCLUDED.jid, last_error = NULL",
};

typedef struct Scheduling {
    Session *session;
    const char *project_id, *jid;
    const ImportRequest *request;
    char *refused;
} Scheduling;

/* lib/gitlab/github_import/settings.rb. (transfer full) */
static char *settings_text(const ImportRequest *request)
{
    g_autoptr(json_t) settings = json_pack(
        "{s:{s:b, s:b, s:b}, s:s, s:b, s:i}", "optional_stages", "single_endpoint_notes_import", FALSE,
        "attachments_import", request->attachments, "collaborators_import", request->collaborators,
        "timeout_strategy", request->optimistic ? "optimistic" : "pessimistic",
        "user_contribution_mapping_enabled", TRUE, "pagination_limit", (int)request->pagination_limit);
    return json_dump(settings);
}

static gboolean write_data(Database *database, const Scheduling *scheduling, GError **error)
{
    char **keys = scheduling->session->configuration->db_key_base;
    g_autofree char *encrypted = NULL;
    g_autofree char *iv = NULL;
    g_autofree char *salt = NULL;
    g_autofree char *settings = settings_text(scheduling->request);
    if (!keys) {
        g_set_error_literal(error, CONFIG_ERROR, CONFIG_ERROR_VALUE,
                            "the token cannot be stored without db_key_base; give --gitlab-config or "
                            "HUBFERRY_DB_KEY_BASE_FILE");
        return FALSE;
    }
    if (!credentials_encrypt((const char *const *)keys, scheduling->request->token, &encrypted, &iv, &salt,
                             error))
        return FALSE;
    g_autoptr(PGresult) result = database_run(database, error, &replace_data, scheduling->project_id,
                                              settings, encrypted, iv, salt, DATABASE_END);
    return result != NULL;
}

/* The event `schedule` is legal from none, finished and failed; a project without the row was never imported.
 */
static gboolean check_state(Database *database, Scheduling *scheduling, GError **error)
{
    static const char *const legal[] = {"none", "finished", "failed", NULL};
    g_autoptr(PGresult) row =
        database_run(database, error, &lock_state, scheduling->project_id, DATABASE_END);
    if (!row)
        return FALSE;
    const char *status = PQntuples(row) > 0 ? database_value(row, 0, "status") : NULL;
    if (status && !g_strv_contains(legal, status))
        scheduling->refused = g_strdup(status);
    return TRUE;
}

static gboolean schedule_rows(Database *database, gpointer data, GError **error)
{
    Scheduling *scheduling = data;
    const ImportRequest *request = scheduling->request;
    g_autofree char *now = database_now();
    if (!check_state(database, scheduling, error))
        return FALSE;
    if (scheduling->refused)
        return TRUE;
    g_autoptr(PGresult) project = database_run(database, error, &set_source, scheduling->project_id,
                                               request->source, request->import_url, now, DATABASE_END);
    if (!project || !write_data(database, scheduling, error))
        return FALSE;
    g_autoptr(PGresult) state =
        database_run(database, error, &schedule, scheduling->project_id, scheduling->jid, DATABASE_END);
    return state != NULL;
}

gboolean import_request_schedule(Session *session, gint64 project_id, const ImportRequest *request,
                                 const char *jid, char **refused, GError **error)
{
    g_autofree char *id = g_strdup_printf("%" G_GINT64_FORMAT, project_id);
    Scheduling scheduling = {.session = session, .project_id = id, .jid = jid, .request = request};
    gboolean done = database_transaction(session_database(session), schedule_rows, &scheduling, error);
    *refused = scheduling.refused;
    return done;
}
