#include "spec/fake_github/options.h"

static const char SUMMARY[] =
    "A GitHub for tests, demonstrations and benchmarks: REST under / and /api/v3, GraphQL under\n"
    "/graphql and /api/graphql, Git over HTTP under /OWNER/NAME.git, and a GitLab that takes pushes under "
    "/gitlab/GROUP/NAME.git.";

static const char DESCRIPTION[] =
    "Data:\n"
    "  The data file is {\"users\": [...], \"repositories\": [...]}. A repository has \"full_name\" and any "
    "of\n"
    "  labels, milestones, releases, issues, pulls, branches, collaborators; an issue may have comments and\n"
    "  timeline, a pull request also reviews, review_comments and requested_reviewers, a branch protection.\n"
    "  Members that are missing are filled in; --dump shows the form.\n"
    "  SPECIFICATION is "
    "labels=N,milestones=N,releases=N,issues=N,pulls=N,branches=N,collaborators=N,users=N,\n"
    "  attachments=N,lfs=N,seed=S,start=UNIX_TIME,nasty=0|1|2,late=N and, on average per issue or pull "
    "request,\n"
    "  comments=N,events=N,reviews=N,review_comments=N.\n"
    "\n"
    "Control (from this machine only):\n"
    "  POST   /__control/faults        {\"match\": \"/repos/o/n/labels\", \"status\": 502, \"times\": 2}\n"
    "                                  which: match, method, query, skip, times, percent, seed\n"
    "                                  what: status, message, body, headers, redirect, truncate, "
    "broken_json,\n"
    "                                  rate_limit (reset_in, retry_after), delay_ms, hang, reset\n"
    "  GET    /__control/faults        the faults, with how often each was hit\n"
    "  DELETE /__control/faults\n"
    "  GET    /__control/counters      requests by pattern and by status, 304s, bytes\n"
    "  GET    /__control/requests?last=N\n"
    "  GET    /__control/files         how often each attached file and LFS object was asked for\n"
    "  GET    /__control/attachments?repository=o/n  the attached files: path, size, SHA-256\n"
    "  GET    /__control/counts?repository=o/n   how many objects there are of each kind\n"
    "  GET    /__control/dump          everything as a data file; with ?repository=o/n this repository\n"
    "  GET    /__control/rate_limit\n"
    "  POST   /__control/rate_limit    {\"limit\": 5000, \"remaining\": 60, \"reset_in\": 3600} or\n"
    "                                  {\"enabled\": false}\n"
    "  POST   /__control/repositories  a repository as in the data file; replaces the one it names\n"
    "  POST   /__control/status        {\"repository\": \"o/n\", \"status\": 451}; 0 serves it again\n"
    "  POST   /__control/publish       {\"repository\": \"o/n\"}: the late commits get into its Git "
    "repository\n"
    "  POST   /__control/reset         no faults, counters, requests, statuses; the first rate limit\n";

enum { STORAGE_EXPIRES = 300, LFS_BATCH_LIMIT = 100 };

static GOptionContext *new_context(const GOptionEntry *entries)
{
    GOptionContext *context = g_option_context_new("- a fake GitHub");
    g_option_context_set_summary(context, SUMMARY);
    g_option_context_set_description(context, DESCRIPTION);
    g_option_context_add_main_entries(context, entries, NULL);
    return context;
}

static gboolean check(const Options *options, GError **error)
{
    if ((options->certificate_file == NULL) != (options->key_file == NULL)) {
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "--cert and --key belong together");
        return FALSE;
    }
    if (options->port < 0 || options->port > 65535) {
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "--port is not a port number");
        return FALSE;
    }
    return TRUE;
}

Options *options_parse(int *count, char ***arguments, GError **error)
{
    g_autoptr(Options) options = g_new0(Options, 1);
    options->storage_expires = STORAGE_EXPIRES;
    options->lfs_batch_limit = LFS_BATCH_LIMIT;
    const GOptionEntry entries[] = {
        {"address", 0, 0, G_OPTION_ARG_STRING, &options->address, "Listen here (default 127.0.0.1)", "IPV4"},
        {"port", 'p', 0, G_OPTION_ARG_INT, &options->port, "Port; 0, the default, picks a free one", "N"},
        {"port-file", 0, 0, G_OPTION_ARG_FILENAME, &options->port_file, "Write the port into this file",
         "FILE"},
        {"cert", 0, 0, G_OPTION_ARG_FILENAME, &options->certificate_file, "Speak TLS with this certificate",
         "PEM"},
        {"key", 0, 0, G_OPTION_ARG_FILENAME, &options->key_file, "The certificate's key", "PEM"},
        {"data", 'd', 0, G_OPTION_ARG_FILENAME, &options->data_file, "Serve this data file", "FILE"},
        {"generate", 'g', 0, G_OPTION_ARG_STRING_ARRAY, &options->generate,
         "Serve a generated repository; repeatable", "OWNER/NAME:SPECIFICATION"},
        {"token", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options->tokens,
         "Accept this token; repeatable (default: any)", "T"},
        {"require-auth", 0, 0, G_OPTION_ARG_NONE, &options->require_auth, "Refuse requests without a token",
         NULL},
        {"rate-limit", 0, 0, G_OPTION_ARG_INT64, &options->rate_limit,
         "Requests per hour (default: not limited)", "N"},
        {"git-root", 0, 0, G_OPTION_ARG_FILENAME, &options->git_root,
         "Serve the bare repositories DIR/OWNER/NAME.git", "DIR"},
        {"push-root", 0, 0, G_OPTION_ARG_FILENAME, &options->push_root, "Take pushes into DIR/GROUP/NAME.git",
         "DIR"},
        {"push-credentials", 0, 0, G_OPTION_ARG_STRING, &options->push_credentials,
         "Accept only these for pushes (default: any)", "USER:PASSWORD"},
        {"push-create", 0, 0, G_OPTION_ARG_NONE, &options->push_create,
         "Create a repository when it is first pushed to", NULL},
        {"storage-expires", 0, 0, G_OPTION_ARG_INT, &options->storage_expires,
         "Addresses of files are good for so long (default 300)", "SECONDS"},
        {"lfs-batch-limit", 0, 0, G_OPTION_ARG_INT, &options->lfs_batch_limit,
         "Refuse to tell about more LFS objects at once (default 100)", "N"},
        {"dump", 0, 0, G_OPTION_ARG_NONE, &options->dump, "Print everything as a data file and end", NULL},
        {"verbose", 'v', 0, G_OPTION_ARG_NONE, &options->verbose, "Log each request to standard error", NULL},
        G_OPTION_ENTRY_NULL};
    g_autoptr(GOptionContext) context = new_context(entries);

    if (!g_option_context_parse(context, count, arguments, error) || !check(options, error)) {
        return NULL;
    }
    if (options->address == NULL) {
        options->address = g_strdup("127.0.0.1");
    }
    return g_steal_pointer(&options);
}

void options_free(Options *options)
{
    g_free(options->address);
    g_free(options->port_file);
    g_free(options->certificate_file);
    g_free(options->key_file);
    g_free(options->data_file);
    g_strfreev(options->generate);
    g_strfreev(options->tokens);
    g_free(options->git_root);
    g_free(options->push_root);
    g_free(options->push_credentials);
    g_free(options);
}
