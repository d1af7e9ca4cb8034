#include "spec/fake_github/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "spec/fake_github/rest.h"

enum { MAXIMUM_CONNECTIONS = 1000, IDLE_SECONDS = 300 };

struct Server {
    struct MHD_Daemon *daemon;
    FakeGithub *fake;
    char *certificate;
    char *key;
};

static Response *make_response(FakeGithub *fake, Request *request, const Route *route, const Fault *fault)
{
    Response *response = fault != NULL ? fault_response(fault, request) : NULL;
    if (response == NULL) {
        response = route->handle(fake, request, route);
    }
    if (route->is_rest) {
        rest_add_headers(fake, response);
    }
    if (fault != NULL) {
        fault_distort(fault, response);
    }
    return response;
}

static enum MHD_Result answer_control(FakeGithub *fake, Request *request, const Route *route)
{
    guint64 not_counted = 0;
    return response_send(route->handle(fake, request, route), request->connection, &not_counted);
}

static enum MHD_Result answer(FakeGithub *fake, Request *request)
{
    g_autoptr(Route) route = router_resolve(fake, request);
    if (route->is_control) {
        return answer_control(fake, request, route);
    }
    g_autoptr(Fault) fault = faults_pick(fake->faults, request, route->path);
    if (fault != NULL && !fault_strike(fault, request, fake->pause)) {
        journal_record(fake->journal, request, route->pattern, 0, TRUE, route->is_file);
        return MHD_NO;
    }
    Response *response = make_response(fake, request, route, fault);
    journal_record(fake->journal, request, route->pattern, response_status(response), fault != NULL,
                   route->is_file);
    return response_send(response, request->connection, journal_bytes_sent(fake->journal));
}

/* libmicrohttpd calls this when it has the request line: the only place that sees the query as sent. */
static void *begin_request(void *data, const char *target, struct MHD_Connection *connection)
{
    (void)data;
    (void)connection;
    return request_new(target);
}

/* First called with the headers, then with each piece of the body, then with an empty piece. */
static enum MHD_Result handle_request(void *data, struct MHD_Connection *connection, const char *url,
                                      const char *method, const char *version, const char *upload_data,
                                      size_t *upload_size, void **state)
{
    (void)url;
    (void)version;
    const Server *server = data;
    Request *request = *state;
    if (request->connection == NULL) {
        request_begin(request, connection, method, server->certificate != NULL);
        return MHD_YES;
    }
    if (*upload_size > 0) {
        gboolean kept = request_append_body(request, upload_data, *upload_size);
        *upload_size = 0;
        return kept ? MHD_YES : MHD_NO;
    }
    request_rewind_body(request);
    return answer(server->fake, request);
}

static void end_request(void *data, struct MHD_Connection *connection, void **state,
                        enum MHD_RequestTerminationCode reason)
{
    (void)data;
    (void)connection;
    (void)reason;
    g_clear_pointer((Request **)state, request_free);
}

static gboolean load_tls_files(Server *server, const Options *options, GError **error)
{
    if (options->certificate_file == NULL) {
        return TRUE;
    }
    if (MHD_is_feature_supported(MHD_FEATURE_TLS) != MHD_YES) {
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "libmicrohttpd was built without TLS");
        return FALSE;
    }
    return g_file_get_contents(options->certificate_file, &server->certificate, NULL, error) &&
           g_file_get_contents(options->key_file, &server->key, NULL, error);
}

static struct MHD_Daemon *start_daemon(Server *server, const struct sockaddr_in *address)
{
    const struct MHD_OptionItem tls[] = {
        {MHD_OPTION_HTTPS_MEM_CERT, 0, server->certificate},
        {MHD_OPTION_HTTPS_MEM_KEY, 0, server->key},
        {MHD_OPTION_END, 0, NULL},
    };
    const struct MHD_OptionItem plain[] = {{MHD_OPTION_END, 0, NULL}};
    guint flags = MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL_INTERNAL_THREAD |
                  (server->certificate != NULL ? (guint)MHD_USE_TLS : 0);
    return MHD_start_daemon(flags, 0, NULL, NULL, handle_request, server, MHD_OPTION_SOCK_ADDR, address,
                            MHD_OPTION_URI_LOG_CALLBACK, begin_request, NULL, MHD_OPTION_NOTIFY_COMPLETED,
                            end_request, NULL, MHD_OPTION_CONNECTION_LIMIT, (guint)MAXIMUM_CONNECTIONS,
                            MHD_OPTION_CONNECTION_TIMEOUT, (guint)IDLE_SECONDS, MHD_OPTION_ARRAY,
                            server->certificate != NULL ? tls : plain, MHD_OPTION_END);
}

Server *server_start(FakeGithub *fake, GError **error)
{
    g_autoptr(Server) server = g_new0(Server, 1);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((guint16)fake->options->port)};
    server->fake = fake;
    if (inet_pton(AF_INET, fake->options->address, &address.sin_addr) != 1) {
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "'%s' is not an IPv4 address",
                    fake->options->address);
        return NULL;
    }
    if (!load_tls_files(server, fake->options, error)) {
        return NULL;
    }
    server->daemon = start_daemon(server, &address);
    if (server->daemon == NULL) {
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "cannot listen on %s port %d: %s",
                    fake->options->address, fake->options->port, g_strerror(errno));
        return NULL;
    }
    return g_steal_pointer(&server);
}

guint server_port(const Server *server)
{
    return MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
}

void server_stop(Server *server)
{
    pause_end(server->fake->pause);
    g_clear_pointer(&server->daemon, MHD_stop_daemon);
    g_free(server->certificate);
    g_free(server->key);
    g_free(server);
}
