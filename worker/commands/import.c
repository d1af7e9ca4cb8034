#include "importers/gitlab/import_state.h"
#include "protocol/keys.h"
#include "worker/commands/command.h"
#include "worker/commands/import_progress.h"
#include "worker/commands/import_request.h"
#include "worker/commands/named_project.h"
#include "worker/commands/sequential_import.h"
#include "worker/config/configuration_options.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#define FIRST_JOB         "RepositoryImportWorker"
#define EXIT_LEFT_RUNNING 3

static const OptionSpec import_option_specs[] = {
    {.name = "project",
     .letter = 'p',
     .argument = "ID|PATH",
     .help = "The GitLab project to import into, by its id or its full path; it must exist"},
    {.name = "token",
     .kind = OPTION_SECRET,
     .argument = "FILE",
     .environment = "HUBFERRY_GITHUB_TOKEN",
     .help = "File with a classic personal access token of GitHub, scope repo"},
    {.name = "github-url",
     .argument = "URL",
     .environment = "HUBFERRY_GITHUB_URL",
     .otherwise = "https://github.com",
     .help = "Where the repository is; another host is a GitHub Enterprise Server"},
    {.name = "sequential",
     .kind = OPTION_SWITCH,
     .help = "Perform all jobs in this process, one after the other, without any worker; for debugging"},
    {.name = "queued",
     .kind = OPTION_SWITCH,
     .help = "Leave the jobs to the workers, through GitLab's queues, and wait for the end; the default"},
    {.name = "attachments",
     .kind = OPTION_SWITCH,
     .help = "Also import attachments (GitLab's attachments_import)"},
    {.name = "no-collaborators",
     .kind = OPTION_SWITCH,
     .help = "Do not import collaborators (collaborators_import)"},
    {.name = "optimistic",
     .kind = OPTION_SWITCH,
     .help = "Go on to the next stage when jobs of a stage are lost for two hours, instead of failing"},
    {.name = "pagination-limit",
     .argument = "NUMBER",
     .otherwise = "100",
     .help = "Objects per page of GitHub's API"},
    {.name = "quiet", .kind = OPTION_SWITCH, .help = "No progress, only the end"},
    {NULL},
};

static gint interrupted; /* atomic */

static void on_interrupt(G_GNUC_UNUSED int signal_number)
{
    g_atomic_int_set(&interrupted, 1);
}

/* One `hubferry import`; borrowed. */
typedef struct Import {
    const Invocation *invocation;
    const Configuration *configuration;
    const WorkerRegistry *registry;
    Session *session;
    Project *project;
    gboolean sequential, quiet;
} Import;

static gboolean check_options(const Options *options, GError **error)
{
    if (options_switch(options, "sequential") && options_switch(options, "queued")) {
        g_set_error_literal(error, CONFIG_ERROR, CONFIG_ERROR_USAGE,
                            "--sequential and --queued exclude each other");
        return FALSE;
    }
    if (options_text(options, "project"))
        return TRUE;
    g_set_error_literal(error, CONFIG_ERROR, CONFIG_ERROR_USAGE,
                        "--project is missing: the id or the full path of the GitLab project to import into");
    return FALSE;
}

static Project *find_project(Session *session, const char *name, GError **error)
{
    Project *project = NULL;
    if (!named_project_find(session, name, &project, error))
        return NULL;
    if (!project)
        g_set_error(
            error, CONFIG_ERROR, CONFIG_ERROR_VALUE,
            "there is no project %s; create an empty one in GitLab first (New project, Create blank project, "
            "without a README), or by POST /api/v4/projects",
            name);
    return project;
}

static gboolean check_source(const char *source, GError **error)
{
    if (g_regex_match_simple("^[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+$", source, 0, 0))
        return TRUE;
    g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_VALUE, "'%s' is not of the form OWNER/REPO", source);
    return FALSE;
}

static gboolean check_github_url(const char *url, GError **error)
{
    g_autoptr(GUri) uri = g_uri_parse(url, G_URI_FLAGS_NONE, NULL);
    const char *scheme = uri ? g_uri_get_scheme(uri) : "";
    if ((g_str_equal(scheme, "http") || g_str_equal(scheme, "https")) && g_uri_get_host(uri) &&
        !g_uri_get_userinfo(uri))
        return TRUE;
    g_set_error_literal(
        error, CONFIG_ERROR, CONFIG_ERROR_VALUE,
        "--github-url must be an address like https://github.com, without a user or token in it");
    return FALSE;
}

/* (transfer full) */
static char *import_url(const Options *options, const char *source)
{
    const char *url = options_text(options, "github-url");
    gsize length = strlen(url) - g_str_has_suffix(url, "/");
    return g_strdup_printf("%.*s/%s.git", (int)length, url, source);
}

static gboolean push_first_job(const Import *import, const char *jid, GError **error)
{
    g_autoptr(json_t) args = json_pack("[I]", (json_int_t)import->project->id);
    g_autofree char *queue = sequential_import_queue(import->project->id);
    Client client = {.queues = session_redis(import->session, REDIS_QUEUES),
                     .queues_metadata = session_redis(import->session, REDIS_QUEUES_METADATA),
                     .router = import->configuration->router,
                     .registry = import->registry};
    Push push = {.worker = worker_registry_find(import->registry, FIRST_JOB),
                 .args = args,
                 .jid = jid,
                 .queue = import->sequential ? queue : NULL};
    return client_push(&client, &push, NULL, error);
}

/* The jid is in the row before the job is in its queue: the job starts the import only if it finds its own
 * jid there or the state `scheduled`, and the search for stuck imports wants a jid. */
static gboolean schedule(const Import *import, const ImportRequest *request, char **refused, GError **error)
{
    g_autofree char *jid = job_new_jid();
    if (!import_request_schedule(import->session, import->project->id, request, jid, refused, error))
        return FALSE;
    return *refused || push_first_job(import, jid, error);
}

/* An interrupted sequential import has left its jobs in its own queue. */
static gboolean has_own_jobs(const Import *import, gboolean *has, GError **error)
{
    g_autofree char *queue = sequential_import_queue(import->project->id);
    g_autoptr(redisReply) member =
        redis_call(session_redis(import->session, REDIS_QUEUES), error, "SISMEMBER", KEY_QUEUES, queue, NULL);
    *has = member && member->integer == 1;
    return member != NULL;
}

static gboolean begin(const Import *import, const ImportRequest *request, GError **error)
{
    g_autofree char *refused = NULL;
    gboolean resumed = FALSE;
    if (!schedule(import, request, &refused, error))
        return FALSE;
    if (!refused)
        return TRUE;
    if (import->sequential && !g_str_equal(refused, "canceled") && !has_own_jobs(import, &resumed, error))
        return FALSE;
    if (resumed)
        return TRUE;
    g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_VALUE,
                "the import of %s is %s, so that no other can begin; %s", import->project->full_path, refused,
                g_str_equal(refused, "canceled") ? "use a new project"
                                                 : "`hubferry status` shows how far it is");
    return FALSE;
}

static gboolean wait_queued(const Import *import, char **status, GError **error)
{
    struct sigaction action = {.sa_handler = on_interrupt};
    ImportProgress progress = {.configuration = import->configuration,
                               .registry = import->registry,
                               .project_id = import->project->id,
                               .quiet = import->quiet,
                               .stopping = &interrupted};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    return import_progress_wait(&progress, status, error);
}

static int left_running(const Import *import)
{
    if (import->sequential)
        fputs("The import is not finished; the same command goes on with it\n", stderr);
    else
        fputs("The import goes on in the workers; `hubferry status` shows how far it is\n", stderr);
    return EXIT_LEFT_RUNNING;
}

static int wait_for_end(const Import *import, GError **error)
{
    g_autofree char *status = NULL;
    gboolean waited = import->sequential
                          ? sequential_import_run(import->invocation, import->configuration, import->registry,
                                                  import->project->id, import->quiet, &status, error)
                          : wait_queued(import, &status, error);
    if (!waited)
        return EXIT_FAILED;
    if (!status)
        return left_running(import);
    if (!import_progress_print_summary(import->session, import->project->id, status, error))
        return EXIT_FAILED;
    return g_str_equal(status, "finished") ? EXIT_OK : EXIT_FAILED;
}

/* The options as a request; its texts are borrowed from `options` and from `url` and `token`. */
static gboolean read_request(const Options *options, const char *source, const char *url, const char *token,
                             ImportRequest *request, GError **error)
{
    *request = (ImportRequest){.source = source,
                               .import_url = url,
                               .token = token,
                               .attachments = options_switch(options, "attachments"),
                               .collaborators = !options_switch(options, "no-collaborators"),
                               .optimistic = options_switch(options, "optimistic")};
    if (!token) {
        g_set_error_literal(error, CONFIG_ERROR, CONFIG_ERROR_VALUE,
                            "a token is needed: --token-file FILE or HUBFERRY_GITHUB_TOKEN");
        return FALSE;
    }
    return check_source(source, error) && check_github_url(options_text(options, "github-url"), error) &&
           options_unsigned(options, "pagination-limit", 1, 100, &request->pagination_limit, error);
}

static int import_into_project(const Invocation *invocation, const Configuration *configuration,
                               const ImportRequest *request, GError **error)
{
    const Options *options = invocation->options;
    g_autoptr(WorkerRegistry) registry = worker_registry_new(invocation->tables, invocation->n_tables);
    g_autoptr(Session) session = session_new(configuration, registry, NULL, NULL);
    g_autoptr(Project) project = find_project(session, options_text(options, "project"), error);
    if (!project)
        return EXIT_MISUSED;
    Import import = {.invocation = invocation,
                     .configuration = configuration,
                     .registry = registry,
                     .session = session,
                     .project = project,
                     .sequential = options_switch(options, "sequential"),
                     .quiet = options_switch(options, "quiet")};
    return begin(&import, request, error) ? wait_for_end(&import, error) : EXIT_FAILED;
}

static int run(const Invocation *invocation, GError **error)
{
    const Options *options = invocation->options;
    g_autofree char *token = NULL;
    ImportRequest request;
    if (!check_options(options, error) || !options_secret(options, "token", &token, error))
        return EXIT_MISUSED;
    const char *source = invocation->arguments[0];
    g_autofree char *url = import_url(options, source);
    g_autoptr(Configuration) configuration = read_request(options, source, url, token, &request, error)
                                                 ? configuration_load(options, error)
                                                 : NULL;
    if (!configuration || !configuration_check_database(configuration, error))
        return EXIT_MISUSED;
    return import_into_project(invocation, configuration, &request, error);
}

static const OptionSpec *const options_tables[] = {import_option_specs, configuration_options, NULL};

const Command import_command = {
    .name = "import",
    .usage = "OWNER/REPO",
    .summary = "Import a repository of GitHub into an existing GitLab project",
    .description = "Stores source, token and settings as GitLab's own form does, begins the import and waits "
                   "for its end.\n"
                   "The project's import must not be under way. With --queued, Ctrl-C leaves the import to "
                   "the workers. With\n"
                   "--sequential it stops the import, and the same command goes on with it.\n\n"
                   "Exit status: 0 imported, 1 failed or canceled, 2 wrong command line or configuration, 3 "
                   "left before the end.",
    .options = options_tables,
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
