#include "worker/systemd.h"

#include <glib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* A name that begins with @ is an abstract socket: its first byte is NUL. */
static socklen_t notify_address(const char *path, struct sockaddr_un *address)
{
    gsize length = strlen(path);
    if (length == 0 || length >= sizeof address->sun_path)
        return 0;
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    memcpy(address->sun_path, path, length);
    if (path[0] == '@')
        address->sun_path[0] = '\0';
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
}

void systemd_notify(const char *state)
{
    const char *path = g_getenv("NOTIFY_SOCKET");
    struct sockaddr_un address;
    socklen_t length = path ? notify_address(path, &address) : 0;
    if (length == 0)
        return;
    int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0)
        return;
    sendto(descriptor, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&address, length);
    close(descriptor);
}

double systemd_watchdog_interval(void)
{
    const char *microseconds = g_getenv("WATCHDOG_USEC");
    const char *pid = g_getenv("WATCHDOG_PID");
    if (!microseconds || (pid && g_ascii_strtoll(pid, NULL, 10) != getpid()))
        return 0;
    return (double)g_ascii_strtoull(microseconds, NULL, 10) / G_USEC_PER_SEC / 2;
}
