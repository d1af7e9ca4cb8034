#include "spec/support/private_object_storage.h"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

struct PrivateObjectStorage {
    GPid pid;
    int input, output;
    guint port;
};

static void die_with_parent(G_GNUC_UNUSED gpointer user_data)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
}

/* (transfer full) */
static char *read_line(const PrivateObjectStorage *storage)
{
    GString *line = g_string_new(NULL);
    char byte;
    while (read(storage->output, &byte, 1) == 1 && byte != '\n')
        g_string_append_c(line, byte);
    return g_string_free(line, FALSE);
}

PrivateObjectStorage *private_object_storage_start(const char *folder, const char *bucket)
{
    g_autoptr(GError) error = NULL;
    PrivateObjectStorage *storage = g_new0(PrivateObjectStorage, 1);
    g_auto(GStrv) argv = g_strdupv(
        (char *[]){"ruby", SPEC_FOLDER "/support/object_storage.rb", (char *)folder, (char *)bucket, NULL});
    if (!g_spawn_async_with_pipes(NULL, argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD,
                                  die_with_parent, NULL, &storage->pid, &storage->input, &storage->output,
                                  NULL, &error))
        g_error("object_storage.rb: %s", error->message);
    g_autofree char *port = read_line(storage);
    storage->port = (guint)g_ascii_strtoull(port, NULL, 10);
    if (storage->port == 0)
        g_error("object_storage.rb ended before it was ready");
    return storage;
}

void private_object_storage_stop(PrivateObjectStorage *storage)
{
    kill(storage->pid, SIGKILL);
    waitpid(storage->pid, NULL, 0);
    close(storage->input);
    close(storage->output);
    g_free(storage);
}

void private_object_storage_fail(PrivateObjectStorage *storage, const char *fault)
{
    g_autofree char *line = g_strconcat(fault, "\n", NULL);
    if (write(storage->input, line, strlen(line)) < 0)
        g_error("object_storage.rb has ended");
    g_autofree char *in_place = read_line(storage);
    g_assert_cmpstr(in_place, ==, fault);
}

guint private_object_storage_port(const PrivateObjectStorage *storage)
{
    return storage->port;
}
