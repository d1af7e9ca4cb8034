#include "spec/support/scripted_server.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct Reply {
    GBytes *bytes; /* NULL: no answer */
    GBytes *again; /* repeated until the client goes, or NULL */
    guint pause;   /* milliseconds between */
    gboolean keep; /* the connection */
} Reply;

static void reply_free(Reply *reply)
{
    g_clear_pointer(&reply->bytes, g_bytes_unref);
    g_clear_pointer(&reply->again, g_bytes_unref);
    g_free(reply);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Reply, reply_free)

struct ScriptedServer {
    int socket;
    gint connection; /* atomic; the one that is served, or -1 */
    guint port;
    char *url;
    GThread *thread;
    GMutex lock;
    GQueue *replies;     /* of Reply * */
    GPtrArray *requests; /* of char * */
    GArray *hanging;     /* sockets of requests without an answer */
};

/* Whether the headers, and the body that they announce, have been read. */
static gboolean is_complete(const GString *request)
{
    const char *end = strstr(request->str, "\r\n\r\n");
    const char *length = strstr(request->str, "Content-Length: ");
    if (!end)
        return FALSE;
    gsize body = length && length < end ? g_ascii_strtoull(strchr(length, ' '), NULL, 10) : 0;
    return request->len >= (gsize)(end + 4 - request->str) + body;
}

static char *read_request(int connection)
{
    GString *request = g_string_new(NULL);
    char buffer[4096];
    gboolean http = TRUE;
    while (http && !is_complete(request)) {
        ssize_t length = read(connection, buffer, sizeof buffer);
        if (length <= 0)
            break;
        g_string_append_len(request, buffer, length);
        http = g_ascii_isalpha(request->str[0]); /* not so when TLS is spoken */
    }
    return g_string_free(request, FALSE);
}

static gboolean send_all(int connection, GBytes *bytes)
{
    gsize length;
    const char *next = g_bytes_get_data(bytes, &length);
    while (length > 0) {
        ssize_t sent = send(connection, next, length, MSG_NOSIGNAL);
        if (sent <= 0)
            return FALSE;
        next += sent;
        length -= (gsize)sent;
    }
    return TRUE;
}

static void answer(int connection, const Reply *reply)
{
    gboolean listening = send_all(connection, reply->bytes);
    while (listening && reply->again) {
        listening = send_all(connection, reply->again);
        g_usleep(reply->pause * 1000);
    }
}

/* The next reply after the next request; NULL: there is no request, or no reply to it. (transfer full) */
static Reply *serve_request(ScriptedServer *server, int connection)
{
    g_autofree char *request = read_request(connection);
    if (!*request)
        return NULL;
    g_mutex_lock(&server->lock);
    Reply *reply = g_queue_pop_head(server->replies);
    g_ptr_array_add(server->requests, g_steal_pointer(&request));
    g_mutex_unlock(&server->lock);
    if (reply && reply->bytes)
        answer(connection, reply);
    return reply;
}

static void serve(ScriptedServer *server, int connection)
{
    g_atomic_int_set(&server->connection, connection);
    gboolean keep = TRUE, hang = FALSE;
    while (keep) {
        g_autoptr(Reply) reply = serve_request(server, connection);
        keep = reply && reply->keep;
        hang = reply && !reply->bytes;
    }
    g_atomic_int_set(&server->connection, -1);
    if (hang)
        g_array_append_val(server->hanging, connection);
    else
        close(connection);
}

static gpointer serve_all(gpointer data)
{
    ScriptedServer *server = data;
    int connection;
    while ((connection = accept4(server->socket, NULL, NULL, SOCK_CLOEXEC)) >= 0)
        serve(server, connection);
    return NULL;
}

ScriptedServer *scripted_server_new(void)
{
    return scripted_server_new_at("127.0.0.1", 0);
}

ScriptedServer *scripted_server_new_at(const char *ip, guint port)
{
    ScriptedServer *server = g_new0(ScriptedServer, 1);
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_addr.s_addr = inet_addr(ip), .sin_port = htons((guint16)port)};
    socklen_t length = sizeof address;
    server->connection = -1;
    server->socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    g_assert_cmpint(bind(server->socket, (struct sockaddr *)&address, length), ==, 0);
    g_assert_cmpint(listen(server->socket, 16), ==, 0);
    g_assert_cmpint(getsockname(server->socket, (struct sockaddr *)&address, &length), ==, 0);
    server->port = ntohs(address.sin_port);
    server->url = g_strdup_printf("http://%s:%u", ip, server->port);
    server->replies = g_queue_new();
    server->requests = g_ptr_array_new_with_free_func(g_free);
    server->hanging = g_array_new(FALSE, FALSE, sizeof(int));
    g_mutex_init(&server->lock);
    server->thread = g_thread_new("scripted", serve_all, server);
    return server;
}

void scripted_server_free(ScriptedServer *server)
{
    shutdown(server->socket, SHUT_RDWR);
    shutdown(g_atomic_int_get(&server->connection), SHUT_RDWR);
    g_thread_join(server->thread);
    close(server->socket);
    for (guint i = 0; i < server->hanging->len; i++)
        close(g_array_index(server->hanging, int, i));
    g_queue_free_full(server->replies, (GDestroyNotify)reply_free);
    g_ptr_array_unref(server->requests);
    g_array_unref(server->hanging);
    g_mutex_clear(&server->lock);
    g_free(server->url);
    g_free(server);
}

const char *scripted_server_url(const ScriptedServer *server)
{
    return server->url;
}

guint scripted_server_port(const ScriptedServer *server)
{
    return server->port;
}

static void push(ScriptedServer *server, Reply reply)
{
    g_mutex_lock(&server->lock);
    g_queue_push_tail(server->replies, g_memdup2(&reply, sizeof reply));
    g_mutex_unlock(&server->lock);
}

static GBytes *bytes_of(const char *text)
{
    return g_bytes_new(text, strlen(text));
}

void scripted_server_reply(ScriptedServer *server, guint status, const char *headers, const char *body)
{
    g_autofree char *reply = g_strdup_printf(
        "HTTP/1.1 %u Scripted\r\nConnection: close\r\nContent-Type: application/json\r\n"
        "Content-Length: %" G_GSIZE_FORMAT "\r\n%s\r\n%s",
        status, status == 304 ? 0 : strlen(body), headers ? headers : "", status == 304 ? "" : body);
    scripted_server_reply_raw(server, reply);
}

void scripted_server_reply_raw(ScriptedServer *server, const char *bytes)
{
    scripted_server_reply_bytes(server, bytes_of(bytes));
}

void scripted_server_reply_bytes(ScriptedServer *server, GBytes *bytes)
{
    push(server, (Reply){.bytes = bytes});
}

void scripted_server_reply_and_keep(ScriptedServer *server, const char *bytes)
{
    push(server, (Reply){.bytes = bytes_of(bytes), .keep = TRUE});
}

void scripted_server_reply_endlessly(ScriptedServer *server, const char *head, GBytes *again, guint pause)
{
    push(server, (Reply){.bytes = bytes_of(head), .again = again, .pause = pause});
}

void scripted_server_reply_never(ScriptedServer *server)
{
    push(server, (Reply){0});
}

guint scripted_server_requests(ScriptedServer *server)
{
    g_mutex_lock(&server->lock);
    guint count = server->requests->len;
    g_mutex_unlock(&server->lock);
    return count;
}

char *scripted_server_request(ScriptedServer *server, guint index)
{
    g_mutex_lock(&server->lock);
    char *request =
        index < server->requests->len ? g_strdup(g_ptr_array_index(server->requests, index)) : NULL;
    g_mutex_unlock(&server->lock);
    return request;
}
