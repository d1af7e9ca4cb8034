#include "worker/commands/status_text.h"

#include "protocol/json.h"

#define MINUTE 60
#define HOUR   3600
#define DAY    86400

char *status_duration(double seconds)
{
    gint64 whole = (gint64)MAX(seconds, 0);
    if (whole < MINUTE)
        return g_strdup_printf("%" G_GINT64_FORMAT " s", whole);
    if (whole < HOUR)
        return g_strdup_printf("%" G_GINT64_FORMAT " min", whole / MINUTE);
    if (whole < DAY)
        return g_strdup_printf("%" G_GINT64_FORMAT " h %" G_GINT64_FORMAT " min", whole / HOUR,
                               whole % HOUR / MINUTE);
    return g_strdup_printf("%" G_GINT64_FORMAT " d %" G_GINT64_FORMAT " h", whole / DAY, whole % DAY / HOUR);
}

static double number(const json_t *object, const char *key)
{
    return json_number_value(json_object_get(object, key));
}

static void append_duration(GString *text, const char *before, double seconds, const char *after)
{
    g_autofree char *duration = status_duration(seconds);
    g_string_append_printf(text, "%s%s%s", before, duration, after);
}

static void append_stage(GString *text, const json_t *import)
{
    const char *stage = json_string_field(import, "stage"), *where = json_string_field(import, "where");
    if (!stage) {
        g_string_append(text, "  stage: no job of it is in sight\n");
        return;
    }
    g_string_append_printf(text, "  stage: %s (%s)", stage, where);
    const char *next = json_string_field(import, "next_stage");
    if (next)
        g_string_append_printf(text, ", next is %s, waiting for %" G_GINT64_FORMAT " jobs", next,
                               json_integer_field(import, "waiting_for", 0));
    gint64 object_jobs = json_integer_field(import, "object_jobs", 0);
    if (object_jobs > 0)
        g_string_append_printf(text, ", %" G_GINT64_FORMAT " object jobs seen", object_jobs);
    g_string_append_c(text, '\n');
}

static void append_counters(GString *text, const json_t *import)
{
    const json_t *counters = json_object_get(import, "counters");
    const json_t *imported = json_object_get(counters, "imported");
    const char *type;
    json_t *fetched;
    json_object_foreach (json_object_get(counters, "fetched"), type, fetched)
        g_string_append_printf(text, "  %-16s %" G_GINT64_FORMAT " of %" JSON_INTEGER_FORMAT " imported\n",
                               type, json_integer_field(imported, type, 0), json_integer_value(fetched));
}

static void append_rate_limit(GString *text, const json_t *import, double now)
{
    const json_t *limit = json_object_get(import, "rate_limit");
    const char *failure = json_string_field(limit, "error");
    if (failure)
        g_string_append_printf(text, "  rate limit: %s\n", failure);
    else if (limit) {
        g_string_append_printf(
            text, "  rate limit: %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT " requests left",
            json_integer_field(limit, "remaining", 0), json_integer_field(limit, "limit", 0));
        append_duration(text, ", new ones in ", number(limit, "reset") - now, "\n");
    }
}

static void append_import(GString *text, const json_t *import, double now)
{
    const char *project = json_string_field(import, "project"), *source = json_string_field(import, "source");
    g_string_append_printf(text, "%s (project %" G_GINT64_FORMAT ") from %s: %s", project ? project : "?",
                           json_integer_field(import, "project_id", 0), source ? source : "?",
                           json_string_field(import, "status"));
    append_duration(text, ", created ", now - number(import, "created_at"), " ago");
    if (json_object_get(import, "eta_s"))
        append_duration(text, ", what is fetched so far needs ", number(import, "eta_s"), " more");
    g_string_append_c(text, '\n');
    append_stage(text, import);
    append_counters(text, import);
    append_rate_limit(text, import, now);
}

static void append_imports(GString *text, const json_t *imports, double now)
{
    gsize i;
    json_t *import;
    g_string_append(text, "Imports in progress\n");
    if (json_is_null(imports))
        g_string_append(text, "not known: no database is configured\n");
    else if (json_array_size(imports) == 0)
        g_string_append(text, "none\n");
    json_array_foreach (imports, i, import)
        append_import(text, import, now);
}

static void append_queues(GString *text, const json_t *queues)
{
    gsize i;
    json_t *queue;
    g_string_append(text, "\nQueues\n");
    json_array_foreach (queues, i, queue) {
        g_string_append_printf(text, "%-40s %8" G_GINT64_FORMAT " jobs", json_string_field(queue, "name"),
                               json_integer_field(queue, "size", 0));
        append_duration(text, ", oldest ", number(queue, "latency_s"), "\n");
    }
}

static void append_sets(GString *text, const json_t *sets)
{
    const char *name;
    json_t *size;
    json_object_foreach ((json_t *)sets, name, size)
        g_string_append_printf(text, "%-40s %8" JSON_INTEGER_FORMAT " jobs\n", name,
                               json_integer_value(size));
}

static void append_processes(GString *text, const json_t *processes)
{
    gsize i;
    json_t *process;
    g_string_append(text, "\nProcesses\n");
    json_array_foreach (processes, i, process)
        g_string_append_printf(
            text,
            "%s %s: %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT " busy%s, %" G_GINT64_FORMAT
            " MiB, beat %.0f s ago\n",
            json_string_field(process, "identity"), json_string_field(process, "tag"),
            json_integer_field(process, "busy", 0), json_integer_field(process, "concurrency", 0),
            json_true_field(process, "quiet") ? ", quiet" : "",
            json_integer_field(process, "rss_kb", 0) / 1024, number(process, "beat_age_s"));
}

char *status_text(const json_t *report)
{
    GString *text = g_string_new(NULL);
    append_imports(text, json_object_get(report, "imports"), number(report, "time"));
    append_queues(text, json_object_get(report, "queues"));
    append_sets(text, json_object_get(report, "sets"));
    append_processes(text, json_object_get(report, "processes"));
    return g_string_free(text, FALSE);
}
