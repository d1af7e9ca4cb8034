/* fake_github: a GitHub for tests, demonstrations and benchmarks. See --help. */

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "spec/fake_github/json_text.h"
#include "spec/fake_github/server.h"

static int stop_pipe[2];

static void ask_to_stop(int signal_number)
{
    (void)signal_number;
    (void)!write(stop_pipe[1], "", 1);
}

static void catch_signals(void)
{
    struct sigaction stop = {.sa_handler = ask_to_stop};
    if (pipe(stop_pipe) != 0) {
        g_error("pipe: %s", g_strerror(errno));
    }
    sigaction(SIGTERM, &stop, NULL);
    sigaction(SIGINT, &stop, NULL);
    signal(SIGPIPE, SIG_IGN);
}

static void wait_for_signal(void)
{
    char byte = 0;
    (void)!TEMP_FAILURE_RETRY(read(stop_pipe[0], &byte, 1));
}

static DataSet *load_data(const Options *options, GError **error)
{
    g_autoptr(DataSet) data = data_set_new(options->git_root);
    if (options->data_file != NULL && !data_set_load(data, options->data_file, error)) {
        return NULL;
    }
    for (char **specification = options->generate; specification != NULL && *specification != NULL;
         specification++) {
        if (!data_set_generate(data, *specification, error)) {
            return NULL;
        }
    }
    return g_steal_pointer(&data);
}

static gboolean announce(const Options *options, const Server *server, GError **error)
{
    g_autofree char *port = g_strdup_printf("%u\n", server_port(server));
    if (options->port_file != NULL && !g_file_set_contents(options->port_file, port, -1, error)) {
        return FALSE;
    }
    g_print("listening on %s://%s:%s", options->certificate_file != NULL ? "https" : "http", options->address,
            port);
    fflush(stdout);
    return TRUE;
}

static gboolean serve(const Options *options, DataSet *data, GError **error)
{
    g_autoptr(RateLimit) rate_limit = rate_limit_new(options->rate_limit);
    g_autoptr(Faults) faults = faults_new();
    g_autoptr(Journal) journal = journal_new(options);
    g_autoptr(Pause) pause = pause_new();
    FakeGithub fake = {options, data, rate_limit, faults, journal, pause};

    catch_signals();
    g_autoptr(Server) server = server_start(&fake, error);
    if (server == NULL || !announce(options, server, error)) {
        return FALSE;
    }
    wait_for_signal();
    return TRUE;
}

/* Not with Jansson's own writer: generated texts may be such as it refuses. */
static gboolean print_dump(DataSet *data)
{
    json_auto_t *dump = data_set_dump(data);
    GString *text = json_text(dump);
    gboolean written = fwrite(text->str, 1, text->len, stdout) == text->len && putchar('\n') != EOF;
    g_string_free(text, TRUE);
    return written;
}

static gboolean run(int count, char **arguments, GError **error)
{
    g_autoptr(Options) options = options_parse(&count, &arguments, error);
    g_autoptr(DataSet) data = options != NULL ? load_data(options, error) : NULL;
    if (data == NULL) {
        return FALSE;
    }
    if (options->dump) {
        return print_dump(data);
    }
    return serve(options, data, error);
}

int main(int count, char **arguments)
{
    g_autoptr(GError) error = NULL;
    if (!run(count, arguments, &error)) {
        g_printerr("fake_github: %s\n", error != NULL ? error->message : "cannot write");
        return 1;
    }
    return 0;
}
