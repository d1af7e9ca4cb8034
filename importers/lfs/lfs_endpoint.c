#include "importers/lfs/lfs_endpoint.h"

#include "importers/git/file_text.h"
#include "importers/git/reader.h"
#include "importers/lfs/lfs_error.h"
#include "protocol/log.h"

#include <string.h>

#define LFS_BATCH_API_ENDPOINT "/info/lfs/objects/batch"

/* --- the setting --- */

/* A user's namespace has no say (User namespaces take the instance's setting). */
static const Statement find_setting = {
    "lfs_find_setting",
    "SELECT coalesce(p.lfs_enabled, CASE n.type WHEN 'Group' THEN n.lfs_enabled END, true) AS enabled"
    " FROM projects p JOIN namespaces n ON n.id = p.namespace_id WHERE p.id = $1",
};

gboolean lfs_enabled(Session *session, const Project *project, gboolean *enabled, GError **error)
{
    *enabled = FALSE;
    if (!session->configuration->lfs)
        return TRUE;
    g_autoptr(PGresult) rows =
        database_run(session_database(session), error, &find_setting, SQL_INTEGER(project->id), DATABASE_END);
    if (!rows)
        return FALSE;
    *enabled = PQntuples(rows) > 0 && database_boolean(rows, 0, "enabled");
    return TRUE;
}

static const Statement disable_lfs = {
    "lfs_disable",
    "UPDATE projects SET lfs_enabled = false, updated_at = $2 WHERE id = $1 AND lfs_enabled IS NOT FALSE",
};

static gboolean disable(Session *session, const Project *project, GError **error)
{
    g_autofree char *now = database_now();
    g_autoptr(PGresult) result = database_run(session_database(session), error, &disable_lfs,
                                              SQL_INTEGER(project->id), now, DATABASE_END);
    log_info("The repository keeps its LFS objects at another host, LFS is disabled", NULL);
    return result != NULL;
}

/* --- .lfsconfig --- */

/* LFS_ENDPOINT_PATTERN; Ruby's line ends are \n alone. */
char *lfs_config_url(const char *text)
{
    g_autoptr(GRegex) pattern =
        g_regex_new("^\\t?url\\s*=\\s*(.+)$", G_REGEX_RAW | G_REGEX_MULTILINE | G_REGEX_NEWLINE_LF, 0, NULL);
    g_autoptr(GMatchInfo) match = NULL;
    return g_regex_match(pattern, text, 0, &match) ? g_match_info_fetch(match, 1) : NULL;
}

/* The text of .lfsconfig at HEAD; *text is NULL where there is none. (transfer full) */
static gboolean read_lfsconfig(Session *session, const Project *project, char **text, GError **error)
{
    git_repository *repository = git_reader_repository(session, project, error);
    git_oid head;
    *text = NULL;
    if (!repository)
        return FALSE;
    if (git_reference_name_to_id(&head, repository, "HEAD") != 0)
        return TRUE;
    return git_file_text(repository, git_oid_tostr_s(&head), ".lfsconfig", text, error);
}

static gboolean has_uri_characters(const char *text)
{
    for (; *text; text++)
        if (!g_ascii_isgraph(*text) || strchr("\"<>\\^`{|}", *text))
            return FALSE;
    return TRUE;
}

/* What Ruby's URI.parse takes. *host is NULL for a URL without. (transfer full) */
static gboolean parse_host(const char *url, char **host, GError **error)
{
    if (has_uri_characters(url) &&
        g_uri_split(url, G_URI_FLAGS_ENCODED, NULL, NULL, host, NULL, NULL, NULL, NULL, NULL))
        return TRUE;
    g_set_error_literal(error, LFS_ERROR, LFS_ERROR_LIST, "Invalid URL in .lfsconfig file");
    return FALSE;
}

/* --- URLs --- */

/* Decoded; NULL when absent. (transfer full) */
static char *part(const CurlUrl *url, CURLUPart which)
{
    char *value = NULL;
    if (curl_url_get((CurlUrl *)url, which, &value, CURLU_URLDECODE) != CURLUE_OK)
        return NULL;
    char *copy = g_strdup(value);
    curl_free(value);
    return copy;
}

/* (transfer full) */
static char *whole(const CurlUrl *url)
{
    char *value = NULL;
    curl_url_get((CurlUrl *)url, CURLUPART_URL, &value, 0);
    char *copy = g_strdup(value);
    curl_free(value);
    return copy;
}

static void set_credentials(CurlUrl *url, const char *user, const char *password)
{
    curl_url_set(url, CURLUPART_USER, user, CURLU_URLENCODE);
    curl_url_set(url, CURLUPART_PASSWORD, password, CURLU_URLENCODE);
}

static void append_api_path(CurlUrl *url)
{
    char *path = NULL;
    curl_url_get(url, CURLUPART_PATH, &path, 0);
    gsize length = strlen(path);
    if (g_str_has_suffix(path, "/"))
        path[length - 1] = '\0';
    g_autofree char *full =
        g_strconcat(path, g_str_has_suffix(path, ".git") ? "" : ".git", LFS_BATCH_API_ENDPOINT, NULL);
    curl_free(path);
    curl_url_set(url, CURLUPART_PATH, full, 0);
}

/* Credentials leave the URL. */
static LfsEndpoint *endpoint_new(CurlUrl *url)
{
    LfsEndpoint *endpoint = g_new0(LfsEndpoint, 1);
    endpoint->user = part(url, CURLUPART_USER);
    endpoint->password = part(url, CURLUPART_PASSWORD);
    set_credentials(url, NULL, NULL);
    endpoint->url = whole(url);
    return endpoint;
}

void lfs_endpoint_free(LfsEndpoint *endpoint)
{
    g_free(endpoint->url);
    g_free(endpoint->user);
    g_free(endpoint->password);
    g_free(endpoint);
}

/* `import_url` with the token. (transfer full) */
static LfsEndpoint *default_endpoint(const char *import_url, GError **error)
{
    g_autoptr(CurlUrl) url = url_parts_parse(import_url, error);
    if (!url)
        return NULL;
    append_api_path(url);
    return endpoint_new(url);
}

/* The address is used as it stands. (transfer full) */
static LfsEndpoint *configured_endpoint(const char *configured, const char *import_url, GError **error)
{
    g_autoptr(CurlUrl) url = url_parts_parse(configured, error);
    g_autoptr(CurlUrl) import = url ? url_parts_parse(import_url, error) : NULL;
    if (!import)
        return NULL;
    LfsEndpoint *endpoint = endpoint_new(url);
    if (!endpoint->user && !endpoint->password && url_parts_same_server(endpoint->url, import_url)) {
        endpoint->user = part(import, CURLUPART_USER);
        endpoint->password = part(import, CURLUPART_PASSWORD);
    }
    return endpoint;
}

static gboolean find_configured(Session *session, const Project *project, const char *configured,
                                const char *import_url, LfsEndpoint **endpoint, GError **error)
{
    g_autofree char *host = NULL, *import_host = NULL;
    if (!parse_host(configured, &host, error) || !parse_host(import_url, &import_host, error))
        return FALSE;
    if (g_strcmp0(host, import_host) != 0)
        return disable(session, project, error);
    *endpoint = configured_endpoint(configured, import_url, error);
    return *endpoint != NULL;
}

gboolean lfs_endpoint_find(Session *session, const Project *project, const GithubClient *github,
                           LfsEndpoint **endpoint, GError **error)
{
    g_autofree char *lfsconfig = NULL;
    gboolean enabled;
    *endpoint = NULL;
    if (!lfs_enabled(session, project, &enabled, error))
        return FALSE;
    if (!enabled)
        return TRUE;
    if (!read_lfsconfig(session, project, &lfsconfig, error))
        return FALSE;
    g_autofree char *import_url = github_client_clone_url(github);
    g_autofree char *configured = lfsconfig ? lfs_config_url(lfsconfig) : NULL;
    if (configured)
        return find_configured(session, project, configured, import_url, endpoint, error);
    *endpoint = default_endpoint(import_url, error);
    return *endpoint != NULL;
}

/* --- what is sent there --- */

char *lfs_basic_authorization(const char *user, const char *password)
{
    if ((!user || !*user) && (!password || !*password))
        return NULL;
    g_autofree char *pair = g_strconcat(user ? user : "", ":", password ? password : "", NULL);
    g_autofree char *encoded = g_base64_encode((const guchar *)pair, strlen(pair));
    return g_strconcat("Authorization: Basic ", encoded, NULL);
}

char *lfs_endpoint_link(const LfsEndpoint *endpoint, const char *link)
{
    g_autoptr(CurlUrl) url = url_parts_parse(link, NULL);
    if (!url)
        return NULL;
    if ((!endpoint->user && !endpoint->password) || !url_parts_same_server(endpoint->url, link))
        return g_strdup(link);
    set_credentials(url, endpoint->user, endpoint->password);
    return whole(url);
}
