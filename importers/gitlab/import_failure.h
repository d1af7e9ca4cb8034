/*
 * Gitlab::Import::ImportFailureService (lib/gitlab/import/import_failure_service.rb): a log line, a row in
 * import_failures and, if asked, a failed import.
 */
#pragma once

#include "importers/gitlab/project.h"

typedef struct ImportFailure {
    gint64 project_id;
    const char *source; /* Ruby class name of what failed */
    const char *exception_class;
    const char *exception_message; /* cut to 255 characters in the row; credentials in URLs are masked */
    gboolean fail_import;
    const json_t *external_identifiers; /* or NULL: {} */
    const char
        *receipt; /* recorded once under this key, however often the job is executed; NULL: every time */
} ImportFailure;

gboolean import_failure_track(Session *session, const ImportFailure *failure, GError **error);
/* Class and message taken from `cause`. */
gboolean import_failure_track_error(Session *session, gint64 project_id, const char *source,
                                    const GError *cause, gboolean fail_import, GError **error);

extern const TableColumns import_failure_columns;
