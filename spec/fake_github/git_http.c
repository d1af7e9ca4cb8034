/*
 * Git over smart HTTP, by git http-backend: GitHub's side under /OWNER/NAME.git (fetch only), and
 * GitLab's side under /gitlab/GROUP/NAME.git (fetch and push, with GitLab's internal refs refused).
 */

#include <string.h>

#include "spec/fake_github/access.h"
#include "spec/fake_github/cgi.h"
#include "spec/fake_github/fake_github.h"

static const char GITLAB_PREFIX[] = "/gitlab/";

static const char *const SERVICES[] = {"info/refs", "git-upload-pack", "git-receive-pack"};

typedef struct {
    const char *name;
    const char *value;
} GitSetting;

/* GitHub serves any reachable commit and partial clones, and hides nothing. */
static const GitSetting GITHUB_SETTINGS[] = {
    {"safe.directory", "*"},
    {"http.uploadpack", "true"},
    {"http.receivepack", "false"},
    {"uploadpack.allowAnySHA1InWant", "true"},
    {"uploadpack.allowFilter", "true"},
};

/* Gitaly refuses pushes to the refs that GitLab writes itself. */
static const GitSetting GITLAB_SETTINGS[] = {
    {"safe.directory", "*"},
    {"http.uploadpack", "true"},
    {"http.receivepack", "true"},
    {"receive.hideRefs", "refs/environments/"},
    {"receive.hideRefs", "refs/keep-around/"},
    {"receive.hideRefs", "refs/merge-requests/"},
    {"receive.hideRefs", "refs/pipelines/"},
};

static char **with_settings(char **environment, const GitSetting *settings, gsize count)
{
    g_autofree char *count_text = g_strdup_printf("%" G_GSIZE_FORMAT, count);
    environment = g_environ_setenv(environment, "GIT_CONFIG_COUNT", count_text, TRUE);
    for (gsize i = 0; i < count; i++) {
        g_autofree char *key = g_strdup_printf("GIT_CONFIG_KEY_%" G_GSIZE_FORMAT, i);
        g_autofree char *value = g_strdup_printf("GIT_CONFIG_VALUE_%" G_GSIZE_FORMAT, i);
        environment = g_environ_setenv(environment, key, settings[i].name, TRUE);
        environment = g_environ_setenv(environment, value, settings[i].value, TRUE);
    }
    return environment;
}

static char **with_header(char **environment, const char *name, const Request *request, const char *header)
{
    const char *value = request_header(request, header);
    return value != NULL ? g_environ_setenv(environment, name, value, TRUE)
                         : g_environ_unsetenv(environment, name);
}

/* The machine's own Git settings must not change what is served. (transfer full) */
static char **cgi_environment(const Request *request, const char *directory, const char *service)
{
    g_autofree char *translated = g_build_filename(directory, service, NULL);
    char **environment = g_get_environ();
    environment = g_environ_setenv(environment, "REQUEST_METHOD", request->method, TRUE);
    environment = g_environ_setenv(environment, "QUERY_STRING", request->query, TRUE);
    environment = g_environ_setenv(environment, "PATH_TRANSLATED", translated, TRUE);
    environment = g_environ_setenv(environment, "GIT_HTTP_EXPORT_ALL", "1", TRUE);
    environment = g_environ_setenv(environment, "GIT_HTTP_MAX_REQUEST_BUFFER", "512M", TRUE);
    environment = g_environ_setenv(environment, "GIT_CONFIG_NOSYSTEM", "1", TRUE);
    environment = g_environ_setenv(environment, "GIT_CONFIG_GLOBAL", "/dev/null", TRUE);
    environment = with_header(environment, "CONTENT_TYPE", request, MHD_HTTP_HEADER_CONTENT_TYPE);
    environment =
        with_header(environment, "HTTP_CONTENT_ENCODING", request, MHD_HTTP_HEADER_CONTENT_ENCODING);
    environment = with_header(environment, "HTTP_GIT_PROTOCOL", request, "Git-Protocol");
    return g_environ_unsetenv(environment, "CONTENT_LENGTH");
}

static Response *run_backend(FakeGithub *fake, Request *request, const Route *route, const char *directory,
                             const GitSetting *settings, gsize count)
{
    static char *const ARGV[] = {"git", "http-backend", NULL};
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) environment =
        with_settings(cgi_environment(request, directory, route->key), settings, count);
    Response *response = cgi_run((char **)ARGV, environment, request, fake->pause, &error);
    return response != NULL ? response : response_new_text(MHD_HTTP_INTERNAL_SERVER_ERROR, error->message);
}

static Response *refused(const char *realm, const char *message)
{
    g_autofree char *challenge = g_strdup_printf("Basic realm=\"%s\"", realm);
    Response *response = response_new_text(MHD_HTTP_UNAUTHORIZED, message);
    response_set_header(response, MHD_HTTP_HEADER_WWW_AUTHENTICATE, challenge);
    return response;
}

/* DIRECTORY/FULL_NAME.git, NULL when there is none. (transfer full) */
static char *bare_repository(const char *directory, const char *full_name)
{
    g_autofree char *name = g_strdup_printf("%s.git", full_name);
    g_autofree char *path = directory != NULL ? g_build_filename(directory, name, NULL) : NULL;
    return path != NULL && g_file_test(path, G_FILE_TEST_IS_DIR) ? g_steal_pointer(&path) : NULL;
}

/* --- GitHub's side --- */

static Response *blocked(guint status)
{
    switch (status) {
    case MHD_HTTP_FORBIDDEN:
        return response_new_text(status, "Access to this repository has been disabled by GitHub staff.\n");
    case MHD_HTTP_UNAVAILABLE_FOR_LEGAL_REASONS:
        return response_new_text(status, "Repository unavailable due to DMCA takedown.\n");
    default:
        return response_new_text(status, "Repository not found.\n");
    }
}

static Response *moved(const Request *request, const Route *route)
{
    g_autofree char *url =
        g_strdup_printf("%s/%s.git/%s%s%s", request->base_url, repository_full_name(route->repository),
                        route->key, *request->query != '\0' ? "?" : "", request->query);
    Response *response = response_new_empty(MHD_HTTP_MOVED_PERMANENTLY);
    response_set_header(response, MHD_HTTP_HEADER_LOCATION, url);
    return response;
}

static gboolean is_push(const Request *request, const Route *route)
{
    return strcmp(route->key, "git-receive-pack") == 0 ||
           g_strcmp0(request_parameter(request, "service"), "git-receive-pack") == 0;
}

static Response *handle_github(FakeGithub *fake, Request *request, const Route *route)
{
    Access access = access_of_request(fake->options, request);
    if (access == ACCESS_DENIED) {
        return refused("GitHub", "Repository not found.\n");
    }
    guint status = route->repository != NULL ? repository_status(route->repository) : 0;
    gboolean is_private = route->repository != NULL && repository_flag(route->repository, "private", FALSE);
    if (status != 0 || (is_private && access != ACCESS_GRANTED)) {
        return blocked(status != 0 ? status : MHD_HTTP_NOT_FOUND);
    }
    if (route->is_renamed) {
        return moved(request, route);
    }
    g_autofree char *directory = bare_repository(fake->options->git_root, route->subpath);
    if (directory == NULL) {
        return blocked(MHD_HTTP_NOT_FOUND);
    }
    if (is_push(request, route)) {
        return response_new_text(MHD_HTTP_FORBIDDEN, "Permission denied.\n");
    }
    if (strcmp(route->key, "info/refs") == 0 && request_parameter(request, "service") == NULL) {
        return response_new_text(MHD_HTTP_FORBIDDEN, "Please upgrade your git client.\n");
    }
    return run_backend(fake, request, route, directory, GITHUB_SETTINGS, G_N_ELEMENTS(GITHUB_SETTINGS));
}

/* --- GitLab's side --- */

static char *create_repository(const Options *options, const char *full_name)
{
    g_autofree char *name = g_strdup_printf("%s.git", full_name);
    g_autofree char *path = g_build_filename(options->push_root, name, NULL);
    char *argv[] = {"git", "init", "--quiet", "--bare", path, NULL};
    g_autoptr(GError) error = NULL;
    gint wait_status = 0;
    if (!g_spawn_sync(NULL, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, &wait_status, &error) ||
        !g_spawn_check_wait_status(wait_status, &error)) {
        g_warning("cannot create %s: %s", path, error->message);
        return NULL;
    }
    return g_steal_pointer(&path);
}

static Response *handle_gitlab(FakeGithub *fake, Request *request, const Route *route)
{
    if (access_of_push(fake->options, request) != ACCESS_GRANTED) {
        return refused("GitLab", "HTTP Basic: Access denied\n");
    }
    g_autofree char *directory = bare_repository(fake->options->push_root, route->subpath);
    if (directory == NULL && fake->options->push_root != NULL && fake->options->push_create &&
        is_push(request, route)) {
        directory = create_repository(fake->options, route->subpath);
    }
    if (directory == NULL) {
        return response_new_text(MHD_HTTP_NOT_FOUND,
                                 "The project you were looking for could not be found or you don't have "
                                 "permission to view it.\n");
    }
    return run_backend(fake, request, route, directory, GITLAB_SETTINGS, G_N_ELEMENTS(GITLAB_SETTINGS));
}

/* --- Finding the way --- */

static gboolean is_safe_name(const char *name)
{
    g_auto(GStrv) parts = g_strsplit(name, "/", -1);
    for (char **part = parts; *part != NULL; part++) {
        gsize allowed = strspn(*part, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "._-");
        if (**part == '\0' || **part == '.' || (*part)[allowed] != '\0') {
            return FALSE;
        }
    }
    return g_strv_length(parts) >= 2;
}

/* "/OWNER/NAME.git/info/refs": the name without ".git" and the service. */
static gboolean split_path(const char *path, Route *route)
{
    for (gsize i = 0; i < G_N_ELEMENTS(SERVICES); i++) {
        g_autofree char *suffix = g_strdup_printf("/%s", SERVICES[i]);
        if (!g_str_has_suffix(path, suffix)) {
            continue;
        }
        g_autofree char *name = g_strndup(path, strlen(path) - strlen(suffix));
        if (g_str_has_suffix(name, ".git")) {
            name[strlen(name) - strlen(".git")] = '\0';
        }
        if (is_safe_name(name)) {
            route->subpath = g_steal_pointer(&name);
            route->key = g_strdup(SERVICES[i]);
            return TRUE;
        }
    }
    return FALSE;
}

/* A wiki shares its repository's fate. */
static void find_repository(FakeGithub *fake, Route *route)
{
    gboolean is_wiki = g_str_has_suffix(route->subpath, ".wiki");
    g_autofree char *name =
        g_strndup(route->subpath, strlen(route->subpath) - (is_wiki ? strlen(".wiki") : 0));
    route->repository = data_set_repository(fake->data, name, &route->is_renamed);
}

gboolean git_resolve(FakeGithub *fake, const Request *request, Route *route)
{
    gboolean is_gitlab = g_str_has_prefix(request->path, GITLAB_PREFIX);
    const char *path = request->path + (is_gitlab ? strlen(GITLAB_PREFIX) : 1);
    if (!split_path(path, route)) {
        return FALSE;
    }
    route->path = g_strdup(request->path);
    route->pattern = g_strdup_printf("%s/:owner/:repo.git/%s", is_gitlab ? "/gitlab" : "", route->key);
    route->handle = is_gitlab ? handle_gitlab : handle_github;
    if (!is_gitlab) {
        find_repository(fake, route);
    }
    return TRUE;
}
