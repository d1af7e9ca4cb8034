#include "protocol/redis.h"

#include "protocol/error_class.h"
#include "protocol/redis_connect.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>

struct Redis {
    const RedisSettings *settings;
    redisContext *context; /* NULL: not connected */
};

static const char *redis_error_class(int code)
{
    switch (code) {
    case REDIS_ERROR_CONNECT:
        return "RedisClient::CannotConnectError";
    case REDIS_ERROR_DISCONNECTED:
        return "RedisClient::ConnectionError";
    default:
        return "RedisClient::CommandError";
    }
}

DEFINE_ERROR_DOMAIN(redis_error, redis_error_class)

/* hiredis 0.14 writes with write(2): a server that went away must be an error, not the process's end. */
static void ignore_sigpipe(void)
{
    static gsize done;
    if (g_once_init_enter(&done)) {
        signal(SIGPIPE, SIG_IGN);
        g_once_init_leave(&done, 1);
    }
}

Redis *redis_new(const RedisSettings *settings)
{
    ignore_sigpipe();
    Redis *redis = g_new0(Redis, 1);
    redis->settings = settings;
    return redis;
}

void redis_disconnect(Redis *redis)
{
    g_clear_pointer(&redis->context, redisFree);
}

void redis_free(Redis *redis)
{
    if (!redis)
        return;
    redis_disconnect(redis);
    g_free(redis);
}

/* Nothing has been sent yet that could have taken effect. Without this look a job would fail after a restart
 * of the server once for every connection of every executor that it is given to. */
static gboolean closed_while_idle(const Redis *redis)
{
    struct pollfd socket = {.fd = redis->context->fd, .events = POLLRDHUP};
    return poll(&socket, 1, 0) > 0;
}

static gboolean ensure_connected(Redis *redis, GError **error)
{
    if (redis->context && closed_while_idle(redis))
        redis_disconnect(redis);
    if (!redis->context)
        redis->context = redis_connect(redis->settings, error);
    return redis->context != NULL;
}

static void fail_disconnected(Redis *redis, GError **error)
{
    gboolean timed_out = redis->context->err == REDIS_ERR_IO && errno == EAGAIN;
    g_autofree char *server = redis_settings_describe(redis->settings);
    if (timed_out)
        g_set_error(error, REDIS_ERROR, REDIS_ERROR_DISCONNECTED, "Redis %s: no answer within %u ms", server,
                    redis->settings->read_timeout_ms);
    else
        g_set_error(error, REDIS_ERROR, REDIS_ERROR_DISCONNECTED, "Redis %s: %s", server,
                    redis->context->errstr);
    redis_disconnect(redis);
}

static gboolean append_all(Redis *redis, GPtrArray *commands, GError **error)
{
    for (guint i = 0; i < commands->len; i++) {
        const RedisCommand *command = commands->pdata[i];
        if (redisAppendCommandArgv(redis->context, redis_command_argc(command), redis_command_argv(command),
                                   redis_command_lengths(command)) != REDIS_OK) {
            fail_disconnected(redis, error);
            return FALSE;
        }
    }
    return TRUE;
}

/* All replies are read even after an error reply, or the connection would be out of step. */
static GPtrArray *read_replies(Redis *redis, guint n_replies, GError **error)
{
    g_autoptr(GPtrArray) replies = g_ptr_array_new_full(n_replies, (GDestroyNotify)redis_reply_free);
    for (guint i = 0; i < n_replies; i++) {
        void *reply;
        errno = 0;
        if (redisGetReply(redis->context, &reply) != REDIS_OK) {
            fail_disconnected(redis, error);
            return NULL;
        }
        g_ptr_array_add(replies, reply);
    }
    return g_steal_pointer(&replies);
}

static gboolean check_replies(const GPtrArray *replies, GError **error)
{
    for (guint i = 0; i < replies->len; i++) {
        const redisReply *reply = replies->pdata[i];
        if (reply->type == REDIS_REPLY_ERROR) {
            g_set_error_literal(error, REDIS_ERROR, REDIS_ERROR_REPLY, reply->str);
            return FALSE;
        }
    }
    return TRUE;
}

static GPtrArray *exchange(Redis *redis, GPtrArray *commands, GError **error)
{
    if (!ensure_connected(redis, error) || !append_all(redis, commands, error))
        return NULL;
    g_autoptr(GPtrArray) replies = read_replies(redis, commands->len, error);
    return replies && check_replies(replies, error) ? g_steal_pointer(&replies) : NULL;
}

/* The server was demoted or is being replaced; nothing was written. */
static gboolean is_failover(const GError *error)
{
    return g_error_matches(error, REDIS_ERROR, REDIS_ERROR_REPLY) &&
           (strstr(error->message, "READONLY") || strstr(error->message, "NOREPLICAS") ||
            strstr(error->message, "UNBLOCKED"));
}

GPtrArray *redis_pipeline(Redis *redis, GPtrArray *commands, GError **error)
{
    g_autoptr(GPtrArray) owned_commands = commands;
    GError *failure = NULL;
    GPtrArray *replies = exchange(redis, owned_commands, &failure);
    if (!replies && is_failover(failure)) {
        g_clear_error(&failure);
        redis_disconnect(redis);
        replies = exchange(redis, owned_commands, &failure);
    }
    if (!replies)
        g_propagate_error(error, failure);
    return replies;
}

GPtrArray *redis_commands_new(void)
{
    return g_ptr_array_new_with_free_func((GDestroyNotify)redis_command_free);
}

redisReply *redis_run(Redis *redis, RedisCommand *command, GError **error)
{
    GPtrArray *commands = redis_commands_new();
    g_ptr_array_add(commands, command);
    g_autoptr(GPtrArray) replies = redis_pipeline(redis, commands, error);
    return replies ? g_ptr_array_steal_index(replies, 0) : NULL;
}

redisReply *redis_call(Redis *redis, GError **error, const char *verb, ...)
{
    va_list words;
    va_start(words, verb);
    RedisCommand *command = redis_command_new_va(verb, words);
    va_end(words);
    return redis_run(redis, command, error);
}

GPtrArray *redis_multi(Redis *redis, GPtrArray *commands, GError **error)
{
    g_ptr_array_insert(commands, 0, redis_command_new("MULTI", NULL));
    g_ptr_array_add(commands, redis_command_new("EXEC", NULL));
    g_autoptr(GPtrArray) replies = redis_pipeline(redis, commands, error);
    if (!replies)
        return NULL;

    redisReply *exec = replies->pdata[replies->len - 1];
    g_autoptr(GPtrArray) results = g_ptr_array_new_with_free_func((GDestroyNotify)redis_reply_free);
    for (gsize i = 0; i < exec->elements; i++)
        g_ptr_array_add(results, exec->element[i]);
    exec->elements = 0; /* they belong to `results` now */
    return check_replies(results, error) ? g_steal_pointer(&results) : NULL;
}
