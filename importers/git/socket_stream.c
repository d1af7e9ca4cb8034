#include "importers/git/socket_stream.h"

#include "importers/git/autoptr_libgit2.h"

#include <errno.h>
#include <git2/sys/stream.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#define POLL_INTERVAL 100 /* milliseconds between looks at the stop flag */

typedef struct SocketStream {
    git_stream parent; /* first, as libgit2 asks */
    char *host, *port;
    int fd;
} SocketStream;

static _Thread_local const Session *current_session;
static _Thread_local const OutboundRules *current_rules;

void socket_stream_obey(const Session *session, const OutboundRules *rules)
{
    current_session = session;
    current_rules = rules;
}

static int fail(const char *what, const char *why)
{
    g_autofree char *text = g_strdup_printf("%s: %s", what, why);
    git_error_set_str(GIT_ERROR_NET, text);
    return -1;
}

/* 0 once `events` are there; -1 with libgit2's error set. */
static int wait_for(const SocketStream *stream, short events, guint timeout, const char *what)
{
    struct pollfd waiting = {.fd = stream->fd, .events = events};
    gint64 deadline = g_get_monotonic_time() + (gint64)timeout * G_USEC_PER_SEC;
    while (g_get_monotonic_time() < deadline) {
        if (current_session && session_stopping(current_session))
            return fail(what, "the transfer is to stop");
        int ready = poll(&waiting, 1, POLL_INTERVAL);
        if (ready > 0)
            return 0;
        if (ready < 0 && errno != EINTR)
            return fail(what, g_strerror(errno));
    }
    return fail(what, "timed out");
}

static int connect_to(SocketStream *stream, const struct addrinfo *address)
{
    guint port = (guint)g_ascii_strtoull(stream->port, NULL, 10);
    const char *refusal =
        current_rules ? outbound_rules_refusal(current_rules, stream->host, port, address->ai_addr) : NULL;
    if (refusal)
        return fail("URL is blocked", refusal);
    stream->fd =
        socket(address->ai_family, address->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, address->ai_protocol);
    if (stream->fd < 0)
        return fail("socket", g_strerror(errno));
    int problem = connect(stream->fd, address->ai_addr, address->ai_addrlen) == 0 ? 0 : errno;
    if (problem == EINPROGRESS) {
        socklen_t length = sizeof problem;
        if (wait_for(stream, POLLOUT, SOCKET_CONNECT_TIMEOUT, "connecting") == 0)
            getsockopt(stream->fd, SOL_SOCKET, SO_ERROR, &problem, &length);
    }
    if (problem == 0)
        return 0;
    close(stream->fd);
    stream->fd = -1;
    return problem == EINPROGRESS ? -1 : fail(stream->host, g_strerror(problem));
}

static int socket_connect(git_stream *base)
{
    SocketStream *stream = (SocketStream *)base;
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_family = AF_UNSPEC}, *found = NULL;
    int result = getaddrinfo(stream->host, stream->port, &hints, &found);
    if (result != 0)
        return fail(stream->host, gai_strerror(result));
    result = -1;
    for (struct addrinfo *address = found; address && result < 0; address = address->ai_next)
        result = connect_to(stream, address);
    freeaddrinfo(found);
    return result;
}

static ssize_t socket_read(git_stream *base, void *data, size_t length)
{
    SocketStream *stream = (SocketStream *)base;
    for (;;) {
        ssize_t received = recv(stream->fd, data, length, 0);
        if (received >= 0)
            return received;
        if (errno != EAGAIN && errno != EINTR)
            return fail("receiving", g_strerror(errno));
        if (wait_for(stream, POLLIN, SOCKET_STALL_TIMEOUT, "receiving") < 0)
            return -1;
    }
}

static ssize_t socket_write(git_stream *base, const char *data, size_t length, G_GNUC_UNUSED int flags)
{
    SocketStream *stream = (SocketStream *)base;
    for (;;) {
        ssize_t sent = send(stream->fd, data, length, MSG_NOSIGNAL);
        if (sent >= 0)
            return sent;
        if (errno != EAGAIN && errno != EINTR)
            return fail("sending", g_strerror(errno));
        if (wait_for(stream, POLLOUT, SOCKET_STALL_TIMEOUT, "sending") < 0)
            return -1;
    }
}

static int socket_close(git_stream *base)
{
    SocketStream *stream = (SocketStream *)base;
    if (stream->fd >= 0)
        close(stream->fd);
    stream->fd = -1;
    return 0;
}

static void socket_free(git_stream *base)
{
    SocketStream *stream = (SocketStream *)base;
    socket_close(base);
    g_free(stream->host);
    g_free(stream->port);
    g_free(stream);
}

static int socket_new(git_stream **out, const char *host, const char *port)
{
    SocketStream *stream = g_new0(SocketStream, 1);
    stream->parent.version = GIT_STREAM_VERSION;
    stream->parent.connect = socket_connect;
    stream->parent.read = socket_read;
    stream->parent.write = socket_write;
    stream->parent.close = socket_close;
    stream->parent.free = socket_free;
    stream->host = g_strdup(host);
    stream->port = g_strdup(port);
    stream->fd = -1;
    *out = &stream->parent;
    return 0;
}

void socket_stream_register(void)
{
    git_stream_registration registration = {.version = GIT_STREAM_VERSION, .init = socket_new};
    git_stream_register(GIT_STREAM_STANDARD, &registration);
}
