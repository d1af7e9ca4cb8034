/*
 * A Redis and a PostgreSQL with GitLab's schema and seed (spec/support/services), for one test program. They
 * end with the program, however it ends. Any failure ends the program with a message.
 */
#pragma once

#include "importers/configuration.h"

/* Started at the first call. Its values live until the program ends; receipts and prepared statements are on,
 * and may be switched by the test. */
Configuration *private_gitlab_configuration(void);
/* The seed alone, in PostgreSQL, and nothing in Redis. */
void private_gitlab_reset(void);
/* Runs statements, which must succeed, in a session of their own. Their rows as lines of "VALUE|VALUE", NULL
 * is empty. (transfer full) */
char *private_gitlab_sql(const char *sql);
/* Runs a Redis command. Its reply as text: arrays with one element a line, nil is empty. (transfer full) */
char *private_gitlab_redis(const char *command, ...) G_GNUC_NULL_TERMINATED;
/* Runs a format of printf as SQL; its output as a number. */
gint64 private_gitlab_integer(const char *format, ...) G_GNUC_PRINTF(1, 2);
/* Compares the output of a statement, and ends the test with both texts if they differ. */
#define assert_sql(sql, expected)                                                                            \
    do {                                                                                                     \
        g_autofree char *sql_output = private_gitlab_sql(sql);                                               \
        assert_string_equal(sql_output, expected);                                                           \
    } while (0)
/* The same for a Redis command: assert_redis("1", "EXISTS", "key"). */
#define assert_redis(expected, ...)                                                                          \
    do {                                                                                                     \
        g_autofree char *redis_output = private_gitlab_redis(__VA_ARGS__, NULL);                             \
        assert_string_equal(redis_output, expected);                                                         \
    } while (0)
/* The key lives for `seconds`, less the time that a slow machine takes. */
#define assert_ttl(key, seconds)                                                                             \
    do {                                                                                                     \
        g_autofree char *ttl_output = private_gitlab_redis("TTL", key, NULL);                                \
        assert_in_range(g_ascii_strtoll(ttl_output, NULL, 10), (seconds) > 50 ? (seconds)-50 : 1, seconds);  \
    } while (0)
