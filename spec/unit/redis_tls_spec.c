#include "protocol/redis_tls.h"

#include "protocol/async_redis.h"
#include "protocol/redis_connect.h"
#include "spec/support/cmocka_glib.h"
#include "spec/support/config_files.h"
#include "spec/support/free_port.h"
#include "spec/support/private_redis.h"

#ifdef HUBFERRY_REDIS_TLS
#include <ev.h>
#include <fcntl.h>

/* Two servers with certificates that they have signed themselves. Ours asks its clients for one too. */
#define OURS      "ours"
#define ELSEWHERE "elsewhere"

static ConfigFiles files;
static int our_port, other_port;

static char *certificate_of(const char *server)
{
    return g_strdup_printf("%s/%s.crt", files.folder, server);
}

static char *key_of(const char *server)
{
    return g_strdup_printf("%s/%s.key", files.folder, server);
}

static int start_server(const char *name, const char *made_out_to, const char *asks_clients)
{
    g_autofree char *certificate = certificate_of(name), *key = key_of(name);
    g_autofree char *command =
        g_strdup_printf("openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=%s "
                        "-addext subjectAltName=%s -keyout %s -out %s",
                        name, made_out_to, key, certificate);
    int status = -1;
    g_autofree char *told = NULL;
    assert_true(g_spawn_command_line_sync(command, NULL, &told, &status, NULL));
    if (status != 0)
        fail_msg("%s", told);
    int port = free_port();
    g_autofree char *number = g_strdup_printf("%d", port);
    private_redis_start("--bind", "127.0.0.1", "--tls-port", number, "--tls-cert-file", certificate,
                        "--tls-key-file", key, "--tls-ca-cert-file", certificate, "--tls-auth-clients",
                        asks_clients, NULL);
    return port;
}

static int start(G_GNUC_UNUSED void **state)
{
    files = config_files_new();
    our_port = start_server(OURS, "DNS:localhost,IP:127.0.0.1", "yes");
    other_port = start_server(ELSEWHERE, "DNS:elsewhere.example,IP:127.0.0.2", "no");
    return 0;
}

static int stop(G_GNUC_UNUSED void **state)
{
    config_files_remove(&files);
    return 0;
}

/* (transfer full) */
static RedisSettings *settings_of(const char *host, int port, const char *trusted)
{
    RedisSettings *settings = redis_settings_new();
    g_autofree char *url = g_strdup_printf("rediss://%s:%d/1", host, port);
    assert_true(redis_settings_apply_url(settings, url, NULL));
    settings->tls_ca_file = certificate_of(trusted);
    settings->tls_cert_file = certificate_of(OURS);
    settings->tls_key_file = key_of(OURS);
    return settings;
}

static void assert_answers(const RedisSettings *settings)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Redis) redis = redis_new(settings);
    g_autoptr(redisReply) reply = redis_call(redis, &error, "PING", NULL);
    assert_no_error(error);
    assert_string_equal(reply->str, "PONG");
}

static void assert_refused(const RedisSettings *settings, const char *words)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(redisContext) context = redis_connect(settings, &error);
    assert_null(context);
    assert_error(error, REDIS_ERROR, REDIS_ERROR_CONNECT);
    if (!strstr(error->message, words))
        fail_msg("'%s' does not say '%s'", error->message, words);
}

static void names_and_addresses_of_the_certificate_are_accepted(G_GNUC_UNUSED void **state)
{
    g_autoptr(RedisSettings) name = settings_of("localhost", our_port, OURS);
    assert_answers(name);
    g_autoptr(RedisSettings) address = settings_of("127.0.0.1", our_port, OURS);
    assert_answers(address);
}

static void other_names_and_addresses_are_refused(G_GNUC_UNUSED void **state)
{
    g_autoptr(RedisSettings) name = settings_of("localhost", other_port, ELSEWHERE);
    assert_refused(name, "hostname mismatch");
    g_autoptr(RedisSettings) address = settings_of("127.0.0.1", other_port, ELSEWHERE);
    assert_refused(address, "IP address mismatch");
}

static void unknown_authorities_are_refused(G_GNUC_UNUSED void **state)
{
    g_autoptr(RedisSettings) settings = settings_of("localhost", our_port, ELSEWHERE);
    assert_refused(settings, "self-signed certificate");
    g_clear_pointer(&settings->tls_ca_file, g_free);
    assert_refused(settings, "self-signed certificate");
}

static void nothing_is_verified_where_the_settings_say_so(G_GNUC_UNUSED void **state)
{
    g_autoptr(RedisSettings) settings = settings_of("localhost", other_port, OURS);
    settings->tls_no_verify = TRUE;
    assert_answers(settings);
}

static void a_server_may_want_a_certificate(G_GNUC_UNUSED void **state)
{
    g_autoptr(RedisSettings) settings = settings_of("localhost", our_port, OURS);
    g_clear_pointer(&settings->tls_cert_file, g_free);
    g_clear_pointer(&settings->tls_key_file, g_free);
    assert_refused(settings, "Redis rediss://localhost:");
}

static void files_that_are_missing_or_incomplete_are_told(G_GNUC_UNUSED void **state)
{
    g_autoptr(RedisSettings) settings = settings_of("localhost", our_port, "nobody");
    assert_refused(settings, "trusted certificates");
    g_autoptr(RedisSettings) keyless = settings_of("localhost", our_port, OURS);
    g_clear_pointer(&keyless->tls_key_file, g_free);
    assert_refused(keyless, "cert_file and key_file need each other");
    keyless->tls_key_file = key_of(ELSEWHERE);
    assert_refused(keyless, "key_file");
}

static void a_server_without_tls_is_told(G_GNUC_UNUSED void **state)
{
    int port = free_port();
    g_autofree char *number = g_strdup_printf("%d", port);
    private_redis_start("--bind", "127.0.0.1", "--port", number, NULL);
    g_autoptr(RedisSettings) settings = settings_of("localhost", port, OURS);
    assert_refused(settings, "TLS: ");
}

/* The asynchronous connection, its loop, and its log. */
typedef struct Client {
    struct ev_loop *loop;
    AsyncRedis *redis;
    ev_timer tick;
    char *log;
    gboolean ready;
    GString *reply;
} Client;

static void on_ready(gpointer user_data)
{
    Client *client = user_data;
    client->ready = TRUE;
}

static void on_lost(G_GNUC_UNUSED gpointer user_data)
{
}

static void on_tick(G_GNUC_UNUSED struct ev_loop *loop, G_GNUC_UNUSED ev_timer *timer,
                    G_GNUC_UNUSED int events)
{
}

static void on_reply(const redisReply *reply, gpointer data)
{
    Client *client = data;
    g_string_append_len(client->reply, reply->str, (gssize)reply->len);
}

static Client *client_new(const RedisSettings *settings)
{
    Client *client = g_new0(Client, 1);
    client->log = g_build_filename(files.folder, "log", NULL);
    log_configure(open(client->log, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600), LOG_DEBUG);
    client->loop = ev_loop_new(EVFLAG_AUTO);
    client->reply = g_string_new(NULL);
    ev_timer_init(&client->tick, on_tick, 0.005, 0.005);
    ev_timer_start(client->loop, &client->tick);
    const AsyncRedisOptions options = {
        .loop = client->loop,
        .redis = settings,
        .name = "host:1:abc:spec",
        .log_level = LOG_DEBUG,
        .reply_timeout = 20,
        .ready = on_ready,
        .lost = on_lost,
        .user_data = client,
    };
    client->redis = async_redis_new(&options);
    return client;
}

static void client_free(Client *client)
{
    async_redis_free(client->redis);
    ev_loop_destroy(client->loop);
    g_string_free(client->reply, TRUE);
    g_free(client->log);
    g_free(client);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Client, client_free)

/* What the log says about the loss; NULL if nothing. (transfer full) */
static char *run_until_ready_or_lost(Client *client)
{
    for (;;) {
        g_autofree char *text = NULL;
        assert_true(g_file_get_contents(client->log, &text, NULL, NULL));
        if (client->ready || *text)
            return *text ? g_steal_pointer(&text) : NULL;
        ev_run(client->loop, EVRUN_ONCE);
    }
}

static void the_asynchronous_connection_carries_large_values(G_GNUC_UNUSED void **state)
{
    g_autoptr(RedisSettings) settings = settings_of("localhost", our_port, OURS);
    g_autoptr(Client) client = client_new(settings);
    assert_text(run_until_ready_or_lost(client), NULL);
    g_autofree char *value = g_strnfill(1 << 20, 'x');
    async_redis_call(client->redis, on_reply, client, "ECHO", value, NULL);
    while (client->reply->len < strlen(value))
        ev_run(client->loop, EVRUN_ONCE);
    assert_string_equal(client->reply->str, value);
}

static void the_asynchronous_connection_refuses_other_names(G_GNUC_UNUSED void **state)
{
    g_autoptr(RedisSettings) settings = settings_of("localhost", other_port, ELSEWHERE);
    g_autoptr(Client) client = client_new(settings);
    g_autofree char *log = run_until_ready_or_lost(client);
    assert_false(client->ready);
    if (!strstr(log, "hostname mismatch"))
        fail_msg("not told: %s", log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_and_addresses_of_the_certificate_are_accepted),
        cmocka_unit_test(other_names_and_addresses_are_refused),
        cmocka_unit_test(unknown_authorities_are_refused),
        cmocka_unit_test(nothing_is_verified_where_the_settings_say_so),
        cmocka_unit_test(a_server_may_want_a_certificate),
        cmocka_unit_test(files_that_are_missing_or_incomplete_are_told),
        cmocka_unit_test(a_server_without_tls_is_told),
        cmocka_unit_test(the_asynchronous_connection_carries_large_values),
        cmocka_unit_test(the_asynchronous_connection_refuses_other_names),
    };
    return cmocka_run_group_tests_name("redis_tls", tests, start, stop);
}
#else
static void rediss_is_refused_in_a_sentence(G_GNUC_UNUSED void **state)
{
    g_autoptr(RedisSettings) settings = redis_settings_new();
    g_autoptr(GError) error = NULL;
    assert_false(redis_settings_apply_url(settings, "rediss://localhost", &error));
    assert_error(error, REDIS_SETTINGS_ERROR, REDIS_SETTINGS_ERROR_NO_TLS);
    assert_string_equal(
        error->message,
        "Redis URL: rediss:// needs TLS, but this program was built with a hiredis that has none "
        "(hiredis_ssl, in hiredis 1.1 and later)");
}

/* `ssl: true` in GitLab's file instead of the URL. */
static void no_connection_goes_on_in_clear_text(G_GNUC_UNUSED void **state)
{
    PrivateRedis *server = private_redis_start(NULL, NULL);
    g_autoptr(RedisSettings) settings = redis_settings_new();
    g_autofree char *url = g_strconcat("unix:", private_redis_socket(server), NULL);
    assert_true(redis_settings_apply_url(settings, url, NULL));
    settings->tls = TRUE;
    g_autoptr(GError) error = NULL;
    assert_null(redis_connect(settings, &error));
    assert_error(error, REDIS_ERROR, REDIS_ERROR_CONNECT);
    assert_non_null(strstr(error->message, "this hiredis has no TLS"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rediss_is_refused_in_a_sentence),
        cmocka_unit_test(no_connection_goes_on_in_clear_text),
    };
    return cmocka_run_group_tests_name("redis_tls", tests, NULL, NULL);
}
#endif
