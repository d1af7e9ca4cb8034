#include "protocol/redis_connect.h"

#include "protocol/redis_tls.h"

#include <string.h>

static struct timeval milliseconds(guint ms)
{
    return (struct timeval){.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
}

static redisContext *open_socket(const RedisSettings *settings, const char *host, int port, GError **error)
{
    struct timeval connect_timeout = milliseconds(settings->connect_timeout_ms);
    g_autoptr(redisContext) context = settings->path
                                          ? redisConnectUnixWithTimeout(settings->path, connect_timeout)
                                          : redisConnectWithTimeout(host, port, connect_timeout);
    if (!context || context->err) {
        g_set_error_literal(error, REDIS_ERROR, REDIS_ERROR_CONNECT,
                            context ? context->errstr : "out of memory");
        return NULL;
    }
    if (!settings->path)
        redisEnableKeepAlive(context);
    redisSetTimeout(context, milliseconds(settings->read_timeout_ms));
    return redis_start_tls(context, settings, host, error) ? g_steal_pointer(&context) : NULL;
}

static void add_auth(GPtrArray *commands, const char *username, const char *password)
{
    if (!password)
        return;
    RedisCommand *auth = redis_command_new("AUTH", NULL);
    if (username)
        redis_command_add(auth, username);
    redis_command_add(auth, password);
    g_ptr_array_add(commands, auth);
}

GPtrArray *redis_greeting(const RedisSettings *settings)
{
    GPtrArray *commands = redis_commands_new();
    add_auth(commands, settings->username, settings->password);
    if (settings->db > 0) {
        RedisCommand *select = redis_command_new("SELECT", NULL);
        redis_command_add_int(select, settings->db);
        g_ptr_array_add(commands, select);
    }
    return commands;
}

/* Only the error code of the reply is told: the rest of the sentence may quote the command's arguments. */
static redisReply *ask(redisContext *context, const RedisCommand *command, GError **error)
{
    g_autoptr(redisReply) reply = redisCommandArgv(
        context, redis_command_argc(command), redis_command_argv(command), redis_command_lengths(command));
    if (!reply) {
        g_set_error_literal(error, REDIS_ERROR, REDIS_ERROR_CONNECT, context->errstr);
        return NULL;
    }
    if (reply->type == REDIS_REPLY_ERROR) {
        g_set_error(error, REDIS_ERROR, REDIS_ERROR_CONNECT, "%s was answered with %.*s",
                    redis_command_argv(command)[0], (int)strcspn(reply->str, " "), reply->str);
        return NULL;
    }
    return g_steal_pointer(&reply);
}

static gboolean say_all(redisContext *context, GPtrArray *commands, GError **error)
{
    for (guint i = 0; i < commands->len; i++) {
        g_autoptr(redisReply) reply = ask(context, commands->pdata[i], error);
        if (!reply)
            return FALSE;
    }
    return TRUE;
}

static gboolean ask_sentinel(const RedisSettings *settings, const RedisSentinel *sentinel, char **host,
                             int *port, GError **error)
{
    g_autoptr(redisContext) context = open_socket(settings, sentinel->host, sentinel->port, error);
    if (!context)
        return FALSE;
    g_autoptr(GPtrArray) greeting = redis_commands_new();
    add_auth(greeting, settings->sentinel_username, settings->sentinel_password);
    if (!say_all(context, greeting, error))
        return FALSE;
    g_autoptr(RedisCommand) question =
        redis_command_new("SENTINEL", "get-master-addr-by-name", settings->host, NULL);
    g_autoptr(redisReply) reply = ask(context, question, error);
    if (!reply)
        return FALSE;
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 2) {
        g_set_error(error, REDIS_ERROR, REDIS_ERROR_CONNECT, "knows no master \"%s\"", settings->host);
        return FALSE;
    }
    *host = g_strdup(reply->element[0]->str);
    *port = (int)g_ascii_strtoll(reply->element[1]->str, NULL, 10);
    return TRUE;
}

gboolean redis_find_master(const RedisSettings *settings, char **host, int *port, GError **error)
{
    if (settings->sentinels->len == 0) {
        *host = g_strdup(settings->host);
        *port = settings->port;
        return TRUE;
    }
    g_autoptr(GString) answers = g_string_new(NULL);
    for (guint i = 0; i < settings->sentinels->len; i++) {
        const RedisSentinel *sentinel = settings->sentinels->pdata[i];
        g_autoptr(GError) failure = NULL;
        if (ask_sentinel(settings, sentinel, host, port, &failure))
            return TRUE;
        g_string_append_printf(answers, "; %s:%d: %s", sentinel->host, sentinel->port, failure->message);
    }
    g_set_error(error, REDIS_ERROR, REDIS_ERROR_CONNECT, "no sentinel tells the master%s", answers->str);
    return FALSE;
}

/* Sentinels may name the old master while a failover is under way. */
static gboolean check_is_master(redisContext *context, GError **error)
{
    g_autoptr(RedisCommand) question = redis_command_new("ROLE", NULL);
    g_autoptr(redisReply) reply = ask(context, question, error);
    if (!reply)
        return FALSE;
    if (reply->type == REDIS_REPLY_ARRAY && reply->elements > 0 &&
        g_strcmp0(reply->element[0]->str, "master") == 0)
        return TRUE;
    g_set_error_literal(error, REDIS_ERROR, REDIS_ERROR_CONNECT,
                        "the server that sentinels name is no master");
    return FALSE;
}

static redisContext *connect_to_master(const RedisSettings *settings, GError **error)
{
    g_autofree char *host = NULL;
    int port;
    if (!redis_find_master(settings, &host, &port, error))
        return NULL;
    g_autoptr(redisContext) context = open_socket(settings, host, port, error);
    if (!context)
        return NULL;
    g_autoptr(GPtrArray) greeting = redis_greeting(settings);
    if (!say_all(context, greeting, error))
        return NULL;
    if (settings->sentinels->len > 0 && !check_is_master(context, error))
        return NULL;
    return g_steal_pointer(&context);
}

redisContext *redis_connect(const RedisSettings *settings, GError **error)
{
    redisContext *context = connect_to_master(settings, error);
    if (!context) {
        g_autofree char *server = redis_settings_describe(settings);
        g_prefix_error(error, "Redis %s: ", server);
    }
    return context;
}
