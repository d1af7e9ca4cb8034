#include "spec/support/private_object_storage.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

struct PrivateObjectStorage {
    GPid pid;
    guint port;
};

static void die_with_parent(G_GNUC_UNUSED gpointer user_data)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static guint read_port(int output)
{
    char digits[16];
    gsize length = 0;
    while (length < sizeof digits - 1 && read(output, digits + length, 1) == 1 && digits[length] != '\n')
        length++;
    digits[length] = '\0';
    close(output);
    return (guint)g_ascii_strtoull(digits, NULL, 10);
}

PrivateObjectStorage *private_object_storage_start(const char *folder, const char *bucket)
{
    g_autoptr(GError) error = NULL;
    PrivateObjectStorage *storage = g_new0(PrivateObjectStorage, 1);
    g_auto(GStrv) argv = g_strdupv(
        (char *[]){"ruby", SPEC_FOLDER "/support/object_storage.rb", (char *)folder, (char *)bucket, NULL});
    int output = -1;
    if (!g_spawn_async_with_pipes(NULL, argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD,
                                  die_with_parent, NULL, &storage->pid, NULL, &output, NULL, &error))
        g_error("object_storage.rb: %s", error->message);
    storage->port = read_port(output);
    if (storage->port == 0)
        g_error("object_storage.rb ended before it was ready");
    return storage;
}

void private_object_storage_stop(PrivateObjectStorage *storage)
{
    kill(storage->pid, SIGKILL);
    waitpid(storage->pid, NULL, 0);
    g_free(storage);
}

guint private_object_storage_port(const PrivateObjectStorage *storage)
{
    return storage->port;
}
