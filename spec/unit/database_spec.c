#include "importers/gitlab/database.h"

#include "protocol/error_class.h"
#include "spec/support/private_gitlab.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const Statement backend = {"spec_backend",
                                  "SELECT pg_backend_pid() AS pid, current_setting('TimeZone') AS zone"};
static const Statement echo = {"spec_echo",
                               "SELECT $1::text AS text, $2::bigint AS number, $3::bool AS flag"};
static const Statement insert_shard = {"spec_insert_shard", "INSERT INTO shards (id, name) VALUES ($1, $2)"};
static const Statement count_shards = {"spec_count_shards", "SELECT count(*) AS n FROM shards WHERE id > 1"};
static const Statement all_of_fickle = {"spec_fickle", "SELECT * FROM fickle"};

static int set_up(void **state)
{
    private_gitlab_reset();
    const Configuration *configuration = private_gitlab_configuration();
    *state = database_new((const char *const *)configuration->database_keywords,
                          (const char *const *)configuration->database_values, TRUE);
    return 0;
}

static int tear_down(void **state)
{
    database_free(*state);
    return 0;
}

static gint64 number(Database *database, const Statement *statement, const char *column)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(PGresult) rows = database_run(database, &error, statement, DATABASE_END);
    assert_null(error);
    return database_integer(rows, 0, column);
}

static void add_shard(Database *database, const char *id)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(PGresult) result = database_run(database, &error, &insert_shard, id, id, DATABASE_END);
    assert_null(error);
}

static void kill_backend(Database *database)
{
    g_autofree char *sql = g_strdup_printf("SELECT pg_terminate_backend(%" G_GINT64_FORMAT ", 5000)",
                                           number(database, &backend, "pid"));
    g_autofree char *output = private_gitlab_sql(sql);
    assert_string_equal(output, "t");
}

static void assert_error(Database *database, const char *sql, int code, const char *ruby_class)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(PGresult) result = database_execute_text(database, sql, NULL, 0, &error);
    assert_null(result);
    assert_true(g_error_matches(error, DATABASE_ERROR, code));
    assert_string_equal(error_class(error), ruby_class);
}

static void values_travel_as_parameters(void **state)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(PGresult) rows =
        database_run(*state, &error, &echo, "it's; -- \xc3\xa9", "-9007199254740993", "t", DATABASE_END);
    assert_null(error);
    assert_string_equal(database_value(rows, 0, "text"), "it's; -- \xc3\xa9");
    assert_true(database_integer(rows, 0, "number") == -9007199254740993);
    assert_true(database_boolean(rows, 0, "flag"));
    g_autoptr(PGresult) nulls = database_run(*state, &error, &echo, NULL, NULL, NULL, DATABASE_END);
    assert_null(database_value(nulls, 0, "text"));
    assert_int_equal(database_integer(nulls, 0, "number"), 0);
    assert_false(database_boolean(nulls, 0, "flag"));
}

static void the_connection_speaks_utc(void **state)
{
    g_autoptr(PGresult) rows = database_run(*state, NULL, &backend, DATABASE_END);
    assert_string_equal(database_value(rows, 0, "zone"), "UTC");
}

static void works_without_prepared_statements(G_GNUC_UNUSED void **state)
{
    const Configuration *configuration = private_gitlab_configuration();
    g_autoptr(Database) database = database_new((const char *const *)configuration->database_keywords,
                                                (const char *const *)configuration->database_values, FALSE);
    add_shard(database, "7");
    g_autoptr(GError) error = NULL;
    g_autoptr(PGresult) prepared =
        database_execute_text(database, "SELECT count(*) AS n FROM pg_prepared_statements", NULL, 0, &error);
    assert_int_equal(database_integer(prepared, 0, "n"), 0);
    assert_int_equal(number(database, &count_shards, "n"), 1);
}

static void errors_have_codes_and_ruby_classes(void **state)
{
    assert_error(*state, "INSERT INTO shards (id, name) VALUES (1, 'x')", DATABASE_ERROR_UNIQUE,
                 "ActiveRecord::RecordNotUnique");
    assert_error(*state, "INSERT INTO shards (id) VALUES (2)", DATABASE_ERROR_INVALID,
                 "ActiveRecord::StatementInvalid");
    assert_error(*state, "INSERT INTO labels (title, color, created_at) VALUES ('x', '#fff', now())",
                 DATABASE_ERROR_INVALID, "ActiveRecord::StatementInvalid");
    assert_error(*state, "INSERT INTO user_details (user_id) VALUES (4711)", DATABASE_ERROR_FOREIGN_KEY,
                 "ActiveRecord::InvalidForeignKey");
    assert_error(*state, "SELECT 1/0", DATABASE_ERROR_INVALID, "ActiveRecord::StatementInvalid");
    assert_error(*state, "SELECT FROM nowhere", DATABASE_ERROR_STATEMENT, "ActiveRecord::StatementInvalid");
}

static void a_missing_partition_is_to_be_retried(void **state)
{
    assert_error(*state,
                 "INSERT INTO merge_request_commits_metadata (authored_date, committed_date, sha, project_id)"
                 " VALUES (now(), now(), '\\x00', 999999999)",
                 DATABASE_ERROR_RETRYABLE, "ActiveRecord::StatementInvalid");
}

static gboolean insert_two(Database *database, gpointer second, GError **error)
{
    g_autoptr(PGresult) one = database_run(database, error, &insert_shard, "8", "8", DATABASE_END);
    if (!one)
        return FALSE;
    g_autoptr(PGresult) two = database_run(database, error, &insert_shard, second, second, DATABASE_END);
    return two != NULL;
}

static void a_transaction_commits_or_leaves_nothing(void **state)
{
    g_autoptr(GError) error = NULL;
    assert_false(database_transaction(*state, insert_two, "8", &error));
    assert_true(g_error_matches(error, DATABASE_ERROR, DATABASE_ERROR_UNIQUE));
    assert_int_equal(number(*state, &count_shards, "n"), 0);
    assert_true(database_transaction(*state, insert_two, "9", NULL));
    assert_int_equal(number(*state, &count_shards, "n"), 2);
}

static void a_transaction_joins_the_one_around_it(void **state)
{
    assert_true(database_begin(*state, NULL));
    assert_true(database_transaction(*state, insert_two, "9", NULL));
    assert_true(database_in_transaction(*state));
    database_rollback(*state);
    assert_int_equal(number(*state, &count_shards, "n"), 0);
}

static void commit_of_a_failed_transaction_is_an_error(void **state)
{
    g_autoptr(GError) error = NULL;
    assert_true(database_begin(*state, NULL));
    add_shard(*state, "8");
    assert_error(*state, "SELECT 1/0", DATABASE_ERROR_INVALID, "ActiveRecord::StatementInvalid");
    assert_false(database_commit(*state, &error));
    assert_non_null(error);
    assert_int_equal(number(*state, &count_shards, "n"), 0);
}

static void a_connection_lost_while_idle_is_replaced(void **state)
{
    gint64 pid = number(*state, &backend, "pid");
    kill_backend(*state);
    assert_true(number(*state, &backend, "pid") != pid);
}

static void a_connection_lost_during_a_call_fails_the_call(void **state)
{
    g_autoptr(GError) error = NULL;
    assert_null(database_execute_text(*state, "SELECT pg_terminate_backend(pg_backend_pid()), pg_sleep(60)",
                                      NULL, 0, &error));
    assert_true(g_error_matches(error, DATABASE_ERROR, DATABASE_ERROR_DISCONNECTED));
    assert_string_equal(error_class(error), "PG::ConnectionBad");
    assert_true(number(*state, &backend, "pid") > 0);
}

static void a_transaction_whose_connection_was_lost_does_not_go_on(void **state)
{
    assert_true(database_begin(*state, NULL));
    add_shard(*state, "8");
    kill_backend(*state);
    for (guint i = 0; i < 3; i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(PGresult) result = database_run(*state, &error, &insert_shard, "9", "9", DATABASE_END);
        assert_null(result);
        assert_true(g_error_matches(error, DATABASE_ERROR, DATABASE_ERROR_DISCONNECTED));
    }
    database_rollback(*state);
    assert_int_equal(number(*state, &count_shards, "n"), 0);
}

static void a_migration_meanwhile_is_survived(void **state)
{
    g_autofree char *created =
        private_gitlab_sql("CREATE TABLE fickle (a int); INSERT INTO fickle VALUES (1)");
    assert_int_equal(number(*state, &all_of_fickle, "a"), 1);
    g_autofree char *migrated = private_gitlab_sql("ALTER TABLE fickle ADD b int DEFAULT 2");
    assert_int_equal(number(*state, &all_of_fickle, "b"), 2);
    assert_true(database_begin(*state, NULL));
    g_autofree char *again = private_gitlab_sql("ALTER TABLE fickle ADD c int DEFAULT 3");
    g_autoptr(GError) error = NULL;
    assert_null(database_run(*state, &error, &all_of_fickle, DATABASE_END));
    assert_true(g_error_matches(error, DATABASE_ERROR, DATABASE_ERROR_RETRYABLE));
    database_rollback(*state);
    g_autofree char *dropped = private_gitlab_sql("DROP TABLE fickle");
}

static void an_unreachable_server_is_a_connection_error(G_GNUC_UNUSED void **state)
{
    const char *const keywords[] = {"host", "user", "password", NULL};
    const char *const values[] = {"/nonexistent", "gitlab", "secret-password", NULL};
    g_autoptr(Database) database = database_new(keywords, values, TRUE);
    g_autoptr(GError) error = NULL;
    assert_null(database_run(database, &error, &backend, DATABASE_END));
    assert_true(g_error_matches(error, DATABASE_ERROR, DATABASE_ERROR_CONNECT));
    assert_null(strstr(error->message, "secret-password"));
}

static void assert_time(const char *text, const char *expected)
{
    g_autofree char *time = database_time(text);
    if (expected)
        assert_string_equal(time, expected);
    else
        assert_null(time);
}

static void times_are_utc_with_microseconds(G_GNUC_UNUSED void **state)
{
    assert_time("2017-10-10T16:00:00Z", "2017-10-10 16:00:00.000000");
    assert_time("2017-10-10 16:00:00 UTC", "2017-10-10 16:00:00.000000");
    assert_time("2017-10-10 16:00:00 +0200", "2017-10-10 14:00:00.000000");
    assert_time("2017-10-10T16:00:00.123456+02:00", "2017-10-10 14:00:00.123456");
    assert_time("2017-10-10 16:00:00.999999", "2017-10-10 16:00:00.999999");
    assert_time("2017-10-10T16:00:00.1Z", "2017-10-10 16:00:00.100000");
    assert_time("2017-10-31 23:59:59 UTC", "2017-10-31 23:59:59.000000");
    assert_time("2016-02-29T00:00:00Z", "2016-02-29 00:00:00.000000");
    assert_time("2017-02-29T00:00:00Z", NULL);
    assert_time("2017-13-01T00:00:00Z", NULL);
    assert_time("2017-10-10 24:00:00 UTC", NULL);
    assert_time("2017-1x-10 16:00:00 UTC", NULL);
    assert_time("yesterday", NULL);
    assert_time("", NULL);
    assert_time(NULL, NULL);
    g_autofree char *now = database_now();
    assert_true(g_regex_match_simple("^\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d{6}$", now, 0, 0));
}

static void microseconds_survive_one_by_one(G_GNUC_UNUSED void **state)
{
    for (guint i = 0; i < 1000000; i += 997) {
        g_autofree char *text = g_strdup_printf("2017-10-10T16:00:59.%06uZ", i);
        g_autofree char *expected = g_strdup_printf("2017-10-10 16:00:59.%06u", i);
        assert_time(text, expected);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(values_travel_as_parameters),
        TEST(the_connection_speaks_utc),
        TEST(works_without_prepared_statements),
        TEST(errors_have_codes_and_ruby_classes),
        TEST(a_missing_partition_is_to_be_retried),
        TEST(a_transaction_commits_or_leaves_nothing),
        TEST(a_transaction_joins_the_one_around_it),
        TEST(commit_of_a_failed_transaction_is_an_error),
        TEST(a_connection_lost_while_idle_is_replaced),
        TEST(a_connection_lost_during_a_call_fails_the_call),
        TEST(a_transaction_whose_connection_was_lost_does_not_go_on),
        TEST(a_migration_meanwhile_is_survived),
        cmocka_unit_test(an_unreachable_server_is_a_connection_error),
        cmocka_unit_test(times_are_utc_with_microseconds),
        cmocka_unit_test(microseconds_survive_one_by_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
