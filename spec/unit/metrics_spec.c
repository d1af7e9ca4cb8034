#include "worker/metrics.h"
#include "worker/metrics_text.h"

#include "spec/support/cmocka_glib.h"

static const MetricsJob stage = {.worker = "Gitlab::GithubImport::Stage::ImportNotesWorker",
                                 .queue = "github_importer",
                                 .feature_category = "importers",
                                 .external_dependencies = TRUE};

#define LABELS                                                                                               \
    "worker=\"Gitlab::GithubImport::Stage::ImportNotesWorker\",queue=\"github_importer\","                   \
    "feature_category=\"importers\",urgency=\"low\",external_dependencies=\"yes\",boundary=\"\","            \
    "destination_shard_redis=\"main\""

static void assert_line(const char *line)
{
    g_autofree char *text = metrics_render();
    g_autofree char *whole = g_strdup_printf("\n%s\n", line);
    if (!strstr(text, whole))
        fail_msg("'%s' is not in\n%s", line, text);
}

/* One thread only, so the order of these steps is the order of the counters' values. */
static void jobs_are_counted(G_GNUC_UNUSED void **state)
{
    metrics_job_declare(&stage);
    assert_line("sidekiq_jobs_failed_total{" LABELS "} 0");

    metrics_job_started(&stage, 0.5, FALSE, FALSE);
    metrics_job_started(&stage, 90, TRUE, TRUE);
    assert_line("sidekiq_running_jobs{" LABELS "} 2");
    assert_line("sidekiq_jobs_queue_duration_seconds_bucket{" LABELS ",le=\"10\"} 1");
    assert_line("sidekiq_jobs_queue_duration_seconds_bucket{" LABELS ",le=\"60\"} 1");
    assert_line("sidekiq_jobs_queue_duration_seconds_bucket{" LABELS ",le=\"+Inf\"} 2");
    assert_line("sidekiq_jobs_queue_duration_seconds_sum{" LABELS "} 90.5");
    assert_line("sidekiq_jobs_retried_total{" LABELS "} 1");
    assert_line("sidekiq_jobs_interrupted_total{" LABELS "} 1");
    assert_line("gitlab_sli_sidekiq_queueing_apdex_success_total{" LABELS "} 1");

    metrics_job_done(&stage, 10, 0.2, FALSE);
    metrics_job_done(&stage, 301, 3, TRUE);
    metrics_job_dead(&stage);
    assert_line("sidekiq_running_jobs{" LABELS "} 0");
    assert_line("sidekiq_jobs_completion_seconds_bucket{" LABELS ",job_status=\"done\",le=\"10\"} 1");
    assert_line("sidekiq_jobs_completion_seconds_bucket{" LABELS ",job_status=\"fail\",le=\"300\"} 0");
    assert_line("sidekiq_jobs_completion_seconds_count{" LABELS ",job_status=\"fail\"} 1");
    assert_line("sidekiq_jobs_cpu_seconds_bucket{" LABELS ",job_status=\"done\",le=\"0.1\"} 0");
    assert_line("sidekiq_jobs_cpu_seconds_bucket{" LABELS ",job_status=\"done\",le=\"0.5\"} 1");
    assert_line("sidekiq_jobs_failed_total{" LABELS "} 1");
    assert_line("sidekiq_jobs_dead_total{" LABELS "} 1");
    assert_line("gitlab_sli_sidekiq_execution_total{" LABELS "} 2");
    assert_line("gitlab_sli_sidekiq_execution_error_total{" LABELS "} 1");
    assert_line("gitlab_sli_sidekiq_execution_apdex_total{" LABELS "} 1");
}

static void the_process_is_described(G_GNUC_UNUSED void **state)
{
    metrics_set_concurrency(12);
    metrics_redis_connected(TRUE);
    assert_line("sidekiq_concurrency 12");
    assert_line("hubferry_redis_connected 1");
    metrics_redis_connected(FALSE);
    assert_line("hubferry_redis_connected 0");
}

static void unknown_classes_are_counted_with_escaped_names(G_GNUC_UNUSED void **state)
{
    metrics_job_unknown("Evil\"\\\nWorker", "default");
    metrics_job_unknown("Evil\"\\\nWorker", "default");
    assert_line("hubferry_unknown_jobs_total{worker=\"Evil\\\"\\\\\\nWorker\",queue=\"default\"} 2");
}

static void unknown_classes_cannot_grow_the_text_without_end(G_GNUC_UNUSED void **state)
{
    for (guint i = 0; i < 5000; i++) {
        g_autofree char *name = g_strdup_printf("Unknown%uWorker", i);
        metrics_job_unknown(name, "default");
    }
    g_autofree char *text = metrics_render();
    assert_non_null(strstr(text, "Unknown1Worker"));
    assert_null(strstr(text, "Unknown4999Worker"));
}

static char *family_of(const char *line)
{
    return g_strndup(line, strcspn(line, "{ "));
}

/* Every line is a comment or a sample with a number, and every sample belongs to the family announced last.
 */
static void the_text_is_well_formed(G_GNUC_UNUSED void **state)
{
    g_autofree char *text = metrics_render();
    g_autofree char *family = NULL;
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GRegex) sample =
        g_regex_new("^[a-z_]+(\\{([a-z_]+=\"([^\"\\\\]|\\\\.)*\",?)+\\})? -?[0-9.e+]+$", 0, 0, NULL);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    assert_true(g_str_has_suffix(text, "\n"));
    for (char **line = lines; *line && **line; line++) {
        if (g_str_has_prefix(*line, "# TYPE ")) {
            g_free(family);
            family = family_of(*line + strlen("# TYPE "));
            assert_true(g_hash_table_add(seen, g_strdup(family)));
        } else if (!g_str_has_prefix(*line, "# HELP ")) {
            g_autofree char *name = family_of(*line);
            if (!family || !g_str_has_prefix(name, family) || !g_regex_match(sample, *line, 0, NULL))
                fail_msg("misplaced or malformed: %s", *line);
        }
    }
    assert_true(g_hash_table_contains(seen, "github_importer_request_count"));
    assert_true(g_hash_table_contains(seen, "github_importer_total_duration_seconds"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jobs_are_counted),
        cmocka_unit_test(the_process_is_described),
        cmocka_unit_test(unknown_classes_are_counted_with_escaped_names),
        cmocka_unit_test(unknown_classes_cannot_grow_the_text_without_end),
        cmocka_unit_test(the_text_is_well_formed),
    };
    return cmocka_run_group_tests_name("metrics", tests, NULL, NULL);
}
