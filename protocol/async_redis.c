#include "protocol/async_redis.h"

#include "protocol/redis_connect.h"
#include "protocol/redis_tls.h"

#include <hiredis/adapters/libev.h>
#include <hiredis/async.h>
#include <signal.h>
#include <string.h>

#define BACKOFF_FIRST 0.1 /* seconds */
#define BACKOFF_MAX   5.0

struct AsyncRedis {
    AsyncRedisOptions options;
    redisAsyncContext *context; /* NULL: `reconnect` is running */
    gboolean ready;
    gint64 client_id;          /* 0: not known */
    gint64 previous_client_id; /* of the last connection that its owner could use; 0 once that is closed */

    guint awaited;           /* replies */
    ev_tstamp last_activity; /* the last reply, or the start of waiting */
    ev_timer watchdog;       /* runs while something is awaited */

    gboolean outage;
    ev_tstamp outage_began;
    guint failures; /* to connect, in a row */
    ev_timer reconnect;
};

/* One awaited reply. */
typedef struct Awaited {
    AsyncReply on_reply;
    gpointer data;
} Awaited;

static void lose(AsyncRedis *redis, const char *reason);

/* hiredis calls it with a NULL reply for everything that is awaited when the connection ends. */
static void receive(redisAsyncContext *context, void *reply, void *data)
{
    g_autofree Awaited *awaited = data;
    AsyncRedis *redis = context->data;
    if (!reply || !redis)
        return;
    redis->awaited--;
    redis->last_activity = ev_now(redis->options.loop);
    awaited->on_reply(reply, awaited->data);
}

static double patience(const AsyncRedis *redis)
{
    return redis->ready ? redis->options.reply_timeout : redis->options.redis->connect_timeout_ms / 1000.0;
}

static void watch(AsyncRedis *redis, double seconds)
{
    if (ev_is_active(&redis->watchdog))
        return;
    ev_timer_set(&redis->watchdog, seconds, 0);
    ev_timer_start(redis->options.loop, &redis->watchdog);
}

/* Replies do not touch the timer; it finds out itself how long the silence has lasted. */
static void on_watchdog(struct ev_loop *loop, ev_timer *timer, G_GNUC_UNUSED int events)
{
    AsyncRedis *redis = timer->data;
    if (redis->ready && redis->awaited == 0)
        return;
    double left = redis->last_activity + patience(redis) - ev_now(loop);
    if (left > 0)
        watch(redis, left);
    else
        async_redis_drop(redis, "no answer in time");
}

void async_redis_send(AsyncRedis *redis, AsyncReply on_reply, gpointer data, int argc, const char **argv,
                      const size_t *lengths)
{
    Awaited *awaited = g_new(Awaited, 1);
    *awaited = (Awaited){on_reply, data};
    if (redisAsyncCommandArgv(redis->context, receive, awaited, argc, argv, lengths) != REDIS_OK) {
        g_free(awaited); /* the connection is just ending, which `lost` will say */
        return;
    }
    if (redis->awaited++ == 0)
        redis->last_activity = ev_now(redis->options.loop);
    watch(redis, patience(redis));
}

void async_redis_run(AsyncRedis *redis, AsyncReply on_reply, gpointer data, RedisCommand *command)
{
    g_autoptr(RedisCommand) owned_command = command;
    async_redis_send(redis, on_reply, data, redis_command_argc(command), redis_command_argv(command),
                     redis_command_lengths(command));
}

void async_redis_call(AsyncRedis *redis, AsyncReply on_reply, gpointer data, const char *verb, ...)
{
    va_list words;
    va_start(words, verb);
    RedisCommand *command = redis_command_new_va(verb, words);
    va_end(words);
    async_redis_run(redis, on_reply, data, command);
}

/* Only the error's code goes to the log: the rest of the sentence may quote the command. */
static void on_greeting(const redisReply *reply, gpointer data)
{
    if (reply->type != REDIS_REPLY_ERROR)
        return;
    g_autofree char *code = g_strndup(reply->str, strcspn(reply->str, " "));
    async_redis_drop(data, code);
}

/* Where it is not permitted, names and numbers are just not known. */
static void on_ignored(G_GNUC_UNUSED const redisReply *reply, G_GNUC_UNUSED gpointer data)
{
}

static void become_ready(AsyncRedis *redis)
{
    redis->ready = TRUE;
    redis->previous_client_id = 0;
    redis->options.ready(redis->options.user_data);
}

/* The reply is CLIENT LIST's line about the previous number: killed only if the name is ours. */
static void on_previous(const redisReply *reply, gpointer data)
{
    AsyncRedis *redis = data;
    g_autofree char *name = g_strconcat(" name=", redis->options.name, " ", NULL);
    if (reply->type == REDIS_REPLY_STRING && strstr(reply->str, name)) {
        RedisCommand *command = redis_command_new("CLIENT", "KILL", "ID", NULL);
        redis_command_add_int(command, redis->previous_client_id);
        async_redis_run(redis, on_ignored, redis, command);
    }
    become_ready(redis);
}

static void on_client_id(const redisReply *reply, gpointer data)
{
    AsyncRedis *redis = data;
    redis->client_id = reply->type == REDIS_REPLY_INTEGER ? reply->integer : 0;
    if (redis->previous_client_id == 0 || redis->previous_client_id == redis->client_id) {
        become_ready(redis);
        return;
    }
    RedisCommand *command = redis_command_new("CLIENT", "LIST", "ID", NULL);
    redis_command_add_int(command, redis->previous_client_id);
    async_redis_run(redis, on_previous, redis, command);
}

static void greet(AsyncRedis *redis)
{
    g_autoptr(GPtrArray) greeting = redis_greeting(redis->options.redis);
    while (greeting->len > 0)
        async_redis_run(redis, on_greeting, redis, g_ptr_array_steal_index(greeting, 0));
    async_redis_call(redis, on_ignored, redis, "CLIENT", "SETNAME", redis->options.name, NULL);
    async_redis_call(redis, on_client_id, redis, "CLIENT", "ID", NULL);
}

static void on_connect(const redisAsyncContext *context, int status)
{
    AsyncRedis *redis = context->data;
    if (!redis)
        return;
    if (status == REDIS_OK) {
        greet(redis);
        return;
    }
    redis->context = NULL; /* hiredis frees it after this call */
    lose(redis, redis_tls_error(&context->c));
}

static void on_disconnect(const redisAsyncContext *context, G_GNUC_UNUSED int status)
{
    AsyncRedis *redis = context->data;
    if (!redis || redis->context != context)
        return;
    redis->context = NULL; /* hiredis frees it after this call */
    lose(redis, redis_tls_error(&context->c));
}

/* *host: (transfer full), NULL for a unix socket. */
static redisAsyncContext *open_context(const RedisSettings *settings, char **host, GError **error)
{
    if (settings->path)
        return redisAsyncConnectUnix(settings->path);

    int port;
    if (!redis_find_master(settings, host, &port, error))
        return NULL;
    redisAsyncContext *context = redisAsyncConnect(*host, port);
    if (context && !context->err)
        redisEnableKeepAlive(&context->c);
    return context;
}

/* NULL: try again later. */
static redisAsyncContext *connect_async(const RedisSettings *settings, GError **error)
{
    g_autofree char *host = NULL;
    redisAsyncContext *context = open_context(settings, &host, error);
    if (!context)
        return NULL;
    if (context->err)
        g_set_error_literal(error, REDIS_ERROR, REDIS_ERROR_CONNECT, context->errstr);
    else if (redis_start_tls(&context->c, settings, host, error))
        return context;
    redisAsyncFree(context);
    return NULL;
}

static void on_reconnect(struct ev_loop *loop, ev_timer *timer, G_GNUC_UNUSED int events)
{
    AsyncRedis *redis = timer->data;
    g_autoptr(GError) error = NULL;
    redis->context = connect_async(redis->options.redis, &error);
    ev_now_update(loop); /* sentinels and name servers may have taken longer than the watchdog's patience */
    if (!redis->context) {
        lose(redis, error ? error->message : "out of memory");
        return;
    }
    redis->context->data = redis;
    redisLibevAttach(loop, redis->context);
    redisAsyncSetConnectCallback(redis->context, on_connect);
    redisAsyncSetDisconnectCallback(redis->context, on_disconnect);
    redis->last_activity = ev_now(loop);
    watch(redis, patience(redis));
}

static void reconnect_after(AsyncRedis *redis, double seconds)
{
    ev_timer_set(&redis->reconnect, seconds, 0);
    ev_timer_start(redis->options.loop, &redis->reconnect);
}

static double backoff(guint failures)
{
    double pause = BACKOFF_FIRST * (double)(1u << MIN(failures, 16u));
    return MIN(pause, BACKOFF_MAX) * g_random_double_range(0.5, 1.0);
}

static void log_loss(const AsyncRedis *redis, const char *reason)
{
    g_autofree char *server = redis_settings_describe(redis->options.redis);
    log_write(
        redis->options.log_level, "Redis connection lost",
        json_pack("{s:s, s:s, s:s}", "connection", redis->options.name, "server", server, "reason", reason));
}

static void lose(AsyncRedis *redis, const char *reason)
{
    gboolean was_ready = redis->ready;
    redis->ready = FALSE;
    redis->awaited = 0;
    if (was_ready)
        redis->previous_client_id = redis->client_id;
    redis->client_id = 0;
    ev_timer_stop(redis->options.loop, &redis->watchdog);

    if (!redis->outage) {
        redis->outage = TRUE;
        redis->outage_began = ev_now(redis->options.loop);
        log_loss(redis, reason);
    }
    reconnect_after(redis, backoff(redis->failures++));
    if (was_ready)
        redis->options.lost(redis->options.user_data);
}

void async_redis_drop(AsyncRedis *redis, const char *reason)
{
    redisAsyncContext *context = g_steal_pointer(&redis->context);
    if (!context)
        return;
    context->data = NULL;
    lose(redis, reason);
    redisAsyncFree(context);
}

void async_redis_confirm(AsyncRedis *redis)
{
    redis->failures = 0;
    if (!redis->outage)
        return;
    redis->outage = FALSE;
    double seconds = ev_now(redis->options.loop) - redis->outage_began;
    log_write(redis->options.log_level, "Redis connection is back",
              json_pack("{s:s, s:f}", "connection", redis->options.name, "outage_s", seconds));
}

gboolean async_redis_is_outage(const redisReply *reply)
{
    static const char *const WORDS[] = {"LOADING",     "READONLY", "NOREPLICAS", "UNBLOCKED",
                                        "MASTERDOWN",  "BUSY",     "OOM",        "MISCONF",
                                        "CLUSTERDOWN", "TRYAGAIN", "NOAUTH"};
    if (reply->type != REDIS_REPLY_ERROR)
        return FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(WORDS); i++)
        if (strstr(reply->str, WORDS[i]))
            return TRUE;
    return FALSE;
}

void async_redis_drop_refused(AsyncRedis *redis, const redisReply *reply, const char *what)
{
    if (!async_redis_is_outage(reply))
        log_warn(what, "{s:s, s:s}", "connection", redis->options.name, "reason", reply->str);
    async_redis_drop(redis, reply->str);
}

static void on_script_loaded(const redisReply *reply, gpointer data)
{
    if (reply->type == REDIS_REPLY_ERROR)
        async_redis_drop_refused(data, reply, "scripts cannot be loaded");
}

void async_redis_load_script(AsyncRedis *redis, const char *source)
{
    async_redis_call(redis, on_script_loaded, redis, "SCRIPT", "LOAD", source, NULL);
}

gboolean async_redis_is_ready(const AsyncRedis *redis)
{
    return redis->ready;
}

gint64 async_redis_client_id(const AsyncRedis *redis)
{
    return redis->client_id;
}

AsyncRedis *async_redis_new(const AsyncRedisOptions *options)
{
    signal(SIGPIPE, SIG_IGN); /* hiredis 0.14 writes with write(2) */
    AsyncRedis *redis = g_new0(AsyncRedis, 1);
    redis->options = *options;
    ev_init(&redis->watchdog, on_watchdog);
    ev_init(&redis->reconnect, on_reconnect);
    redis->watchdog.data = redis->reconnect.data = redis;
    reconnect_after(redis, 0);
    return redis;
}

void async_redis_free(AsyncRedis *redis)
{
    if (!redis)
        return;
    ev_timer_stop(redis->options.loop, &redis->watchdog);
    ev_timer_stop(redis->options.loop, &redis->reconnect);
    if (redis->context) {
        redis->context->data = NULL;
        redisAsyncFree(redis->context);
    }
    g_free(redis);
}
