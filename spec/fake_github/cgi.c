#include "spec/fake_github/cgi.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { POLL_MILLISECONDS = 200, READ_SIZE = 64 * 1024, MAXIMUM_HEADER_SIZE = 64 * 1024 };

typedef struct {
    GPid pid;
    int output; /* its standard output; -1: already closed */
    gboolean ended;
    GString *head; /* read, but not yet used: headers, then the begin of the body */
    Pause *pause;
} Cgi;

G_DEFINE_QUARK(fake - github - cgi - error, cgi_error)

/* A program that has ended its output may still be working (receive-pack's housekeeping): it is waited
 * for. One that has not is killed, as its reader is gone. */
static void cgi_free(gpointer data)
{
    Cgi *cgi = data;
    if (!cgi->ended) {
        kill(cgi->pid, SIGKILL);
    }
    close(cgi->output);
    TEMP_FAILURE_RETRY(waitpid(cgi->pid, NULL, 0));
    g_spawn_close_pid(cgi->pid);
    g_string_free(cgi->head, TRUE);
    g_free(cgi);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Cgi, cgi_free)

static gboolean wait_for_output(const Cgi *cgi)
{
    struct pollfd descriptor = {.fd = cgi->output, .events = POLLIN};
    while (!pause_is_over(cgi->pause)) {
        int ready = poll(&descriptor, 1, POLL_MILLISECONDS);
        if (ready > 0 || (ready < 0 && errno != EINTR)) {
            return TRUE;
        }
    }
    return FALSE;
}

static gssize read_output(Cgi *cgi, char *buffer, gsize size)
{
    if (!wait_for_output(cgi)) {
        return -1;
    }
    gssize count = TEMP_FAILURE_RETRY(read(cgi->output, buffer, size));
    cgi->ended = count == 0;
    return count;
}

static gssize read_stream(gpointer source, char *buffer, gsize size)
{
    Cgi *cgi = source;
    if (cgi->head->len > 0) {
        gsize count = MIN(size, cgi->head->len);
        memcpy(buffer, cgi->head->str, count);
        g_string_erase(cgi->head, 0, (gssize)count);
        return (gssize)count;
    }
    return read_output(cgi, buffer, size);
}

static const ResponseStream STREAM = {read_stream, cgi_free};

static Cgi *start(char **argv, char **environment, const Request *request, Pause *pause, GError **error)
{
    int input = request->body_fd >= 0 ? request->body_fd : open("/dev/null", O_RDONLY | O_CLOEXEC);
    GPid pid = 0;
    int output = -1;
    gboolean started =
        g_spawn_async_with_pipes_and_fds(NULL, (const char *const *)argv, (const char *const *)environment,
                                         G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, input,
                                         -1, -1, NULL, NULL, 0, &pid, NULL, &output, NULL, error);
    if (input != request->body_fd) {
        close(input);
    }
    if (!started) {
        return NULL;
    }
    Cgi *cgi = g_new0(Cgi, 1);
    *cgi = (Cgi){.pid = pid, .output = output, .head = g_string_new(NULL), .pause = pause};
    return cgi;
}

/* Reads until the empty line; what follows it stays in head. NULL when the output ends before.
 * (transfer full) */
static char *read_headers(Cgi *cgi)
{
    char buffer[READ_SIZE];
    const char *end = NULL;
    while ((end = strstr(cgi->head->str, "\r\n\r\n")) == NULL) {
        gssize count = read_output(cgi, buffer, sizeof buffer);
        if (count <= 0 || cgi->head->len > MAXIMUM_HEADER_SIZE) {
            return NULL;
        }
        g_string_append_len(cgi->head, buffer, count);
    }
    gsize length = (gsize)(end - cgi->head->str);
    char *headers = g_strndup(cgi->head->str, length);
    g_string_erase(cgi->head, 0, (gssize)(length + strlen("\r\n\r\n")));
    return headers;
}

static guint status_of(char **lines)
{
    for (char **line = lines; *line != NULL; line++) {
        if (g_ascii_strncasecmp(*line, "Status:", strlen("Status:")) == 0) {
            return (guint)g_ascii_strtoull(*line + strlen("Status:"), NULL, 10);
        }
    }
    return MHD_HTTP_OK;
}

static void copy_headers(char **lines, Response *response)
{
    for (char **line = lines; *line != NULL; line++) {
        g_auto(GStrv) pair = g_strsplit(*line, ":", 2);
        if (pair[0] != NULL && pair[1] != NULL && g_ascii_strcasecmp(pair[0], "Status") != 0 &&
            g_ascii_strcasecmp(pair[0], "Content-Length") != 0) {
            response_set_header(response, pair[0], g_strstrip(pair[1]));
        }
    }
}

Response *cgi_run(char **argv, char **environment, const Request *request, Pause *pause, GError **error)
{
    g_autoptr(Cgi) cgi = start(argv, environment, request, pause, error);
    if (cgi == NULL) {
        return NULL;
    }
    g_autofree char *headers = read_headers(cgi);
    if (headers == NULL) {
        g_set_error(error, CGI_ERROR, 0, "%s ended without an answer", argv[0]);
        return NULL;
    }
    g_auto(GStrv) lines = g_strsplit(headers, "\r\n", -1);
    Response *response = response_new_stream(status_of(lines), &STREAM, g_steal_pointer(&cgi));
    copy_headers(lines, response);
    return response;
}
