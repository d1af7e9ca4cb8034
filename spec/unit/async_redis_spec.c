#include "protocol/async_redis.h"
#include "spec/support/cmocka_glib.h"
#include "spec/support/free_port.h"
#include "spec/support/private_redis.h"
#include "spec/support/scripted_server.h"

#include <signal.h>
#include <stdlib.h>

#define NAME     "host:1:abc:spec"
#define PATIENCE 20.0 /* seconds */

static PrivateRedis *server;
static int server_port;

/* A connection, its loop, and what it has said. */
typedef struct Client {
    struct ev_loop *loop;
    AsyncRedis *redis;
    ev_timer tick;
    guint ready, lost;
    GString *replies;
} Client;

static void on_ready(gpointer user_data)
{
    Client *client = user_data;
    client->ready++;
}

static void on_lost(gpointer user_data)
{
    Client *client = user_data;
    client->lost++;
}

static void on_tick(G_GNUC_UNUSED struct ev_loop *loop, G_GNUC_UNUSED ev_timer *timer,
                    G_GNUC_UNUSED int events)
{
}

static void on_reply(const redisReply *reply, gpointer data)
{
    Client *client = data;
    g_string_append_printf(client->replies, "%s;", reply->str);
}

static Client *client_new_at(const RedisSettings *settings)
{
    Client *client = g_new0(Client, 1);
    client->loop = ev_loop_new(EVFLAG_AUTO);
    client->replies = g_string_new(NULL);
    ev_timer_init(&client->tick, on_tick, 0.005, 0.005);
    ev_timer_start(client->loop, &client->tick);
    const AsyncRedisOptions options = {
        .loop = client->loop,
        .redis = settings,
        .name = NAME,
        .log_level = LOG_DEBUG,
        .reply_timeout = 0.2,
        .ready = on_ready,
        .lost = on_lost,
        .user_data = client,
    };
    client->redis = async_redis_new(&options);
    return client;
}

static Client *client_new(void)
{
    return client_new_at(private_redis_settings(server));
}

static void client_free(Client *client)
{
    async_redis_free(client->redis);
    ev_loop_destroy(client->loop);
    g_string_free(client->replies, TRUE);
    g_free(client);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Client, client_free)

#define RUN_UNTIL(client, condition)                                                                         \
    do {                                                                                                     \
        gint64 deadline = g_get_monotonic_time() + (gint64)(PATIENCE * G_USEC_PER_SEC);                      \
        while (!(condition)) {                                                                               \
            if (g_get_monotonic_time() > deadline)                                                           \
                fail_msg("waited in vain for %s", #condition);                                               \
            ev_run((client)->loop, EVRUN_ONCE);                                                              \
        }                                                                                                    \
    } while (0)

static int start_server(G_GNUC_UNUSED void **state)
{
    log_configure(2, LOG_ERROR);
    server_port = free_port();
    g_autofree char *port = g_strdup_printf("%d", server_port);
    server = private_redis_start("--port", port, "--bind", "127.0.0.1", NULL);
    return 0;
}

static guint connections_named(const char *name)
{
    g_autofree char *list = private_redis_text(server, "CLIENT", "LIST", NULL);
    g_autofree char *field = g_strconcat(" name=", name, " ", NULL);
    g_auto(GStrv) parts = g_strsplit(list, field, -1);
    return g_strv_length(parts) - 1;
}

static int server_pid(void)
{
    g_autofree char *info = private_redis_text(server, "INFO", "server", NULL);
    return atoi(strstr(info, "process_id:") + strlen("process_id:"));
}

static void is_known_by_name_and_number(G_GNUC_UNUSED void **state)
{
    g_autoptr(Client) client = client_new();
    RUN_UNTIL(client, client->ready == 1);
    assert_true(async_redis_is_ready(client->redis));
    assert_int_equal(connections_named(NAME), 1);
    g_autofree char *number = g_strdup_printf("%" G_GINT64_FORMAT, async_redis_client_id(client->redis));
    g_autofree char *line = private_redis_text(server, "CLIENT", "LIST", "ID", number, NULL);
    assert_non_null(strstr(line, "name=" NAME));
}

static void replies_come_in_order(G_GNUC_UNUSED void **state)
{
    g_autoptr(Client) client = client_new();
    RUN_UNTIL(client, client->ready == 1);
    async_redis_call(client->redis, on_reply, client, "ECHO", "one", NULL);
    async_redis_call(client->redis, on_reply, client, "ECHO", "two", NULL);
    RUN_UNTIL(client, client->replies->len == strlen("one;two;"));
    assert_string_equal(client->replies->str, "one;two;");
}

static void connects_again_after_a_loss(G_GNUC_UNUSED void **state)
{
    g_autoptr(Client) client = client_new();
    RUN_UNTIL(client, client->ready == 1);
    gint64 before = async_redis_client_id(client->redis);
    g_autofree char *number = g_strdup_printf("%" G_GINT64_FORMAT, before);
    private_redis_integer(server, "CLIENT", "KILL", "ID", number, NULL);
    RUN_UNTIL(client, client->lost == 1);
    assert_false(async_redis_is_ready(client->redis));
    RUN_UNTIL(client, client->ready == 2);
    assert_true(async_redis_client_id(client->redis) > before);
}

static void a_silent_server_is_given_up(G_GNUC_UNUSED void **state)
{
    g_autoptr(Client) client = client_new();
    RUN_UNTIL(client, client->ready == 1);
    int pid = server_pid();
    kill(pid, SIGSTOP);
    async_redis_call(client->redis, on_reply, client, "ECHO", "late", NULL);
    RUN_UNTIL(client, client->lost == 1);
    kill(pid, SIGCONT);
    RUN_UNTIL(client, client->ready == 2);
    assert_int_equal(client->replies->len, 0);
    assert_int_equal(connections_named(NAME), 1);
}

/* What was sent on the first connection may still be on its way, while the second has sent nothing. */
static void the_last_connection_that_was_in_use_is_closed(G_GNUC_UNUSED void **state)
{
    g_autoptr(ScriptedServer) scripted = scripted_server_new();
    scripted_server_reply_and_keep(scripted, "+OK\r\n:7\r\n");
    scripted_server_reply_raw(scripted, "");
    scripted_server_reply_and_keep(scripted, "+OK\r\n:12\r\n");
    scripted_server_reply_raw(scripted, "");
    scripted_server_reply_and_keep(scripted, "+OK\r\n:13\r\n");
    scripted_server_reply_and_keep(scripted, "$-1\r\n");
    g_autoptr(RedisSettings) settings = redis_settings_new();
    settings->port = (int)scripted_server_port(scripted);
    g_free(settings->host);
    settings->host = g_strdup("127.0.0.1");
    g_autoptr(Client) client = client_new_at(settings);
    RUN_UNTIL(client, client->ready == 1);
    async_redis_call(client->redis, on_reply, client, "ECHO", "lost", NULL);
    RUN_UNTIL(client, client->ready == 2);
    g_autofree char *asked = scripted_server_request(scripted, 5);
    assert_string_equal(asked, "*4\r\n$6\r\nCLIENT\r\n$4\r\nLIST\r\n$2\r\nID\r\n$1\r\n7\r\n");
}

static void add_sentinel(RedisSettings *settings, const ScriptedServer *scripted)
{
    RedisSentinel *sentinel = g_new(RedisSentinel, 1);
    *sentinel = (RedisSentinel){.host = g_strdup("127.0.0.1"), .port = (int)scripted_server_port(scripted)};
    g_ptr_array_add(settings->sentinels, sentinel);
}

/* The loop's own time stands still while sentinels are asked. */
static void time_lost_on_a_silent_sentinel_does_not_count(G_GNUC_UNUSED void **state)
{
    g_autoptr(ScriptedServer) silent = scripted_server_new();
    g_autoptr(ScriptedServer) answering = scripted_server_new();
    g_autofree char *port = g_strdup_printf("%d", server_port);
    g_autofree char *master = g_strdup_printf("*2\r\n$9\r\n127.0.0.1\r\n$%zu\r\n%s\r\n", strlen(port), port);
    for (guint i = 0; i < 100; i++) {
        scripted_server_reply_never(silent);
        scripted_server_reply_raw(answering, master);
    }
    g_autoptr(RedisSettings) settings = redis_settings_new();
    settings->connect_timeout_ms = settings->read_timeout_ms = 300;
    add_sentinel(settings, silent);
    add_sentinel(settings, answering);
    g_autoptr(Client) client = client_new_at(settings);
    RUN_UNTIL(client, client->ready == 1);
}

/* After a restart the numbers begin anew: the one that was ours may be somebody else's now. */
static void a_restarted_server_s_other_clients_are_left_alone(G_GNUC_UNUSED void **state)
{
    g_autoptr(Client) client = client_new();
    RUN_UNTIL(client, client->ready == 1);
    private_redis_restart(server);
    g_autoptr(GPtrArray) others = g_ptr_array_new_with_free_func((GDestroyNotify)redis_free);
    gint64 number = 0;
    while (number < 20) {
        Redis *other = private_redis_connect(server);
        g_ptr_array_add(others, other);
        g_autoptr(redisReply) named = redis_call(other, NULL, "CLIENT", "SETNAME", "other", NULL);
        g_autoptr(redisReply) id = redis_call(other, NULL, "CLIENT", "ID", NULL);
        number = id->integer;
    }
    RUN_UNTIL(client, client->ready == 2);
    assert_int_equal(connections_named("other"), others->len);
}

static void what_time_will_cure_is_an_outage(G_GNUC_UNUSED void **state)
{
    static const struct {
        int type;
        const char *text;
        gboolean outage;
    } CASES[] = {
        {REDIS_REPLY_ERROR, "LOADING Redis is loading the dataset in memory", TRUE},
        {REDIS_REPLY_ERROR, "READONLY You can't write against a read only replica.", TRUE},
        {REDIS_REPLY_ERROR, "ERR Error running script: -OOM command not allowed", TRUE},
        {REDIS_REPLY_ERROR, "WRONGTYPE Operation against a key", FALSE},
        {REDIS_REPLY_STRING, "READONLY", FALSE},
    };
    for (guint i = 0; i < G_N_ELEMENTS(CASES); i++) {
        const redisReply reply = {.type = CASES[i].type, .str = (char *)CASES[i].text};
        assert_int_equal(async_redis_is_outage(&reply), CASES[i].outage);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_known_by_name_and_number),
        cmocka_unit_test(replies_come_in_order),
        cmocka_unit_test(connects_again_after_a_loss),
        cmocka_unit_test(a_silent_server_is_given_up),
        cmocka_unit_test(the_last_connection_that_was_in_use_is_closed),
        cmocka_unit_test(time_lost_on_a_silent_sentinel_does_not_count),
        cmocka_unit_test(a_restarted_server_s_other_clients_are_left_alone),
        cmocka_unit_test(what_time_will_cure_is_an_outage),
    };
    return cmocka_run_group_tests_name("async_redis", tests, start_server, NULL);
}
