#include "spec/support/private_redis.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define START_ATTEMPTS 500 /* of 20 ms */

struct PrivateRedis {
    char *folder;
    GPtrArray *argv; /* ended by NULL */
    RedisSettings *settings;
    Redis *connection; /* for the test's own commands */
    GPid pid;
};

static GPtrArray *servers; /* of PrivateRedis, until the exit */

static void remove_folder(const char *path)
{
    g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
    for (const char *name; folder && (name = g_dir_read_name(folder));) {
        g_autofree char *child = g_build_filename(path, name, NULL);
        if (g_file_test(child, G_FILE_TEST_IS_DIR))
            remove_folder(child);
        else
            g_unlink(child);
    }
    g_rmdir(path);
}

void private_redis_kill(PrivateRedis *server)
{
    redis_disconnect(server->connection);
    if (server->pid == 0)
        return;
    kill(server->pid, SIGKILL);
    waitpid(server->pid, NULL, 0);
    server->pid = 0;
}

static void server_free(gpointer data)
{
    PrivateRedis *server = data;
    private_redis_kill(server);
    redis_free(server->connection);
    redis_settings_free(server->settings);
    g_ptr_array_unref(server->argv);
    remove_folder(server->folder);
    g_free(server->folder);
    g_free(server);
}

static void stop_all(void)
{
    g_ptr_array_unref(servers);
}

static void die_with_parent(G_GNUC_UNUSED gpointer user_data)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static void spawn(PrivateRedis *server)
{
    g_autoptr(GError) error = NULL;
    if (!g_spawn_async(server->folder, (char **)server->argv->pdata, NULL,
                       G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL,
                       die_with_parent, NULL, &server->pid, &error))
        g_error("redis-server: %s", error->message);
}

static void await_answer(PrivateRedis *server)
{
    for (int attempt = 0; attempt < START_ATTEMPTS; attempt++) {
        g_autoptr(redisReply) reply = redis_call(server->connection, NULL, "PING", NULL);
        if (reply)
            return;
        g_usleep(20000);
    }
    g_error("redis-server does not answer on %s", server->settings->path);
}

void private_redis_restart(PrivateRedis *server)
{
    private_redis_kill(server);
    spawn(server);
    await_answer(server);
}

static PrivateRedis *server_new(void)
{
    g_autoptr(GError) error = NULL;
    PrivateRedis *server = g_new0(PrivateRedis, 1);
    server->folder = g_dir_make_tmp("private_redis_XXXXXX", &error);
    if (!server->folder)
        g_error("temporary folder: %s", error->message);
    server->settings = redis_settings_new();
    g_clear_pointer(&server->settings->host, g_free);
    server->settings->path = g_build_filename(server->folder, "redis.sock", NULL);
    server->connection = redis_new(server->settings);
    return server;
}

PrivateRedis *private_redis_start(const char *argument, ...)
{
    PrivateRedis *server = server_new();
    g_auto(GStrv) fixed =
        g_strdupv((char *[]){"redis-server", "--port", "0", "--unixsocket", server->settings->path, "--save",
                             "", "--dir", server->folder, NULL});
    server->argv = g_ptr_array_new_with_free_func(g_free);
    for (char **word = fixed; *word; word++)
        g_ptr_array_add(server->argv, g_strdup(*word));
    va_list words;
    va_start(words, argument);
    for (const char *word = argument; word; word = va_arg(words, const char *))
        g_ptr_array_add(server->argv, g_strdup(word));
    va_end(words);
    g_ptr_array_add(server->argv, NULL);

    if (!servers) {
        servers = g_ptr_array_new_with_free_func(server_free);
        atexit(stop_all);
    }
    g_ptr_array_add(servers, server);
    private_redis_restart(server);
    return server;
}

const RedisSettings *private_redis_settings(const PrivateRedis *server)
{
    return server->settings;
}

const char *private_redis_socket(const PrivateRedis *server)
{
    return server->settings->path;
}

Redis *private_redis_connect(const PrivateRedis *server)
{
    return redis_new(server->settings);
}

static redisReply *run_va(const PrivateRedis *server, const char *verb, va_list words)
{
    g_autoptr(GError) error = NULL;
    redisReply *reply = redis_run(server->connection, redis_command_new_va(verb, words), &error);
    if (!reply)
        g_error("%s: %s", verb, error->message);
    return reply;
}

redisReply *private_redis_command(const PrivateRedis *server, const char *verb, ...)
{
    va_list words;
    va_start(words, verb);
    redisReply *reply = run_va(server, verb, words);
    va_end(words);
    return reply;
}

gint64 private_redis_integer(const PrivateRedis *server, const char *verb, ...)
{
    va_list words;
    va_start(words, verb);
    g_autoptr(redisReply) reply = run_va(server, verb, words);
    va_end(words);
    return reply->integer;
}

char *private_redis_text(const PrivateRedis *server, const char *verb, ...)
{
    va_list words;
    va_start(words, verb);
    g_autoptr(redisReply) reply = run_va(server, verb, words);
    va_end(words);
    return g_strdup(reply->str);
}

void private_redis_flush(const PrivateRedis *server)
{
    g_autoptr(redisReply) reply = private_redis_command(server, "FLUSHALL", NULL);
}
