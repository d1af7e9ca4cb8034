#include "importers/gitlab/import_data.h"

#include "importers/gitlab/credentials.h"
#include "protocol/error_class.h"
#include "protocol/json.h"

#include <openssl/crypto.h>
#include <string.h>

#define DEFAULT_PAGINATION_LIMIT 100

static const char *import_data_error_class(int code)
{
    switch ((ImportDataError)code) {
    case IMPORT_DATA_ERROR_KEY:
        return "OpenSSL::Cipher::CipherError";
    case IMPORT_DATA_ERROR_AMBIGUOUS:
        return "Gitlab::EncryptedAttribute::AmbiguousDecryptionError";
    case IMPORT_DATA_ERROR_CONTENT:
        break;
    }
    return "KeyError";
}

DEFINE_ERROR_DOMAIN(import_data_error, import_data_error_class)

const TableColumns import_data_columns = {
    .table = "project_import_data",
    .columns = COLUMNS("id", "project_id", "data", "encrypted_credentials", "encrypted_credentials_iv",
                       "encrypted_credentials_salt"),
};

static const Statement find = {
    "import_data_find",
    "SELECT data, encrypted_credentials, encrypted_credentials_iv, encrypted_credentials_salt"
    " FROM project_import_data WHERE project_id = $1 ORDER BY id LIMIT 1",
};

/* GitLab enables a stage when the stored value is truthy: any text, any number. */
static gboolean truthy(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return value && !json_is_null(value) && !json_is_false(value);
}

/* The stage is an option of those GitLabs only that store whether it is wanted, and does not ask with
 * "extended events". The newest GitLab always has it. */
static gboolean refuses_issue_events(const ImportData *data, const json_t *stages)
{
    static const char key[] = "single_endpoint_issue_events_import";
    return json_object_get(stages, key) && !truthy(stages, key) && !data->extended_events;
}

static void read_settings(ImportData *data, const json_t *settings)
{
    const json_t *stages = json_object_get(settings, "optional_stages");
    const char *strategy = json_string_field(settings, "timeout_strategy");
    gint64 limit = json_integer_field(settings, "pagination_limit", DEFAULT_PAGINATION_LIMIT);
    data->pagination_limit = (guint)CLAMP(limit, 1, G_MAXINT);
    data->attachments_import = truthy(stages, "attachments_import");
    data->collaborators_import = truthy(stages, "collaborators_import");
    data->single_endpoint_notes_import = truthy(stages, "single_endpoint_notes_import");
    data->extended_events = truthy(settings, "extended_events");
    data->issue_events_refused = refuses_issue_events(data, stages);
    data->mapping_refused = json_is_false(json_object_get(settings, "user_contribution_mapping_enabled"));
    data->timeout_strategy = g_strdup(strategy ? strategy : "pessimistic");
    data->optimistic = g_str_equal(data->timeout_strategy, "optimistic");
}

static gboolean parse_settings(ImportData *data, const char *text, GError **error)
{
    g_autoptr(json_t) settings = NULL;
    if (text && *text) {
        settings = json_parse(text, strlen(text), error);
        if (!settings) {
            g_prefix_error(error, "project_import_data.data: ");
            return FALSE;
        }
    }
    read_settings(data, settings);
    return TRUE;
}

static gboolean read_token(ImportData *data, const Configuration *configuration, const PGresult *row,
                           GError **error)
{
    const char *encrypted = database_value(row, 0, "encrypted_credentials");
    if (!encrypted || !*encrypted)
        return TRUE;
    return credentials_decrypt((const char *const *)configuration->db_key_base, encrypted,
                               database_value(row, 0, "encrypted_credentials_iv"),
                               database_value(row, 0, "encrypted_credentials_salt"), &data->token, error);
}

gboolean import_data_find(Session *session, gint64 project_id, ImportData **data, GError **error)
{
    *data = NULL;
    g_autoptr(PGresult) row =
        database_run(session_database(session), error, &find, SQL_INTEGER(project_id), DATABASE_END);
    if (!row)
        return FALSE;
    if (PQntuples(row) == 0)
        return TRUE;
    g_autoptr(ImportData) found = g_new0(ImportData, 1);
    if (!parse_settings(found, database_value(row, 0, "data"), error) ||
        !read_token(found, session->configuration, row, error))
        return FALSE;
    *data = g_steal_pointer(&found);
    return TRUE;
}

void import_data_free(ImportData *data)
{
    if (data->token)
        OPENSSL_cleanse(data->token, strlen(data->token));
    g_free(data->token);
    g_free(data->timeout_strategy);
    g_free(data);
}
