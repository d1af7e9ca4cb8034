#include "importers/import_metrics.h"

static const double DURATION_BUCKETS[] = {0.5, 1, 3, 5, 10, 60, 120, 240, 360, 720, 1440};

static GMutex lock;
static guint64 repositories, repository_updates, projects;
static double duration_sum;
static guint64 duration_buckets[G_N_ELEMENTS(DURATION_BUCKETS)]; /* not cumulative */
static GHashTable *objects;                                      /* "fetched_label" -> count */

void import_metrics_repository_imported(void)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&lock);

    repositories++;
}

void import_metrics_repository_updated(void)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&lock);

    repository_updates++;
}

void import_metrics_project_imported(double seconds)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&lock);

    projects++;
    duration_sum += seconds;
    for (guint i = 0; i < G_N_ELEMENTS(DURATION_BUCKETS); i++)
        if (seconds <= DURATION_BUCKETS[i]) {
            duration_buckets[i]++;
            return;
        }
}

void import_metrics_objects(const char *operation, const char *object_type, gint64 n)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&lock);
    g_autofree char *name = g_strdup_printf("%s_%s", operation, object_type);
    gint64 *count;

    if (!objects)
        objects = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    count = g_hash_table_lookup(objects, name);
    if (!count) {
        count = g_new0(gint64, 1);
        g_hash_table_insert(objects, g_steal_pointer(&name), count);
    }
    *count += n;
}

static void render_counter(GString *text, const char *name, guint64 value)
{
    g_string_append_printf(text, "# TYPE %s counter\n%s %" G_GUINT64_FORMAT "\n", name, name, value);
}

static void render_duration(GString *text)
{
    const char *name = "github_importer_total_duration_seconds";
    guint64 cumulative = 0;

    g_string_append_printf(text, "# TYPE %s histogram\n", name);
    for (guint i = 0; i < G_N_ELEMENTS(DURATION_BUCKETS); i++) {
        cumulative += duration_buckets[i];
        g_string_append_printf(text,
                               "%s_bucket{importer=\"github_importer\",le=\"%g\"} %" G_GUINT64_FORMAT "\n",
                               name, DURATION_BUCKETS[i], cumulative);
    }
    g_string_append_printf(
        text, "%s_bucket{importer=\"github_importer\",le=\"+Inf\"} %" G_GUINT64_FORMAT "\n", name, projects);
    g_string_append_printf(text, "%s_sum{importer=\"github_importer\"} %.3f\n", name, duration_sum);
    g_string_append_printf(text, "%s_count{importer=\"github_importer\"} %" G_GUINT64_FORMAT "\n", name,
                           projects);
}

void import_metrics_render(GString *text)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&lock);
    GHashTableIter iterator;
    gpointer name, count;

    render_counter(text, "github_importer_imported_repositories", repositories);
    render_counter(text, "github_importer_repository_updates", repository_updates);
    render_counter(text, "github_importer_imported_projects_total", projects);
    render_duration(text);
    if (!objects)
        return;
    g_hash_table_iter_init(&iterator, objects);
    while (g_hash_table_iter_next(&iterator, &name, &count)) {
        g_autofree char *full = g_strdup_printf("github_importer_%s", (char *)name);
        render_counter(text, full, (guint64) * (gint64 *)count);
    }
}
