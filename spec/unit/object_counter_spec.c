/* What GitLab counts during an import: objects, and the iids it hands out. */
#include "importers/gitlab/object_counter.h"

#include "importers/gitlab/internal_id.h"
#include "protocol/json.h"
#include "spec/support/private_gitlab.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define LIST    "cache:gitlab:github-importer/object-counters-list/42/fetched"
#define COUNTER "cache:gitlab:github-importer/object-counter/42/fetched/issue"

static int set_up(void **state)
{
    private_gitlab_reset();
    *state = session_new(private_gitlab_configuration(), NULL, NULL, NULL);
    return 0;
}

static int tear_down(void **state)
{
    session_free(*state);
    return 0;
}

static void count(Session *session, const char *operation, const char *object_type, const char *token)
{
    g_autoptr(GPtrArray) tokens = g_ptr_array_new();
    if (token)
        g_ptr_array_add(tokens, (gpointer)token);
    assert_true(object_counter_increment(session, 42, operation, object_type, tokens, NULL));
}

static void assert_summary(Session *session, gint64 project_id, const char *expected)
{
    g_autoptr(json_t) summary = object_counter_summary(session, project_id, NULL);
    g_autofree char *text = json_dump(summary);
    assert_string_equal(text, expected);
}

static void counts_each_object_once_in_gitlabs_keys(void **state)
{
    count(*state, "fetched", "issue", "1");
    count(*state, "fetched", "issue", "2");
    count(*state, "fetched", "issue", "2");
    assert_redis("2", "GET", COUNTER);
    assert_ttl(COUNTER, 1209600);
    assert_redis("github-importer/object-counter/42/fetched/issue", "SMEMBERS", LIST);
    assert_ttl(LIST, 1209600);
}

static void counting_nothing_leaves_no_trace(void **state)
{
    count(*state, "fetched", "issue", NULL);
    assert_redis("0", "DBSIZE");
}

static void sums_up_what_ruby_and_we_have_counted(void **state)
{
    count(*state, "fetched", "issue", "1");
    count(*state, "imported", "issue", "1");
    g_autofree char *listed =
        private_gitlab_redis("SADD", LIST, "github-importer/object-counter/42/fetched/label", NULL);
    g_autofree char *counted = private_gitlab_redis(
        "SET", "cache:gitlab:github-importer/object-counter/42/fetched/label", "5", NULL);
    assert_summary(*state, 42, "{\"fetched\":{\"issue\":1,\"label\":5},\"imported\":{\"issue\":1}}");
}

static void after_the_import_only_the_counters_stay(void **state)
{
    count(*state, "fetched", "issue", "1");
    count(*state, "imported", "issue", "1");
    assert_redis("1", "EXISTS", "hubferry:counted:github-importer/object-counter/42/imported/issue");
    assert_true(object_counter_forget_tokens(*state, 42, NULL));
    assert_redis("", "KEYS", "hubferry:*");
    assert_redis("1", "GET", COUNTER);
    assert_true(object_counter_forget_tokens(*state, 43, NULL));
}

static void without_counters_the_stored_summary_of_a_completed_import_counts(void **state)
{
    gint64 project_id = private_gitlab_integer("SELECT spec.create_project('imports', 'rocket', "
                                               "'acme/rocket', 'https://github.com/acme/rocket.git', '{}',"
                                               " NULL, NULL, NULL)");
    g_autofree char *stored =
        private_gitlab_sql("UPDATE project_mirror_data SET checksums = '{\"fetched\": {\"note\": 9}}'");
    assert_summary(*state, project_id, "{\"fetched\":{},\"imported\":{}}");
    g_autofree char *finished = private_gitlab_sql("UPDATE project_mirror_data SET status = 'finished'");
    assert_summary(*state, project_id, "{\"fetched\":{\"note\":9}}");
}

static void internal_ids_only_rise(void **state)
{
    gboolean exists;
    gint64 project_id = private_gitlab_integer("SELECT spec.create_project('imports', 'rocket', "
                                               "'acme/rocket', 'https://github.com/acme/rocket.git', '{}',"
                                               " NULL, NULL, NULL)");
    g_autoptr(Project) project = NULL;
    assert_true(project_find(*state, project_id, &project, NULL));
    assert_true(internal_id_exists(*state, project, INTERNAL_ID_MERGE_REQUESTS, &exists, NULL) && !exists);
    assert_true(internal_id_raise(*state, project, INTERNAL_ID_MERGE_REQUESTS, 7, NULL));
    assert_true(internal_id_raise(*state, project, INTERNAL_ID_MERGE_REQUESTS, 5, NULL));
    assert_true(internal_id_raise(*state, project, INTERNAL_ID_ISSUES, 3, NULL));
    assert_true(internal_id_exists(*state, project, INTERNAL_ID_MERGE_REQUESTS, &exists, NULL) && exists);
    assert_true(internal_id_exists(*state, project, INTERNAL_ID_ISSUES, &exists, NULL) && exists);
    assert_true(internal_id_exists(*state, project, INTERNAL_ID_MILESTONES, &exists, NULL) && !exists);
    g_autofree char *expected = g_strdup_printf("0||%" G_GINT64_FORMAT "|3\n1|%" G_GINT64_FORMAT "||7",
                                                project->project_namespace_id, project->id);
    assert_sql("SELECT usage, project_id, namespace_id, last_value FROM internal_ids ORDER BY usage",
               expected);
    assert_true(internal_id_delete_all(*state, project, NULL));
    assert_sql("SELECT usage FROM internal_ids", "0");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(counts_each_object_once_in_gitlabs_keys),
        TEST(counting_nothing_leaves_no_trace),
        TEST(sums_up_what_ruby_and_we_have_counted),
        TEST(after_the_import_only_the_counters_stay),
        TEST(without_counters_the_stored_summary_of_a_completed_import_counts),
        TEST(internal_ids_only_rise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
