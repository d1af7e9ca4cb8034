#include "worker/health.h"

#include "protocol/autoptr_jansson.h"
#include "protocol/error_class.h"
#include "protocol/json.h"
#include "protocol/log.h"
#include "worker/metrics.h"

#include <microhttpd.h>
#include <netdb.h>
#include <string.h>

#define CONNECTION_TIMEOUT 10 /* seconds */
#define CONNECTION_LIMIT   64

static const char *health_error_class(G_GNUC_UNUSED int code)
{
    return "Errno::EADDRINUSE";
}

DEFINE_ERROR_DOMAIN(health_error, health_error_class)

/* One listening socket and what it serves. */
typedef struct Server {
    struct MHD_Daemon *daemon;
    const Health *health;
    gboolean probes, metrics;
} Server;

struct Health {
    Server servers[2];
    char *(*not_ready)(gpointer user_data);
    char *(*not_alive)(gpointer user_data);
    gpointer user_data;
};

typedef struct addrinfo Addresses;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Addresses, freeaddrinfo)

/* `body` is consumed. */
static enum MHD_Result answer(struct MHD_Connection *connection, guint status, const char *type, char *body)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer_with_free_callback(strlen(body), body, g_free);
    if (!response) {
        g_free(body);
        return MHD_NO;
    }
    MHD_add_response_header(response, "Content-Type", type);
    MHD_add_response_header(response, "Cache-Control", "no-store");
    enum MHD_Result result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result answer_status(struct MHD_Connection *connection, guint code, const char *status,
                                     const char *message)
{
    g_autoptr(json_t) body = json_pack("{s:s, s:s*}", "status", status, "message", message);
    return answer(connection, code, "application/json; charset=utf-8", json_dump(body));
}

static enum MHD_Result answer_probe(struct MHD_Connection *connection, char *(*failing)(gpointer),
                                    gpointer user_data)
{
    g_autofree char *reason = failing ? failing(user_data) : NULL;
    return reason ? answer_status(connection, MHD_HTTP_SERVICE_UNAVAILABLE, "failed", reason)
                  : answer_status(connection, MHD_HTTP_OK, "ok", NULL);
}

static enum MHD_Result handle(void *data, struct MHD_Connection *connection, const char *path,
                              const char *method, G_GNUC_UNUSED const char *version,
                              G_GNUC_UNUSED const char *upload, G_GNUC_UNUSED size_t *upload_size,
                              G_GNUC_UNUSED void **request)
{
    const Server *server = data;
    const Health *health = server->health;
    if (!g_str_equal(method, MHD_HTTP_METHOD_GET) && !g_str_equal(method, MHD_HTTP_METHOD_HEAD))
        return answer_status(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "failed", "only GET is served");
    if (server->probes && g_str_equal(path, "/readiness"))
        return answer_probe(connection, health->not_ready, health->user_data);
    if (server->probes && g_str_equal(path, "/liveness"))
        return answer_probe(connection, health->not_alive, health->user_data);
    if (server->metrics && g_str_equal(path, "/metrics"))
        return answer(connection, MHD_HTTP_OK, "text/plain; version=0.0.4; charset=utf-8", metrics_render());
    return answer_status(connection, MHD_HTTP_NOT_FOUND, "failed", "not served here");
}

static struct MHD_Daemon *listen_at(Server *server, const struct sockaddr *address, guint port)
{
    guint flags = MHD_USE_INTERNAL_POLLING_THREAD;
    if (address->sa_family == AF_INET6)
        flags |= MHD_USE_DUAL_STACK;
    return MHD_start_daemon(flags, (guint16)port, NULL, NULL, handle, server, MHD_OPTION_SOCK_ADDR, address,
                            MHD_OPTION_CONNECTION_TIMEOUT, CONNECTION_TIMEOUT, MHD_OPTION_CONNECTION_LIMIT,
                            CONNECTION_LIMIT, MHD_OPTION_END);
}

/* `*` is every address: IPv6's, which takes IPv4 along, where the machine has it, else IPv4's. (transfer
 * full) */
static Addresses *resolve(const char *address, guint port, GError **error)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    g_autofree char *service = g_strdup_printf("%u", port);
    gboolean any = g_str_equal(address, "*");
    Addresses *addresses = NULL;
    int failure = getaddrinfo(any ? "::" : address, service, &hints, &addresses);
    if (failure)
        g_set_error(error, HEALTH_ERROR, HEALTH_ERROR_LISTEN, "address %s: %s", address,
                    gai_strerror(failure));
    return addresses;
}

static struct MHD_Daemon *listen_any_ipv4(Server *server, guint port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = g_htons((guint16)port)};
    return listen_at(server, (const struct sockaddr *)&address, port);
}

static void log_listening(const Server *server, const char *address)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT);
    log_info("Health server listening", "{s:s, s:i, s:b, s:b}", "address", address, "port",
             info ? (int)info->port : 0, "probes", server->probes, "metrics", server->metrics);
}

static gboolean server_start(Server *server, const Health *health, const char *address, guint port,
                             GError **error)
{
    g_autoptr(Addresses) addresses = resolve(address, port, error);
    if (!addresses)
        return FALSE;
    server->health = health;
    server->daemon = listen_at(server, addresses->ai_addr, port);
    if (!server->daemon && g_str_equal(address, "*"))
        server->daemon = listen_any_ipv4(server, port);
    if (!server->daemon) {
        g_set_error(
            error, HEALTH_ERROR, HEALTH_ERROR_LISTEN,
            "cannot listen at %s, port %u; is another process there? Choose another port by --health-port "
            "and --metrics-port",
            address, port);
        return FALSE;
    }
    log_listening(server, address);
    return TRUE;
}

Health *health_start(const HealthOptions *options, GError **error)
{
    g_autoptr(Health) health = g_new0(Health, 1);
    health->not_ready = options->not_ready;
    health->not_alive = options->not_alive;
    health->user_data = options->user_data;
    gboolean same = options->health_address && options->metrics_address &&
                    g_str_equal(options->health_address, options->metrics_address) &&
                    options->health_port == options->metrics_port;
    Server *probes = &health->servers[0], *metrics = &health->servers[1];
    probes->probes = TRUE;
    probes->metrics = same;
    metrics->metrics = TRUE;
    if (options->health_address &&
        !server_start(probes, health, options->health_address, options->health_port, error))
        return NULL;
    if (options->metrics_address && !same &&
        !server_start(metrics, health, options->metrics_address, options->metrics_port, error))
        return NULL;
    return g_steal_pointer(&health);
}

void health_stop(Health *health)
{
    if (!health)
        return;
    for (guint i = 0; i < G_N_ELEMENTS(health->servers); i++)
        if (health->servers[i].daemon)
            MHD_stop_daemon(health->servers[i].daemon);
    g_free(health);
}
