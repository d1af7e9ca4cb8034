/*
 * What `hubferry check` finds: one line each on the standard output, "ok", "warning" or "error", what was
 * found, and what to do. No finding holds a secret.
 */
#pragma once

#include <glib.h>

typedef struct Findings {
    guint warnings, errors;
} Findings;

void findings_ok(Findings *findings, const char *format, ...) G_GNUC_PRINTF(2, 3);
void findings_warning(Findings *findings, const char *advice, const char *format, ...) G_GNUC_PRINTF(3, 4);
void findings_error(Findings *findings, const char *advice, const char *format, ...) G_GNUC_PRINTF(3, 4);
