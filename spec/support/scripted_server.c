#include "spec/support/scripted_server.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct ScriptedServer {
    int socket;
    char *url;
    GThread *thread;
    GMutex lock;
    GQueue *replies;     /* of char *; `never` stands for no answer */
    GPtrArray *requests; /* of char * */
    GArray *hanging;     /* sockets of requests without an answer */
};

static char never[] = "never";

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

static void answer(int connection, const char *reply)
{
    gsize length = strlen(reply);
    while (length > 0) {
        ssize_t sent = send(connection, reply, length, MSG_NOSIGNAL);
        if (sent <= 0)
            return;
        reply += sent;
        length -= (gsize)sent;
    }
}

static void serve(ScriptedServer *server, int connection)
{
    char *request = read_request(connection);
    g_mutex_lock(&server->lock);
    g_ptr_array_add(server->requests, request);
    char *reply = g_queue_pop_head(server->replies);
    g_mutex_unlock(&server->lock);
    if (reply == never) {
        g_array_append_val(server->hanging, connection);
        return;
    }
    if (reply)
        answer(connection, reply);
    g_free(reply);
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
    ScriptedServer *server = g_new0(ScriptedServer, 1);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    server->socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    g_assert_cmpint(bind(server->socket, (struct sockaddr *)&address, length), ==, 0);
    g_assert_cmpint(listen(server->socket, 16), ==, 0);
    g_assert_cmpint(getsockname(server->socket, (struct sockaddr *)&address, &length), ==, 0);
    server->url = g_strdup_printf("http://127.0.0.1:%u", ntohs(address.sin_port));
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
    g_thread_join(server->thread);
    close(server->socket);
    for (guint i = 0; i < server->hanging->len; i++)
        close(g_array_index(server->hanging, int, i));
    for (char *reply; (reply = g_queue_pop_head(server->replies));)
        if (reply != never)
            g_free(reply);
    g_queue_free(server->replies);
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

static void push(ScriptedServer *server, char *reply)
{
    g_mutex_lock(&server->lock);
    g_queue_push_tail(server->replies, reply);
    g_mutex_unlock(&server->lock);
}

void scripted_server_reply(ScriptedServer *server, guint status, const char *headers, const char *body)
{
    push(server,
         g_strdup_printf("HTTP/1.1 %u Scripted\r\nConnection: close\r\nContent-Type: application/json\r\n"
                         "Content-Length: %" G_GSIZE_FORMAT "\r\n%s\r\n%s",
                         status, status == 304 ? 0 : strlen(body), headers ? headers : "",
                         status == 304 ? "" : body));
}

void scripted_server_reply_raw(ScriptedServer *server, const char *bytes)
{
    push(server, g_strdup(bytes));
}

void scripted_server_reply_never(ScriptedServer *server)
{
    push(server, never);
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
