#include "worker/commands/status_text.h"

#include "spec/support/cmocka_glib.h"

static void durations_have_two_units_at_most(G_GNUC_UNUSED void **state)
{
    assert_text(status_duration(-3), "0 s");
    assert_text(status_duration(59.9), "59 s");
    assert_text(status_duration(60), "1 min");
    assert_text(status_duration(3600 + 20 * 60), "1 h 20 min");
    assert_text(status_duration(2 * 86400 + 4 * 3600), "2 d 4 h");
}

static void an_import_is_told_with_stage_counters_and_limit(G_GNUC_UNUSED void **state)
{
    g_autoptr(json_t) report = json_pack(
        "{s:f, s:[{s:i, s:s, s:s, s:s, s:f, s:f, s:s, s:s, s:s, s:i, s:i, s:{s:{s:i}, s:{s:i}}, s:{s:i, s:i, "
        "s:i}}],"
        " s:[{s:s, s:i, s:f}], s:{s:i}, s:[{s:s, s:s, s:i, s:i, s:b, s:i, s:f}]}",
        "time", 1000.0, "imports", "project_id", 42, "project", "acme/rocket", "source", "octo/demo",
        "status", "started", "created_at", 400.0, "eta_s", 120.0, "stage", "AdvanceStage", "where",
        "scheduled", "next_stage", "issue_events", "waiting_for", 7, "object_jobs", 3, "counters", "fetched",
        "issue", 10, "imported", "issue", 4, "rate_limit", "limit", 5000, "remaining", 60, "reset", 1120,
        "queues", "name", "github_importer", "size", 9, "latency_s", 2.0, "sets", "retry", 1, "processes",
        "identity", "host:1:abc", "tag", "hubferry", "busy", 2, "concurrency", 20, "quiet", TRUE, "rss_kb",
        20480, "beat_age_s", 3.0);
    assert_non_null(report);
    assert_text(
        status_text(report),
        "Imports in progress\n"
        "acme/rocket (project 42) from octo/demo: started, created 10 min ago, what is fetched so far needs "
        "2 min more\n"
        "  stage: AdvanceStage (scheduled), next is issue_events, waiting for 7 jobs, 3 object jobs seen\n"
        "  issue            4 of 10 imported\n"
        "  rate limit: 60 of 5000 requests left, new ones in 2 min\n"
        "\nQueues\n"
        "github_importer                                 9 jobs, oldest 2 s\n"
        "retry                                           1 jobs\n"
        "\nProcesses\n"
        "host:1:abc hubferry: 2 of 20 busy, quiet, 20 MiB, beat 3 s ago\n");
}

static void what_is_not_known_is_said(G_GNUC_UNUSED void **state)
{
    g_autoptr(json_t) nothing =
        json_pack("{s:f, s:n, s:[], s:{}, s:[]}", "time", 0.0, "imports", "queues", "sets", "processes");
    assert_text(status_text(nothing),
                "Imports in progress\nnot known: no database is configured\n\nQueues\n\nProcesses\n");
    g_autoptr(json_t) bare =
        json_pack("{s:f, s:[{s:i, s:s, s:f, s:{}}], s:[], s:{}, s:[]}", "time", 0.0, "imports", "project_id",
                  1, "status", "scheduled", "created_at", 0.0, "counters", "queues", "sets", "processes");
    assert_text(status_text(bare), "Imports in progress\n? (project 1) from ?: scheduled, created 0 s ago\n"
                                   "  stage: no job of it is in sight\n\nQueues\n\nProcesses\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations_have_two_units_at_most),
        cmocka_unit_test(an_import_is_told_with_stage_counters_and_limit),
        cmocka_unit_test(what_is_not_known_is_said),
    };
    return cmocka_run_group_tests_name("status_text", tests, NULL, NULL);
}
