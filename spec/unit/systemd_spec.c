#include "worker/systemd.h"

#include "spec/support/cmocka_glib.h"

#include <glib/gstdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static char *folder, *path;
static int receiver;

static int open_socket(G_GNUC_UNUSED void **state)
{
    folder = g_dir_make_tmp("hubferry-XXXXXX", NULL);
    path = g_build_filename(folder, "notify", NULL);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    g_strlcpy(address.sun_path, path, sizeof address.sun_path);
    receiver = socket(AF_UNIX, SOCK_DGRAM, 0);
    return bind(receiver, (struct sockaddr *)&address, sizeof address);
}

static int close_socket(G_GNUC_UNUSED void **state)
{
    close(receiver);
    g_unlink(path);
    g_rmdir(folder);
    g_free(path);
    g_free(folder);
    return 0;
}

static void assert_received(const char *expected)
{
    char text[64] = "";
    ssize_t length = recv(receiver, text, sizeof text - 1, 0);
    assert_int_equal(length, strlen(expected));
    assert_string_equal(text, expected);
}

static void tells_systemd(G_GNUC_UNUSED void **state)
{
    g_setenv("NOTIFY_SOCKET", path, TRUE);
    systemd_notify("READY=1");
    assert_received("READY=1");
    systemd_notify("STOPPING=1");
    assert_received("STOPPING=1");
}

static void tells_nobody_without_a_socket(G_GNUC_UNUSED void **state)
{
    char nothing[1];
    g_unsetenv("NOTIFY_SOCKET");
    systemd_notify("READY=1");
    g_setenv("NOTIFY_SOCKET", "", TRUE);
    systemd_notify("READY=1");
    g_setenv("NOTIFY_SOCKET", "/nowhere/at/all", TRUE);
    systemd_notify("READY=1");
    assert_int_equal(recv(receiver, nothing, sizeof nothing, MSG_DONTWAIT), -1);
}

static void pings_at_half_the_interval(G_GNUC_UNUSED void **state)
{
    g_unsetenv("WATCHDOG_PID");
    g_unsetenv("WATCHDOG_USEC");
    assert_true(systemd_watchdog_interval() == 0);
    g_setenv("WATCHDOG_USEC", "30000000", TRUE);
    assert_true(systemd_watchdog_interval() == 15);
}

static void the_watchdog_of_another_process_is_not_ours(G_GNUC_UNUSED void **state)
{
    g_autofree char *own = g_strdup_printf("%d", getpid());
    g_setenv("WATCHDOG_USEC", "30000000", TRUE);
    g_setenv("WATCHDOG_PID", "1", TRUE);
    assert_true(systemd_watchdog_interval() == 0);
    g_setenv("WATCHDOG_PID", own, TRUE);
    assert_true(systemd_watchdog_interval() == 15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_systemd),
        cmocka_unit_test(tells_nobody_without_a_socket),
        cmocka_unit_test(pings_at_half_the_interval),
        cmocka_unit_test(the_watchdog_of_another_process_is_not_ours),
    };
    return cmocka_run_group_tests(tests, open_socket, close_socket);
}
