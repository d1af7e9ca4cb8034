/*
 * A TCP proxy that delays what it passes on, as a network would: every chunk leaves DELAY microseconds after
 * it arrived, and chunks overlap, so that throughput is not limited.
 *
 *   latency_proxy TO_PORT DELAY     prints the loopback port that it listens on; runs until killed
 */
#include <arpa/inet.h>
#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <glib.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHUNK 65536

typedef struct Chunk {
    gint64 due;
    gsize length, sent;
    char bytes[];
} Chunk;

/* One direction of a connection: read here, wait, write there. */
typedef struct Pipe {
    ev_io readable, writable;
    ev_timer due;
    GQueue chunks; /* of Chunk, oldest first */
    struct Connection *connection;
} Pipe;

typedef struct Connection {
    int fds[2];
    Pipe pipes[2];
} Connection;

static gint64 delay;
static guint16 to_port;

static void connection_close(struct ev_loop *loop, Connection *connection)
{
    for (int i = 0; i < 2; i++) {
        Pipe *pipe = &connection->pipes[i];
        ev_io_stop(loop, &pipe->readable);
        ev_io_stop(loop, &pipe->writable);
        ev_timer_stop(loop, &pipe->due);
        g_queue_clear_full(&pipe->chunks, g_free);
        close(connection->fds[i]);
    }
    g_free(connection);
}

static void wait_for_next(struct ev_loop *loop, Pipe *pipe)
{
    const Chunk *next = g_queue_peek_head(&pipe->chunks);
    double seconds;

    if (!next || ev_is_active(&pipe->due) || ev_is_active(&pipe->writable))
        return;
    seconds = (double)MAX(next->due - g_get_monotonic_time(), 0) / G_USEC_PER_SEC;
    ev_now_update(loop);
    ev_timer_set(&pipe->due, seconds, 0);
    ev_timer_start(loop, &pipe->due);
}

/* Sends what is due. FALSE: the connection is gone. */
static gboolean send_due(struct ev_loop *loop, Pipe *pipe)
{
    gint64 now = g_get_monotonic_time();
    Chunk *chunk;

    ev_io_stop(loop, &pipe->writable);
    while ((chunk = g_queue_peek_head(&pipe->chunks)) && chunk->due <= now) {
        ssize_t n = write(pipe->writable.fd, chunk->bytes + chunk->sent, chunk->length - chunk->sent);
        if (n < 0 && errno != EAGAIN)
            return FALSE;
        chunk->sent += n > 0 ? (gsize)n : 0;
        if (chunk->sent < chunk->length) {
            ev_io_start(loop, &pipe->writable);
            return TRUE;
        }
        g_free(g_queue_pop_head(&pipe->chunks));
    }
    wait_for_next(loop, pipe);
    return TRUE;
}

static void on_due(struct ev_loop *loop, ev_timer *timer, int events G_GNUC_UNUSED)
{
    Pipe *pipe = timer->data;

    if (!send_due(loop, pipe))
        connection_close(loop, pipe->connection);
}

static void on_writable(struct ev_loop *loop, ev_io *io, int events G_GNUC_UNUSED)
{
    Pipe *pipe = io->data;

    if (!send_due(loop, pipe))
        connection_close(loop, pipe->connection);
}

static void on_readable(struct ev_loop *loop, ev_io *io, int events G_GNUC_UNUSED)
{
    Pipe *pipe = io->data;
    Chunk *chunk = g_malloc(sizeof *chunk + CHUNK);
    ssize_t n = read(io->fd, chunk->bytes, CHUNK);

    if (n <= 0) {
        g_free(chunk);
        if (n == 0 || errno != EAGAIN)
            connection_close(loop, pipe->connection);
        return;
    }
    chunk->due = g_get_monotonic_time() + delay;
    chunk->length = (gsize)n;
    chunk->sent = 0;
    g_queue_push_tail(&pipe->chunks, chunk);
    wait_for_next(loop, pipe);
}

static void prepare_socket(int fd)
{
    int on = 1;

    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

static struct sockaddr_in loopback(guint16 port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static void on_connection(struct ev_loop *loop, ev_io *io, int events G_GNUC_UNUSED)
{
    Connection *connection = g_new0(Connection, 1);
    struct sockaddr_in address = loopback(to_port);

    connection->fds[0] = accept(io->fd, NULL, NULL);
    connection->fds[1] = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(connection->fds[1], (struct sockaddr *)&address, sizeof address) < 0)
        g_error("cannot connect to port %u: %s", to_port, g_strerror(errno));
    for (int i = 0; i < 2; i++) {
        Pipe *pipe = &connection->pipes[i];
        prepare_socket(connection->fds[i]);
        pipe->connection = connection;
        g_queue_init(&pipe->chunks);
        pipe->readable.data = pipe->writable.data = pipe->due.data = pipe;
        ev_io_init(&pipe->readable, on_readable, connection->fds[i], EV_READ);
        ev_io_init(&pipe->writable, on_writable, connection->fds[1 - i], EV_WRITE);
        ev_timer_init(&pipe->due, on_due, 0, 0);
        ev_io_start(loop, &pipe->readable);
    }
}

int main(int argc, char **argv)
{
    struct sockaddr_in address = loopback(0);
    socklen_t length = sizeof address;
    struct ev_loop *loop = ev_default_loop(0);
    ev_io listening;
    int fd;

    if (argc != 3) {
        fprintf(stderr, "usage: latency_proxy TO_PORT DELAY_MICROSECONDS\n");
        return 2;
    }
    to_port = (guint16)atoi(argv[1]);
    delay = atoi(argv[2]);
    fd = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, 128) < 0)
        g_error("cannot listen: %s", g_strerror(errno));
    getsockname(fd, (struct sockaddr *)&address, &length);
    printf("%u\n", ntohs(address.sin_port));
    fflush(stdout);

    ev_io_init(&listening, on_connection, fd, EV_READ);
    ev_io_start(loop, &listening);
    ev_run(loop, 0);
    return 0;
}
