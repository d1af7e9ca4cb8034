#include "spec/fake_github/request.h"

#include <arpa/inet.h>
#include <glib/gstdio.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

Request *request_new(const char *target)
{
    Request *request = g_new0(Request, 1);
    const char *question_mark = strchr(target, '?');
    g_autofree char *escaped =
        question_mark != NULL ? g_strndup(target, (gsize)(question_mark - target)) : g_strdup(target);

    request->path = g_uri_unescape_string(escaped, NULL);
    if (request->path == NULL) {
        request->path = g_strdup(escaped);
    }
    gsize length = strlen(request->path);
    if (length > 1 && request->path[length - 1] == '/') {
        request->path[length - 1] = '\0';
    }
    request->query = g_strdup(question_mark != NULL ? question_mark + 1 : "");
    request->body_fd = -1;
    return request;
}

void request_free(Request *request)
{
    if (request->body_fd >= 0) {
        close(request->body_fd);
    }
    g_free(request->method);
    g_free(request->path);
    g_free(request->query);
    g_free(request->base_url);
    g_free(request);
}

void request_begin(Request *request, struct MHD_Connection *connection, const char *method, gboolean secure)
{
    request->connection = connection;
    request->method = g_strdup(method);
    const char *host = request_header(request, MHD_HTTP_HEADER_HOST);
    request->base_url =
        g_strdup_printf("%s://%s", secure ? "https" : "http", host != NULL ? host : "localhost");
}

static int open_spool_file(void)
{
    g_autofree char *name = NULL;
    int fd = g_file_open_tmp("fake_github-XXXXXX", &name, NULL);
    if (fd >= 0) {
        g_unlink(name);
    }
    return fd;
}

gboolean request_append_body(Request *request, const char *data, gsize length)
{
    if (request->body_fd < 0) {
        request->body_fd = open_spool_file();
        if (request->body_fd < 0) {
            return FALSE;
        }
    }
    request->body_bytes += length;
    while (length > 0) {
        ssize_t written = TEMP_FAILURE_RETRY(write(request->body_fd, data, length));
        if (written < 0) {
            return FALSE;
        }
        data += written;
        length -= (gsize)written;
    }
    return TRUE;
}

void request_rewind_body(Request *request)
{
    if (request->body_fd >= 0) {
        lseek(request->body_fd, 0, SEEK_SET);
    }
}

const char *request_header(const Request *request, const char *name)
{
    return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

const char *request_parameter(const Request *request, const char *name)
{
    return MHD_lookup_connection_value(request->connection, MHD_GET_ARGUMENT_KIND, name);
}

guint request_positive_parameter(const Request *request, const char *name, guint fallback)
{
    const char *text = request_parameter(request, name);
    guint64 value = 0;
    if (text == NULL || !g_ascii_string_to_unsigned(text, 10, 1, G_MAXINT, &value, NULL)) {
        return fallback;
    }
    return (guint)value;
}

gboolean request_is_local(const Request *request)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(request->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    if (info == NULL || info->client_addr->sa_family != AF_INET) {
        return FALSE;
    }
    const struct sockaddr_in *address = (const struct sockaddr_in *)(const void *)info->client_addr;
    return (ntohl(address->sin_addr.s_addr) >> 24) == 127;
}
