/*
 * The log: one JSON object a line, from the first line on, in the form of GitLab's sidekiq.log and
 * importer.log (lib/gitlab/json_logger.rb, lib/gitlab/sidekiq_logging/json_formatter.rb): `severity`, `time`
 * (UTC, ISO 8601, milliseconds), then the thread's context, then `message` and the line's own fields.
 *
 * A thread's context (jid, class, project_id, correlation_id, ...) is set by whoever runs a job and added to
 * every line that the thread writes, so that no caller has to repeat it. Fields whose value is null are left
 * out. Thread-safe; a line is written with one write(2).
 */
#pragma once

#include "protocol/autoptr_jansson.h"

typedef enum { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR, LOG_FATAL } LogLevel;

/* `fd` is where lines go (default: 1). Lines below `level` (default: LOG_INFO) are not written. */
void log_configure(int fd, LogLevel level);
gboolean log_level_parse(const char *name, LogLevel *level);
gboolean log_enabled(LogLevel level);

/* Replaces this thread's context; NULL clears it. (transfer full) */
void log_set_context(json_t *fields);
/* The same, but the fields (transfer full) are asked for when the thread writes its first line with them,
 * which most jobs never do. `data` is borrowed until the context is replaced. */
void log_set_context_source(json_t *(*fields_of)(gconstpointer data), gconstpointer data);
/* Adds one field to this thread's context. (transfer full) */
void log_add_context(const char *key, json_t *value);

/* `fields` may be NULL. (transfer full) */
void log_write(LogLevel level, const char *message, json_t *fields);

/* `format` and what follows are jansson's json_pack(): log_info("stage finished", "{s:s}", "import_stage",
 * name); a NULL format means no fields. */
void log_debug(const char *message, const char *format, ...);
void log_info(const char *message, const char *format, ...);
void log_warn(const char *message, const char *format, ...);

/* Error level, with `exception.class` and `exception.message` of `error`. */
void log_error(const char *message, const GError *error, const char *format, ...);
