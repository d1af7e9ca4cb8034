#include "spec/support/fake_github.h"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

struct FakeGithubProcess {
    GPid pid;
    char *url;
};

static const char announcement[] = "listening on ";

static void die_with_parent(G_GNUC_UNUSED gpointer data)
{
    prctl(PR_SET_PDEATHSIG, SIGTERM);
}

static char *read_line(int fd)
{
    GString *line = g_string_new(NULL);
    char character;
    while (read(fd, &character, 1) == 1 && character != '\n')
        g_string_append_c(line, character);
    return g_string_free(line, FALSE);
}

FakeGithubProcess *fake_github_start(const char *const *options)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GStrvBuilder) arguments = g_strv_builder_new();
    g_strv_builder_add(arguments, HUBFERRY_BUILD "/spec/fake_github/fake_github");
    g_strv_builder_addv(arguments, (const char **)options);
    g_auto(GStrv) argv = g_strv_builder_end(arguments);
    FakeGithubProcess *process = g_new0(FakeGithubProcess, 1);
    int output;
    if (!g_spawn_async_with_pipes(NULL, argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, die_with_parent, NULL,
                                  &process->pid, NULL, &output, NULL, &error))
        g_error("%s", error->message);
    g_autofree char *line = read_line(output);
    close(output);
    if (!g_str_has_prefix(line, announcement))
        g_error("fake_github did not start: %s", line);
    process->url = g_strdup(line + strlen(announcement));
    return process;
}

void fake_github_stop(FakeGithubProcess *process)
{
    kill(process->pid, SIGTERM);
    waitpid(process->pid, NULL, 0);
    g_spawn_close_pid(process->pid);
    g_free(process->url);
    g_free(process);
}

const char *fake_github_url(const FakeGithubProcess *process)
{
    return process->url;
}
