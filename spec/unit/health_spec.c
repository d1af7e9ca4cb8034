#include "worker/health.h"

#include <curl/curl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "protocol/log.h"
#include "spec/support/cmocka_glib.h"
#include "spec/support/free_port.h"

static const char *not_ready_reason, *not_alive_reason;

static char *not_ready(G_GNUC_UNUSED gpointer user_data)
{
    return g_strdup(not_ready_reason);
}

static char *not_alive(G_GNUC_UNUSED gpointer user_data)
{
    return g_strdup(not_alive_reason);
}

static gsize take_body(const char *bytes, gsize size, gsize n, void *body)
{
    g_string_append_len(body, bytes, (gssize)(size * n));
    return size * n;
}

/* The status, or 0 when nobody answers. */
static glong get(guint port, const char *path, GString *body, const char *method)
{
    glong status = 0;
    g_autofree char *url = g_strdup_printf("http://127.0.0.1:%u%s", port, path);
    CURL *curl = curl_easy_init();
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, body);
    if (curl_easy_perform(curl) == CURLE_OK)
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_cleanup(curl);
    return status;
}

static void assert_answer(guint port, const char *path, glong status, const char *words)
{
    g_autoptr(GString) body = g_string_new(NULL);
    assert_int_equal(get(port, path, body, "GET"), status);
    if (!strstr(body->str, words))
        fail_msg("%s answers '%s', not '%s'", path, body->str, words);
}

static Health *start(const char *health_address, guint health_port, const char *metrics_address,
                     guint metrics_port)
{
    HealthOptions options = {.health_address = health_address,
                             .health_port = health_port,
                             .metrics_address = metrics_address,
                             .metrics_port = metrics_port,
                             .not_ready = not_ready,
                             .not_alive = not_alive};
    g_autoptr(GError) error = NULL;
    Health *health = health_start(&options, &error);
    assert_no_error(error);
    return health;
}

static void probes_tell_how_the_process_is(G_GNUC_UNUSED void **state)
{
    int port = free_port();
    g_autoptr(Health) health = start("127.0.0.1", port, NULL, 0);
    not_ready_reason = not_alive_reason = NULL;
    assert_answer(port, "/readiness", 200, "{\"status\":\"ok\"}");
    assert_answer(port, "/liveness", 200, "{\"status\":\"ok\"}");
    not_ready_reason = "Redis is not connected";
    assert_answer(port, "/readiness", 503, "{\"status\":\"failed\",\"message\":\"Redis is not connected\"}");
    assert_answer(port, "/liveness", 200, "ok");
    not_alive_reason = "the event loop hangs";
    assert_answer(port, "/liveness", 503, "the event loop hangs");
}

static void each_server_serves_only_its_own(G_GNUC_UNUSED void **state)
{
    int health_port = free_port(), metrics_port = free_port();
    g_autoptr(Health) health = start("127.0.0.1", health_port, "127.0.0.1", metrics_port);
    not_ready_reason = not_alive_reason = NULL;
    assert_answer(health_port, "/readiness", 200, "ok");
    assert_answer(health_port, "/metrics", 404, "not served here");
    assert_answer(metrics_port, "/metrics", 200, "sidekiq_concurrency");
    assert_answer(metrics_port, "/liveness", 404, "not served here");
}

static void one_address_and_port_serve_everything(G_GNUC_UNUSED void **state)
{
    int port = free_port();
    g_autoptr(Health) health = start("*", port, "*", port);
    not_ready_reason = not_alive_reason = NULL;
    assert_answer(port, "/readiness", 200, "ok");
    assert_answer(port, "/metrics", 200, "# TYPE sidekiq_concurrency gauge");
}

static void only_get_and_head_are_served(G_GNUC_UNUSED void **state)
{
    int port = free_port();
    g_autoptr(Health) health = start("127.0.0.1", port, NULL, 0);
    g_autoptr(GString) body = g_string_new(NULL);
    assert_int_equal(get(port, "/readiness", body, "POST"), 405);
    assert_int_equal(get(port, "/", body, "GET"), 404);
}

static void a_taken_port_is_an_error_with_advice(G_GNUC_UNUSED void **state)
{
    int port = free_port();
    g_autoptr(Health) health = start("127.0.0.1", port, NULL, 0);
    HealthOptions options = {.metrics_address = "127.0.0.1", .metrics_port = port};
    g_autoptr(GError) error = NULL;
    assert_null(health_start(&options, &error));
    assert_error(error, HEALTH_ERROR, HEALTH_ERROR_LISTEN);
    assert_non_null(strstr(error->message, "--metrics-port"));
}

static void an_address_that_does_not_exist_is_an_error(G_GNUC_UNUSED void **state)
{
    HealthOptions options = {.health_address = "not.an.address.invalid", .health_port = 1};
    g_autoptr(GError) error = NULL;
    assert_null(health_start(&options, &error));
    assert_error(error, HEALTH_ERROR, HEALTH_ERROR_LISTEN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(probes_tell_how_the_process_is),
        cmocka_unit_test(each_server_serves_only_its_own),
        cmocka_unit_test(one_address_and_port_serve_everything),
        cmocka_unit_test(only_get_and_head_are_served),
        cmocka_unit_test(a_taken_port_is_an_error_with_advice),
        cmocka_unit_test(an_address_that_does_not_exist_is_an_error),
    };
    log_configure(STDERR_FILENO, LOG_WARN);
    return cmocka_run_group_tests_name("health", tests, NULL, NULL);
}
