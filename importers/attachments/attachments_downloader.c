#include "importers/attachments/attachments_downloader.h"

#include "importers/attachments/attachment_file_name.h"
#include "importers/attachments/max_attachment_size.h"
#include "importers/github/error.h"
#include "importers/http/download.h"
#include "importers/http/url_parts.h"
#include "protocol/error_class.h"

#include <string.h>

#define GITHUB_COM              "https://github.com"
#define LOGIN_PAGE              "login?return_to="
#define RATE_LIMIT_WAIT         120   /* seconds, where GitHub does not say how long */
#define LONGEST_RATE_LIMIT_WAIT 86400 /* seconds; the server at the end of a redirect may be anybody's */

static const char *attachment_error_class(int code)
{
    switch ((AttachmentError)code) {
    case ATTACHMENT_ERROR_GONE:
        return "Gitlab::GithubImport::AttachmentsDownloader::NotRetriableError";
    case ATTACHMENT_ERROR_NAME:
        return "Gitlab::PathTraversal::PathTraversalAttackError";
    case ATTACHMENT_ERROR_STATUS:
    case ATTACHMENT_ERROR_TOO_LARGE:
        break;
    }
    return "Gitlab::GithubImport::AttachmentsDownloader::DownloadError";
}

DEFINE_ERROR_DOMAIN(attachment_error, attachment_error_class)

/* --- requests --- */

/* Up to the slash behind it, such an address is the server's own: no user, port or other host has its place
 * before. */
static const char *below_server(const char *url, const GithubClient *github)
{
    const char *server = github_client_web_endpoint(github);
    gsize length = strlen(server);
    return strncmp(url, server, length) == 0 && url[length] == '/' ? url + length + 1 : NULL;
}

static HttpAnswer *get(Session *session, const GithubClient *github, const Download *wanted, GError **error)
{
    const Configuration *configuration = session->configuration;
    Download request = *wanted;
    request.verify_tls = !below_server(wanted->url, github) || configuration->github_verify_ssl;
    request.timeout = configuration->github_timeout;
    return download(session, &request, NULL, error);
}

static gboolean check_rate_limit(const HttpAnswer *answer, GError **error)
{
    gboolean forbidden_for_now = answer->status == 403 && http_answer_header(answer, "retry-after");
    if (answer->status != 429 && !forbidden_for_now)
        return TRUE;
    gint64 seconds = http_answer_integer(answer, "retry-after", 0);
    g_autofree char *message = g_strdup_printf("Rate limit exceeded. Response code: %u", answer->status);
    github_set_rate_limit_error(
        error, seconds > 0 ? (double)MIN(seconds, LONGEST_RATE_LIMIT_WAIT) : RATE_LIMIT_WAIT, message);
    return FALSE;
}

/* --- where the file is --- */

/* Files of private repositories: GitHub tells who may see them where they are. */
static gboolean needs_token(const char *url, const GithubClient *github)
{
    const char *path = below_server(url, github);
    return path && (strstr(path, "/assets/") || strstr(path, "/files/"));
}

static const char *redirect_target(const HttpAnswer *answer)
{
    return answer->status / 100 == 3 ? http_answer_header(answer, "location") : NULL;
}

static void set_status_error(GError **error, AttachmentError code, const char *url, guint status)
{
    g_set_error(error, ATTACHMENT_ERROR, code, "Error downloading file from %s. Error code: %u", url, status);
}

/* Ruby goes on without token, and takes the 404 that this gives for a file that is lost. */
static gboolean check_server(const HttpAnswer *answer, const char *url, GError **error)
{
    if (answer->status >= 500)
        set_status_error(error, ATTACHMENT_ERROR_STATUS, url, answer->status);
    return answer->status < 500;
}

/* The address to download from, which may be a secret. Any other answer than a redirect or a failure of the
 * server says nothing: the file is then asked for without token, as in Ruby. (transfer full) */
static char *find_file(Session *session, const GithubClient *github, const char *url, GError **error)
{
    if (!needs_token(url, github))
        return g_strdup(url);
    g_autofree char *authorization = g_strconcat("Authorization: Bearer ", github_client_token(github), NULL);
    const char *headers[] = {authorization, NULL};
    const Download question = {.url = url, .headers = headers};
    g_autoptr(HttpAnswer) answer = get(session, github, &question, error);
    if (!answer || !check_rate_limit(answer, error) || !check_server(answer, url, error))
        return NULL;
    const char *location = redirect_target(answer);
    return location ? url_parts_follow(url, location, error) : g_strdup(url);
}

/* --- the file --- */

/* `url` is the attachment's; the one that it was redirected to may be a secret. */
static gboolean check_status(const HttpAnswer *answer, const char *url, GError **error)
{
    guint status = answer->status;
    gboolean gone = status == 403 || status == 404 || status == 410;
    if (!check_rate_limit(answer, error))
        return FALSE;
    if (status != 200)
        set_status_error(error, gone ? ATTACHMENT_ERROR_GONE : ATTACHMENT_ERROR_STATUS, url, status);
    return status == 200;
}

/* "image/png" of "image/png; charset=binary"; NULL when it is none. (transfer full) */
static char *content_type_of(const HttpAnswer *answer)
{
    const char *header = http_answer_header(answer, "content-type");
    g_autoptr(GRegex) type =
        g_regex_new("^\\s*([A-Za-z0-9][\\w.+-]*/[\\w.+-]+)\\s*(;|$)", G_REGEX_RAW, 0, NULL);
    g_autoptr(GMatchInfo) match = NULL;
    if (!header || !g_regex_match(type, header, 0, &match))
        return NULL;
    g_autofree char *found = g_match_info_fetch(match, 1);
    return g_ascii_strdown(found, -1);
}

static void set_too_large(GError **error, const GError *cause)
{
    g_set_error_literal(error, ATTACHMENT_ERROR, ATTACHMENT_ERROR_TOO_LARGE, cause->message);
}

static gboolean receive(Session *session, const GithubClient *github, const char *url, const char *target,
                        DownloadedAttachment *attachment, GError **error)
{
    const HttpSink sink = {
        .write = incoming_file_write, .data = attachment->file, .announce = incoming_file_announce};
    const Download wanted = {.url = target, .redirects = DOWNLOAD_REDIRECTS, .sink = &sink};
    g_autoptr(GError) failure = NULL;
    g_autoptr(HttpAnswer) answer = get(session, github, &wanted, &failure);
    if (answer) {
        attachment->content_type = content_type_of(answer);
        return check_status(answer, url, error);
    }
    if (g_error_matches(failure, FILE_ERROR, FILE_ERROR_TOO_LARGE))
        set_too_large(error, failure);
    else
        g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}

static void append_to_name(DownloadedAttachment *attachment, const char *dot, const char *extension)
{
    g_autofree char *name = g_steal_pointer(&attachment->name);
    attachment->name = g_strconcat(name, dot, extension, NULL);
}

/* Addresses on GitHub Enterprise do not end with the file's extension. The second dot is Ruby's. */
static void name_video(DownloadedAttachment *attachment, const GithubClient *github)
{
    const char *extension = attachment_video_extension_of_type(attachment->content_type);
    gboolean enterprise = !g_str_equal(github_client_web_endpoint(github), GITHUB_COM);
    if (enterprise && extension && !strchr(attachment->name, '.'))
        append_to_name(attachment, ".", extension);
}

/* --- both --- */

/* Without a place for the file nothing is asked of anybody. (transfer full) */
static DownloadedAttachment *prepare(Session *session, const char *url, GError **error)
{
    guint64 max_size;
    if (!max_attachment_size(session, &max_size, error))
        return NULL;
    g_autoptr(DownloadedAttachment) attachment = g_new0(DownloadedAttachment, 1);
    attachment->name = attachment_file_name(url);
    if (!attachment->name) {
        g_set_error_literal(error, ATTACHMENT_ERROR, ATTACHMENT_ERROR_NAME, "Invalid path");
        return NULL;
    }
    attachment->file = file_store_receive(session, FILE_STORE_UPLOADS, max_size, error);
    return attachment->file ? g_steal_pointer(&attachment) : NULL;
}

gboolean attachments_download(Session *session, const GithubClient *github, const char *url,
                              DownloadedAttachment **downloaded, GError **error)
{
    *downloaded = NULL;
    g_autoptr(DownloadedAttachment) attachment = prepare(session, url, error);
    if (!attachment)
        return FALSE;
    g_autofree char *target = find_file(session, github, url, error);
    if (!target)
        return FALSE;
    if (strstr(target, LOGIN_PAGE))
        return TRUE;
    const char *extension = attachment_video_extension(target);
    if (extension)
        append_to_name(attachment, "", extension);
    if (!receive(session, github, url, target, attachment, error))
        return FALSE;
    name_video(attachment, github);
    *downloaded = g_steal_pointer(&attachment);
    return TRUE;
}

void downloaded_attachment_free(DownloadedAttachment *downloaded)
{
    g_clear_pointer(&downloaded->file, incoming_file_free);
    g_free(downloaded->name);
    g_free(downloaded->content_type);
    g_free(downloaded);
}
