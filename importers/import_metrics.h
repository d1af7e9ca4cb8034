/*
 * Gitlab::Import::Metrics and the counters of ObjectCounter (lib/gitlab/import/metrics.rb,
 * lib/gitlab/github_import/object_counter.rb), as Prometheus metrics of this process, with GitLab's own
 * names. Thread-safe.
 */
#pragma once

#include <glib.h>

void import_metrics_repository_imported(void);
void import_metrics_repository_updated(void);
/* `seconds` since the project was created. */
void import_metrics_project_imported(double seconds);
/* github_importer_OPERATION_TYPE; `operation` is "fetched" or "imported". */
void import_metrics_objects(const char *operation, const char *object_type, gint64 n);

/* Appends all of them in the text exposition format. */
void import_metrics_render(GString *text);
