#include "spec/support/private_gitlab.h"

#include "importers/gitlab/autoptr_libpq.h"
#include "protocol/redis.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PGconn, PQfinish)

static char *folder;
static char **environment; /* NAME=value, as `services start` prints it */
static Configuration *configuration;

static char *run(char **argv)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *errors = NULL;
    char *output = NULL;
    int status;
    if (!g_spawn_sync(NULL, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &output, &errors, &status, &error) ||
        !g_spawn_check_wait_status(status, &error))
        g_error("%s: %s %s", argv[0], error->message, errors ? errors : "");
    return g_strchomp(output);
}

static const char *value_of(const char *name)
{
    for (char **line = environment; *line; line++)
        if (g_str_has_prefix(*line, name) && (*line)[strlen(name)] == '=')
            return *line + strlen(name) + 1;
    g_error("services start did not print %s", name);
}

static void stop_services(void)
{
    g_autofree char *output = run((char *[]){SPEC_FOLDER "/support/services", "stop", folder, NULL});
}

static void start_services(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *pid = g_strdup_printf("%d", (int)getpid());
    folder = g_dir_make_tmp("private_gitlab_XXXXXX", &error);
    if (!folder)
        g_error("temporary folder: %s", error->message);
    g_setenv("HUBFERRY_BUILD", HUBFERRY_BUILD, FALSE);
    g_autofree char *output =
        run((char *[]){SPEC_FOLDER "/support/services", "start", folder, "--owner", pid, NULL});
    environment = g_strsplit(output, "\n", -1);
    atexit(stop_services);
}

static Configuration *configure(void)
{
    g_autoptr(GError) error = NULL;
    Configuration *new = g_new0(Configuration, 1);
    g_autofree char *url = g_strdup_printf("unix:%s", value_of("REDIS_SOCKET"));
    for (RedisStore store = 0; store < REDIS_STORES; store++) {
        new->redis[store] = redis_settings_new();
        if (!redis_settings_apply_url(new->redis[store], url, &error))
            g_error("%s", error->message);
    }
    new->database_keywords = g_strsplit("host port dbname user", " ", -1);
    new->database_values =
        g_strdupv((char *[]){(char *)value_of("PGHOST"), (char *)value_of("PGPORT"),
                             (char *)value_of("PGDATABASE"), (char *)value_of("PGUSER"), NULL});
    new->prepared_statements = TRUE;
    new->receipts = TRUE;
    new->db_key_base = g_strsplit("private-gitlab-key", " ", -1);
    new->gitlab_url = g_strdup("https://gitlab.example.com");
    new->gitlab_host = g_strdup("gitlab.example.com");
    new->github_verify_ssl = TRUE;
    new->backlog = 5000;
    new->router = worker_router_new(NULL, &error);
    new->fallback_queue = g_strdup("default");
    return new;
}

Configuration *private_gitlab_configuration(void)
{
    if (!configuration) {
        start_services();
        configuration = configure();
    }
    return configuration;
}

/* A session for each call, as psql would have it: what a test sets is gone afterwards. */
static PGconn *connect_to_postgres(void)
{
    Configuration *gitlab = private_gitlab_configuration();
    PGconn *connection = PQconnectdbParams((const char *const *)gitlab->database_keywords,
                                           (const char *const *)gitlab->database_values, 0);
    if (PQstatus(connection) != CONNECTION_OK)
        g_error("PostgreSQL: %s", PQerrorMessage(connection));
    return connection;
}

/* NULL is empty. */
static void append_rows(GString *text, const PGresult *rows)
{
    for (int row = 0; row < PQntuples(rows); row++)
        for (int column = 0, last = PQnfields(rows) - 1; column <= last; column++)
            g_string_append_printf(text, "%s%c", PQgetvalue(rows, row, column), column < last ? '|' : '\n');
}

/* Of one of the statements in `sql`; FALSE: that was the last. */
static gboolean append_result(GString *text, PGconn *connection, const char *sql)
{
    g_autoptr(PGresult) result = PQgetResult(connection);
    if (!result)
        return FALSE;
    if (PQresultStatus(result) == PGRES_FATAL_ERROR)
        g_error("%s: %s", sql, PQresultErrorMessage(result));
    append_rows(text, result);
    return TRUE;
}

static char *execute(PGconn *connection, const char *sql)
{
    g_autoptr(GString) text = g_string_new(NULL);
    if (!PQsendQuery(connection, sql))
        g_error("%s: %s", sql, PQerrorMessage(connection));
    while (append_result(text, connection, sql))
        ;
    return g_strdup(g_strchomp(text->str));
}

char *private_gitlab_sql(const char *sql)
{
    g_autoptr(PGconn) connection = connect_to_postgres();
    return execute(connection, sql);
}

gint64 private_gitlab_integer(const char *format, ...)
{
    va_list values;
    va_start(values, format);
    g_autofree char *sql = g_strdup_vprintf(format, values);
    va_end(values);
    g_autofree char *output = private_gitlab_sql(sql);
    return g_ascii_strtoll(output, NULL, 10);
}

/* Arrays: one element a line. */
static void append_reply(GString *text, const redisReply *reply)
{
    if (reply->type == REDIS_REPLY_INTEGER)
        g_string_append_printf(text, "%lld", reply->integer);
    else if (reply->type != REDIS_REPLY_ARRAY && reply->str)
        g_string_append_len(text, reply->str, (gssize)reply->len);
    for (gsize i = 0; reply->type == REDIS_REPLY_ARRAY && i < reply->elements; i++) {
        append_reply(text, reply->element[i]);
        g_string_append_c(text, '\n');
    }
}

char *private_gitlab_redis(const char *command, ...)
{
    static Redis *redis;
    if (!redis)
        redis = redis_new(private_gitlab_configuration()->redis[REDIS_QUEUES]);
    va_list words;
    va_start(words, command);
    g_autoptr(GError) error = NULL;
    g_autoptr(redisReply) reply = redis_run(redis, redis_command_new_va(command, words), &error);
    va_end(words);
    if (!reply)
        g_error("%s: %s", command, error->message);
    g_autoptr(GString) text = g_string_new(NULL);
    append_reply(text, reply);
    return g_strdup(g_strchomp(text->str));
}

/* Its session is kept: with what PostgreSQL then knows of the tables each further reset takes a fraction of
 * the time. */
void private_gitlab_reset(void)
{
    static PGconn *connection;
    if (!connection)
        connection = connect_to_postgres();
    if (PQstatus(connection) != CONNECTION_OK)
        PQreset(connection);
    g_autofree char *rows = execute(connection, "SELECT FROM spec.reset(); SELECT FROM spec.seed()");
    g_autofree char *keys = private_gitlab_redis("FLUSHALL", NULL);
}
