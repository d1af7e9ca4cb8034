#include "importers/gitlab/import_failure.h"

#include "importers/gitlab/import_state.h"
#include "importers/gitlab/receipts.h"
#include "importers/gitlab/url_sanitizer.h"
#include "protocol/error_class.h"
#include "protocol/json.h"
#include "protocol/log.h"
#include "protocol/random_hex.h"

#define MAX_NAME    128 /* characters: source, exception_class, correlation_id_value */
#define MAX_MESSAGE 255
#define OMISSION    "..."

const TableColumns import_failure_columns = {
    .table = "import_failures",
    .columns = COLUMNS("id", "project_id", "created_at", "source", "exception_class", "exception_message",
                       "correlation_id_value", "retry_count", "external_identifiers"),
    .inserts = TRUE,
};

static const Statement insert = {
    "import_failure_insert",
    "INSERT INTO import_failures (project_id, created_at, source, exception_class, exception_message,"
    "  correlation_id_value, retry_count, external_identifiers) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
};

/* ActiveSupport's String#truncate. (transfer full) */
static char *truncate_text(const char *text, glong max, const char *omission)
{
    g_autofree char *valid = g_utf8_make_valid(text ? text : "", -1);
    if (g_utf8_strlen(valid, -1) <= max)
        return g_steal_pointer(&valid);
    g_autofree char *head = g_utf8_substring(valid, 0, max - g_utf8_strlen(omission, -1));
    return g_strconcat(head, omission, NULL);
}

static char *correlation_id(const Session *session)
{
    const char *id = session->job ? json_string_field(session->job->payload, "correlation_id") : NULL;
    return id ? truncate_text(id, MAX_NAME, "") : random_hex(16);
}

typedef struct Recording {
    Session *session;
    const ImportFailure *failure;
} Recording;

static gboolean insert_row(Session *session, const ImportFailure *failure, GError **error)
{
    g_autofree char *now = database_now();
    g_autofree char *source = truncate_text(failure->source, MAX_NAME, "");
    g_autofree char *exception_class = truncate_text(failure->exception_class, MAX_NAME, "");
    g_autofree char *message = truncate_text(failure->exception_message, MAX_MESSAGE, OMISSION);
    g_autofree char *correlation = correlation_id(session);
    g_autofree char *identifiers =
        failure->external_identifiers ? json_dump(failure->external_identifiers) : g_strdup("{}");
    g_autoptr(PGresult) result = database_run(
        session_database(session), error, &insert, SQL_INTEGER(failure->project_id), now, source,
        exception_class, message, correlation, failure->fail_import ? "0" : NULL, identifiers, DATABASE_END);
    return result != NULL;
}

static gboolean record(G_GNUC_UNUSED Database *database, gpointer data, GError **error)
{
    const Recording *recording = data;
    const ImportFailure *failure = recording->failure;
    gboolean first = TRUE;
    if (failure->receipt && !receipts_record(recording->session, failure->project_id, "import_failure",
                                             failure->receipt, &first, error))
        return FALSE;
    return !first || insert_row(recording->session, failure, error);
}

static void log_failure(const ImportFailure *failure)
{
    log_write(LOG_ERROR, "importer failed",
              json_pack("{s:s, s:I, s:s?, s:O?, s:s?, s:s?}", "import_type", "github", "project_id",
                        (json_int_t)failure->project_id, "source", failure->source, "external_identifiers",
                        failure->external_identifiers, "exception.class", failure->exception_class,
                        "exception.message", failure->exception_message));
}

gboolean import_failure_track(Session *session, const ImportFailure *failure, GError **error)
{
    g_autofree char *valid =
        g_utf8_make_valid(failure->exception_message ? failure->exception_message : "", -1);
    g_autofree char *message = url_sanitizer_mask(valid);
    ImportFailure sanitized = *failure;
    sanitized.exception_message = message;
    Recording recording = {.session = session, .failure = &sanitized};
    log_failure(&sanitized);
    if (!database_transaction(session_database(session), record, &recording, error))
        return FALSE;
    return !failure->fail_import || import_state_fail(session, failure->project_id, message, error);
}

gboolean import_failure_track_error(Session *session, gint64 project_id, const char *source,
                                    const GError *cause, gboolean fail_import, GError **error)
{
    ImportFailure failure = {
        .project_id = project_id,
        .source = source,
        .exception_class = error_class(cause),
        .exception_message = cause->message,
        .fail_import = fail_import,
    };
    return import_failure_track(session, &failure, error);
}
