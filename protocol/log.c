#include "protocol/log.h"

#include "protocol/error_class.h"
#include "protocol/json.h"

#include <stdarg.h>
#include <string.h>
#include <unistd.h>

static const char *const SEVERITIES[] = {"DEBUG", "INFO", "WARN", "ERROR", "FATAL"};

static gint log_fd = 1;
static gint log_level = LOG_INFO;

static void free_context(gpointer context)
{
    json_decref(context);
}

static GPrivate thread_context = G_PRIVATE_INIT(free_context);
/* Where the context comes from once it is needed; `fields_of` is NULL when `thread_context` has it. */
static __thread struct {
    json_t *(*fields_of)(gconstpointer data);
    gconstpointer data;
} context_source;

void log_configure(int fd, LogLevel level)
{
    g_atomic_int_set(&log_fd, fd);
    g_atomic_int_set(&log_level, (gint)level);
}

gboolean log_level_parse(const char *name, LogLevel *level)
{
    for (guint i = 0; i < G_N_ELEMENTS(SEVERITIES); i++) {
        if (g_ascii_strcasecmp(name, SEVERITIES[i]) == 0) {
            *level = (LogLevel)i;
            return TRUE;
        }
    }
    return FALSE;
}

gboolean log_enabled(LogLevel level)
{
    return (gint)level >= g_atomic_int_get(&log_level);
}

void log_set_context(json_t *fields)
{
    context_source.fields_of = NULL;
    g_private_replace(&thread_context, fields);
}

void log_set_context_source(json_t *(*fields_of)(gconstpointer data), gconstpointer data)
{
    context_source.fields_of = fields_of;
    context_source.data = data;
}

static json_t *context(void)
{
    if (context_source.fields_of)
        log_set_context(context_source.fields_of(context_source.data));
    return g_private_get(&thread_context);
}

void log_add_context(const char *key, json_t *value)
{
    if (!context())
        g_private_set(&thread_context, json_object());
    json_object_set_new(context(), key, value);
}

static void add_present_fields(json_t *line, json_t *fields)
{
    const char *key;
    json_t *value;
    json_object_foreach (fields, key, value) {
        if (!json_is_null(value))
            json_object_set(line, key, value);
    }
}

/* A message or name may hold any bytes; JSON holds UTF-8 only. */
static json_t *json_text(const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    return json_string(valid);
}

static json_t *build_line(LogLevel level, const char *message, json_t *fields)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_utc();
    g_autofree char *seconds = g_date_time_format(now, "%Y-%m-%dT%H:%M:%S");
    json_t *line = json_object();
    json_object_set_new(line, "severity", json_string(SEVERITIES[level]));
    json_object_set_new(line, "time",
                        json_sprintf("%s.%03dZ", seconds, g_date_time_get_microsecond(now) / 1000));
    add_present_fields(line, context());
    json_object_set_new(line, "message", json_text(message));
    add_present_fields(line, fields);
    return line;
}

void log_write(LogLevel level, const char *message, json_t *fields)
{
    g_autoptr(json_t) owned_fields = fields;
    if (!log_enabled(level))
        return;
    g_autoptr(json_t) line = build_line(level, message, owned_fields);
    g_autofree char *json = json_dump(line);
    g_autofree char *text = g_strconcat(json, "\n", NULL);
    /* A line that cannot be written is lost: the log never stops the work. */
    if (write(g_atomic_int_get(&log_fd), text, strlen(text)) < 0)
        return;
}

/* Fields that cannot be packed (text that is not UTF-8) are replaced by the reason, so that the line is still
 * written. */
static json_t *pack_fields(const char *format, va_list values)
{
    if (!format)
        return NULL;
    json_error_t failure;
    json_t *fields = json_vpack_ex(&failure, 0, format, values);
    return fields ? fields : json_pack("{s:s}", "fields_error", failure.text);
}

#define LOG_PACKED(level, message, format)                                                                   \
    do {                                                                                                     \
        va_list values;                                                                                      \
        va_start(values, format);                                                                            \
        log_write(level, message, pack_fields(format, values));                                              \
        va_end(values);                                                                                      \
    } while (0)

void log_debug(const char *message, const char *format, ...)
{
    LOG_PACKED(LOG_DEBUG, message, format);
}

void log_info(const char *message, const char *format, ...)
{
    LOG_PACKED(LOG_INFO, message, format);
}

void log_warn(const char *message, const char *format, ...)
{
    LOG_PACKED(LOG_WARN, message, format);
}

void log_error(const char *message, const GError *error, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    json_t *fields = pack_fields(format, values);
    va_end(values);
    if (!fields)
        fields = json_object();
    json_object_set_new(fields, "exception.class", json_string(error_class(error)));
    json_object_set_new(fields, "exception.message", json_text(error->message));
    log_write(LOG_ERROR, message, fields);
}
