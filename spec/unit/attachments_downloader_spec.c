/* The file behind an attachment's address: every rule of AttachmentsDownloader, and hostile servers. */
#include "importers/attachments/attachments_downloader.h"

#include "importers/attachments/attachment_file_name.h"
#include "importers/http/exchange.h"
#include "protocol/error_class.h"
#include "spec/support/changing_names.h"
#include "spec/support/github_context.h"
#include "spec/support/packed_answer.h"
#include "spec/support/private_gitlab.h"

#include <glib/gstdio.h>
#include <sys/stat.h>

#define UUID  "75334fd4-0000-4000-8000-aaaaaaaaaaaa"
#define IMAGE "/user-attachments/assets/" UUID
#define LIMIT (1024 * 1024) /* bytes; what the settings allow */

typedef struct Context {
    ScriptedServer *github, *storage;
    char *folder;
    Session *session;
    GithubClient *client;
    DownloadedAttachment *downloaded;
    GError *error;
} Context;

static int set_up_settings(void **state)
{
    (void)state;
    private_gitlab_reset();
    g_autofree char *changed = private_gitlab_sql("UPDATE application_settings SET max_attachment_size = 1,"
                                                  " allow_local_requests_from_web_hooks_and_services = false,"
                                                  " outbound_local_requests_whitelist = '{127.0.0.1}'");
    return 0;
}

static int set_up(void **state)
{
    Context *context = g_new0(Context, 1);
    Configuration *configuration = private_gitlab_configuration();
    context->github = scripted_server_new();
    context->storage = scripted_server_new();
    context->folder = g_dir_make_tmp("uploads-XXXXXX", NULL);
    configuration->uploads.directory = context->folder;
    context->session = session_new(configuration, NULL, NULL, NULL);
    g_autofree char *import_url = g_strconcat(scripted_server_url(context->github), "/acme/rocket.git", NULL);
    const Project project = {.id = 1, .import_url = import_url, .import_source = (char *)"acme/rocket"};
    const ImportData data = {.token = (char *)CONTEXT_TOKEN, .pagination_limit = 100};
    context->client =
        github_client_with_rules(context->session, &project, &data, rules_new(TRUE), &context->error);
    assert_no_error(context->error);
    *state = context;
    return 0;
}

static int tear_down(void **state)
{
    Context *context = *state;
    g_clear_pointer(&context->downloaded, downloaded_attachment_free);
    g_clear_error(&context->error);
    github_client_free(context->client);
    session_free(context->session);
    scripted_server_free(context->github);
    scripted_server_free(context->storage);
    private_gitlab_configuration()->uploads.directory = NULL;
    assert_int_equal(g_rmdir(context->folder), 0); /* nothing that was not kept stays in it */
    g_free(context->folder);
    g_free(context);
    return 0;
}

/* --- doing --- */

static gboolean download_url(Context *context, const char *url)
{
    g_clear_pointer(&context->downloaded, downloaded_attachment_free);
    g_clear_error(&context->error);
    return attachments_download(context->session, context->client, url, &context->downloaded,
                                &context->error);
}

static gboolean download_path(Context *context, const char *path)
{
    g_autofree char *url = g_strconcat(scripted_server_url(context->github), path, NULL);
    return download_url(context, url);
}

/* GitHub says that the file is at the storage under `path`. */
static void redirect_to_storage(Context *context, const char *path)
{
    g_autofree char *headers =
        g_strdup_printf("Location: %s%s\r\n", scripted_server_url(context->storage), path);
    scripted_server_reply(context->github, 302, headers, "");
}

static void redirect_to(Context *context, const char *location)
{
    g_autofree char *headers = g_strdup_printf("Location: %s\r\n", location);
    scripted_server_reply(context->github, 302, headers, "");
}

static void reply_with_type(ScriptedServer *server, const char *type, const char *body)
{
    g_autofree char *reply =
        g_strdup_printf("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: %s\r\n\r\n%s", type, body);
    scripted_server_reply_raw(server, reply);
}

static void assert_type(Context *context, const char *expected)
{
    assert_non_null(context->downloaded->content_type);
    assert_string_equal(context->downloaded->content_type, expected);
}

static void assert_downloaded(Context *context, const char *name, const char *content)
{
    assert_no_error(context->error);
    assert_non_null(context->downloaded);
    assert_string_equal(context->downloaded->name, name);
    char buffer[256] = {0};
    assert_int_equal(incoming_file_size(context->downloaded->file), strlen(content));
    assert_int_equal(pread(incoming_file_descriptor(context->downloaded->file), buffer, sizeof buffer - 1, 0),
                     strlen(content));
    assert_string_equal(buffer, content);
}

static void assert_failed(Context *context, GQuark domain, int code, const char *class_name)
{
    assert_null(context->downloaded);
    assert_error(context->error, domain, code);
    assert_string_equal(error_class(context->error), class_name);
}

/* Whether the n-th request to a server had the token. */
static gboolean had_token(ScriptedServer *server, guint n)
{
    g_autofree char *request = scripted_server_request(server, n);
    assert_non_null(request);
    return strstr(request, "Authorization: Bearer " CONTEXT_TOKEN "\r\n") != NULL;
}

/* --- names --- */

static void a_name_is_the_last_segment_of_the_address(void **state)
{
    (void)state;
    static const struct {
        const char *url, *name;
    } cases[] = {
        {"https://github.com/user-attachments/assets/" UUID, UUID},
        {"https://github.com/acme/rocket/files/1/report.pdf", "report.pdf"},
        {"https://github.com/acme/rocket/files/1/report.pdf?x=/a.b#/c.d", "report.pdf"},
        {"https://github.com/acme/rocket/files/1/report.pdf//", "report.pdf"},
        {"https://github.com/acme/rocket/files/1/my%20report+2.pdf", "my_report_2.pdf"},
        {"https://github.com/acme/rocket/files/1/gr%C3%BC%C3%9Fe.txt", "gr__e.txt"}, /* a character each */
        {"https://github.com/acme/rocket/files/1/%FF%C3.txt", "__.txt"},
        {"https://github.com/acme/rocket/files/1/a%2Fb.txt", "a_b.txt"},
        {"https://github.com/acme/rocket/files/1/a%00.png%00.html", "a_.png_.html"},
        {"https://github.com/acme/rocket/files/1/%E2%80%AEgpj.exe", "_gpj.exe"}, /* right to left */
        {"https://github.com/acme/rocket/files/1/C%3A%5CCON.txt", "C__CON.txt"},
        {"https://github.com/acme/rocket/files/1/a%0D%09.txt", "a__.txt"},
        {"https://github.com/acme/rocket/files/1/%3Cscript%3E.svg", "_script_.svg"},
        {"https://github.com/acme/rocket/files/1/%252e%252e", "_2e_2e"},
        {"https://github.com/acme/rocket/files/1/.htaccess", "htaccess"},
        {"https://github.com/acme/rocket/files/1/...hidden", "hidden"},
        {"https://github.com/acme/rocket/files/1/....", "attachment"},
        {"https://github.com/acme/rocket/files/1/.", "attachment"},
        {"https://github.com", "attachment"},
        {"not an address", "not_an_address"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
        assert_text(attachment_file_name(cases[i].url), cases[i].name);
}

static void a_name_does_not_leave_its_folder(void **state)
{
    (void)state;
    static const char *const names[] = {"..",      "%2E%2E",       "..%2Fetc",   "a%2F..%2Fb",
                                        "a%2F..",  "..%5Cwindows", "a%5C..%5Cb", "%2e%2e%2f%2e%2e%2f",
                                        "a%0A.txt"};
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *url = g_strconcat("https://github.com/acme/rocket/files/1/", names[i], NULL);
        assert_null(attachment_file_name(url));
    }
}

static void a_name_that_leaves_its_folder_is_an_error_before_any_request(void **state)
{
    Context *context = *state;
    assert_false(download_path(context, "/acme/rocket/files/1/..%2F..%2Fetc%2Fpasswd"));
    assert_failed(context, ATTACHMENT_ERROR, ATTACHMENT_ERROR_NAME,
                  "Gitlab::PathTraversal::PathTraversalAttackError");
    assert_string_equal(context->error->message, "Invalid path");
    assert_int_equal(scripted_server_requests(context->github), 0);
}

static void the_stem_of_a_name_has_255_characters(void **state)
{
    (void)state;
    g_autofree char *stem = g_strnfill(FILE_NAME_STEM, 'n');
    g_autofree char *many = g_strnfill(4000, 'n');
    g_autofree char *long_url = g_strdup_printf("https://github.com/acme/rocket/files/1/%s.tar.gz", many);
    g_autofree char *bare_url = g_strdup_printf("https://github.com/user-attachments/assets/%s", many);
    g_autofree char *with_extension = g_strconcat(stem, ".gz", NULL);
    assert_text(attachment_file_name(long_url), with_extension);
    assert_text(attachment_file_name(bare_url), stem);
}

static void a_video_is_known_by_the_end_of_its_address(void **state)
{
    (void)state;
    assert_string_equal(attachment_video_extension("https://s3.test/1/clip.mov?X-Amz-Signature=1"), ".mov");
    assert_string_equal(attachment_video_extension("https://s3.test/clip.mp4"), ".mp4");
    assert_string_equal(attachment_video_extension("https://s3.test/clip.webm/"), ".webm");
    assert_null(attachment_video_extension("https://s3.test/clip.MP4"));
    assert_null(attachment_video_extension("https://s3.test/.mp4"));
    assert_null(attachment_video_extension("https://s3.test/clip.mp4.png"));
    assert_null(attachment_video_extension("https://s3.test/clip?x.mp4"));
}

/* --- the token --- */

static void the_token_is_sent_to_github_and_not_to_where_it_redirects(void **state)
{
    Context *context = *state;
    redirect_to_storage(context, "/" UUID "?X-Amz-Signature=secret");
    reply_with_type(context->storage, "image/png; charset=binary", "PNG");
    assert_true(download_path(context, IMAGE));
    assert_downloaded(context, UUID, "PNG");
    assert_type(context, "image/png");
    assert_true(had_token(context->github, 0));
    g_autofree char *request = scripted_server_request(context->storage, 0);
    assert_true(g_str_has_prefix(request, "GET /" UUID "?X-Amz-Signature=secret HTTP/1.1\r\n"));
    assert_null(strcasestr(request, "authorization"));
    assert_null(strstr(request, CONTEXT_TOKEN));
}

static void files_and_assets_of_repositories_are_asked_for_with_the_token(void **state)
{
    static const char *const paths[] = {"/acme/rocket/assets/1/a.png", "/acme/rocket/files/1/a.pdf", IMAGE};
    Context *context = *state;
    for (guint i = 0; i < G_N_ELEMENTS(paths); i++) {
        redirect_to_storage(context, "/a");
        scripted_server_reply(context->storage, 200, NULL, "x");
        assert_true(download_path(context, paths[i]));
        assert_true(had_token(context->github, i));
    }
}

static void other_addresses_are_asked_for_without_the_token(void **state)
{
    Context *context = *state;
    scripted_server_reply(context->github, 200, NULL, "x");
    assert_true(download_path(context, "/acme/rocket/a.png"));
    assert_false(had_token(context->github, 0));
    g_autofree char *elsewhere = g_strconcat(scripted_server_url(context->storage), IMAGE, NULL);
    scripted_server_reply(context->storage, 200, NULL, "x");
    assert_true(download_url(context, elsewhere));
    assert_false(had_token(context->storage, 0));
}

/* Addresses that begin like GitHub's and are another server's. */
static void the_token_needs_github_s_very_address(void **state)
{
    Context *context = *state;
    const char *github = scripted_server_url(context->github);
    const char *storage = strstr(scripted_server_url(context->storage), "127");
    g_autofree char *as_user = g_strdup_printf("%s@%s%s", github, storage, IMAGE);
    g_autofree char *backslash = g_strdup_printf("%s\\@%s%s", github, storage, IMAGE);
    g_autofree char *longer_port = g_strdup_printf("%s0%s", github, IMAGE);
    g_autofree char *longer_host = g_strdup_printf("%s.evil.test%s", github, IMAGE);
    g_autofree char *https = g_strdup_printf("https%s%s", github + strlen("http"), IMAGE);
    const char *const urls[] = {as_user, backslash, longer_port, longer_host, https};
    for (gsize i = 0; i < G_N_ELEMENTS(urls); i++)
        download_url(context, urls[i]);
    for (guint i = 0; i < scripted_server_requests(context->storage); i++)
        assert_false(had_token(context->storage, i));
    for (guint i = 0; i < scripted_server_requests(context->github); i++)
        assert_false(had_token(context->github, i));
}

static void a_redirect_back_to_github_has_no_token(void **state)
{
    Context *context = *state;
    redirect_to(context, IMAGE "?again");
    scripted_server_reply(context->github, 200, NULL, "x");
    assert_true(download_path(context, IMAGE));
    assert_true(had_token(context->github, 0));
    assert_false(had_token(context->github, 1));
}

/* --- the two steps --- */

static void a_file_that_github_sends_itself_is_asked_for_again_without_token(void **state)
{
    Context *context = *state;
    scripted_server_reply(context->github, 200, NULL, "for those who have a token");
    scripted_server_reply(context->github, 200, NULL, "for everybody");
    assert_true(download_path(context, IMAGE));
    assert_downloaded(context, UUID, "for everybody");
    assert_false(had_token(context->github, 1));
}

static void what_is_not_found_with_the_token_is_asked_for_without(void **state)
{
    Context *context = *state;
    scripted_server_reply(context->github, 404, NULL, "");
    scripted_server_reply(context->github, 200, NULL, "PNG");
    assert_true(download_path(context, IMAGE));
    assert_downloaded(context, UUID, "PNG");
}

static void a_login_page_means_that_the_address_stays(void **state)
{
    Context *context = *state;
    redirect_to_storage(context, "/login?return_to=" IMAGE);
    assert_true(download_path(context, IMAGE));
    assert_no_error(context->error);
    assert_null(context->downloaded);
    assert_int_equal(scripted_server_requests(context->storage), 0);
}

static void redirects_of_the_storage_are_followed(void **state)
{
    Context *context = *state;
    redirect_to_storage(context, "/a");
    scripted_server_reply(context->storage, 301, "Location: /b\r\n", "moved");
    scripted_server_reply(context->storage, 307, "Location: /c\r\n", "moved");
    scripted_server_reply(context->storage, 200, NULL, "PNG");
    assert_true(download_path(context, IMAGE));
    assert_downloaded(context, UUID, "PNG");
}

static void a_video_gets_the_extension_of_where_it_is(void **state)
{
    Context *context = *state;
    redirect_to_storage(context, "/1/clip.mp4?X-Amz-Signature=1");
    scripted_server_reply(context->storage, 200, NULL, "MP4");
    assert_true(download_path(context, IMAGE));
    assert_downloaded(context, UUID ".mp4", "MP4");
}

static void an_image_gets_no_extension(void **state)
{
    Context *context = *state;
    redirect_to_storage(context, "/1/picture.png");
    reply_with_type(context->storage, "image/png", "PNG");
    assert_true(download_path(context, IMAGE));
    assert_downloaded(context, UUID, "PNG");
}

static void an_extension_is_appended_to_the_one_that_is_there(void **state)
{
    Context *context = *state;
    scripted_server_reply(context->github, 200, NULL, "MP4");
    assert_true(download_path(context, "/1/clip.mp4"));
    assert_downloaded(context, "clip.mp4.mp4", "MP4");
}

static void on_enterprise_a_video_is_known_by_its_content_type(void **state)
{
    Context *context = *state;
    redirect_to_storage(context, "/1");
    reply_with_type(context->storage, "Video/QuickTime", "MOV");
    assert_true(download_path(context, IMAGE));
    assert_downloaded(context, UUID "..mov", "MOV");
    redirect_to_storage(context, "/1");
    reply_with_type(context->storage, "video/mp4", "MP4");
    assert_true(download_path(context, "/acme/rocket/files/1/clip.bin"));
    assert_downloaded(context, "clip.bin", "MP4");
}

static void a_content_type_that_is_none_is_forgotten(void **state)
{
    static const char *const types[] = {"text", "text/", "a b/c", "text/html, text/plain", ""};
    Context *context = *state;
    for (gsize i = 0; i < G_N_ELEMENTS(types); i++) {
        reply_with_type(context->github, types[i], "x");
        assert_true(download_path(context, "/a"));
        assert_null(context->downloaded->content_type);
    }
}

/* --- statuses --- */

static void a_file_that_is_gone_is_not_tried_again(void **state)
{
    static const guint statuses[] = {403, 404, 410};
    Context *context = *state;
    for (gsize i = 0; i < G_N_ELEMENTS(statuses); i++) {
        redirect_to_storage(context, "/a?X-Amz-Signature=secret");
        scripted_server_reply(context->storage, statuses[i], NULL, "gone");
        assert_false(download_path(context, IMAGE));
        assert_failed(context, ATTACHMENT_ERROR, ATTACHMENT_ERROR_GONE,
                      "Gitlab::GithubImport::AttachmentsDownloader::NotRetriableError");
        g_autofree char *message = g_strdup_printf("Error downloading file from %s" IMAGE ". Error code: %u",
                                                   scripted_server_url(context->github), statuses[i]);
        assert_string_equal(context->error->message, message);
    }
}

static void any_other_status_is_an_error_to_retry(void **state)
{
    static const guint statuses[] = {201, 204, 206, 304, 400, 401, 500, 503};
    Context *context = *state;
    for (gsize i = 0; i < G_N_ELEMENTS(statuses); i++) {
        redirect_to_storage(context, "/a");
        scripted_server_reply(context->storage, statuses[i], NULL, "");
        assert_false(download_path(context, IMAGE));
        assert_failed(context, ATTACHMENT_ERROR, ATTACHMENT_ERROR_STATUS,
                      "Gitlab::GithubImport::AttachmentsDownloader::DownloadError");
    }
}

/* Without the token, which is next, a private file would seem lost. */
static void a_failure_of_github_itself_is_an_error_to_retry(void **state)
{
    static const guint statuses[] = {500, 502, 503, 504};
    Context *context = *state;
    for (gsize i = 0; i < G_N_ELEMENTS(statuses); i++) {
        scripted_server_reply(context->github, statuses[i], NULL, "");
        assert_false(download_path(context, IMAGE));
        assert_failed(context, ATTACHMENT_ERROR, ATTACHMENT_ERROR_STATUS,
                      "Gitlab::GithubImport::AttachmentsDownloader::DownloadError");
    }
}

static void assert_rate_limit(Context *context, double seconds)
{
    assert_failed(context, GITHUB_ERROR, GITHUB_ERROR_RATE_LIMIT, "Gitlab::GithubImport::RateLimitError");
    assert_float_equal(github_error_reset_in(context->error), seconds, 0.01);
}

static void a_rate_limit_lasts_as_long_as_the_server_says(void **state)
{
    static const struct {
        guint status;
        const char *headers;
        double seconds;
    } cases[] = {
        {429, "Retry-After: 7\r\n", 7},
        {403, "Retry-After: 7\r\n", 7},
        {429, "Retry-After: 0\r\n", 120},
        {429, NULL, 120},
        {403, "Retry-After: soon\r\n", 120},
        {429, "Retry-After: -5\r\n", 120},
        {429, "Retry-After: 99999999999\r\n", 86400},
    };
    Context *context = *state;
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        scripted_server_reply(context->github, cases[i].status, cases[i].headers, "");
        assert_false(download_path(context, IMAGE));
        assert_rate_limit(context, cases[i].seconds);
        redirect_to_storage(context, "/a");
        scripted_server_reply(context->storage, cases[i].status, cases[i].headers, "");
        assert_false(download_path(context, IMAGE));
        assert_rate_limit(context, cases[i].seconds);
    }
}

/* --- sizes and contents --- */

static void a_file_may_have_the_size_limit(void **state)
{
    Context *context = *state;
    g_autofree char *body = g_strnfill(LIMIT, 'x');
    scripted_server_reply(context->github, 200, NULL, body);
    assert_true(download_path(context, "/a"));
    assert_int_equal(incoming_file_size(context->downloaded->file), LIMIT);
}

static void assert_too_large(Context *context)
{
    assert_failed(context, ATTACHMENT_ERROR, ATTACHMENT_ERROR_TOO_LARGE,
                  "Gitlab::GithubImport::AttachmentsDownloader::DownloadError");
}

static void a_larger_file_is_refused(void **state)
{
    Context *context = *state;
    g_autofree char *body = g_strnfill(LIMIT + 1, 'x');
    scripted_server_reply(context->github, 200, NULL, body);
    assert_false(download_path(context, "/a"));
    assert_too_large(context);
}

/* The server sends one byte, and waits for an end of the connection. */
static void a_file_that_says_it_is_larger_is_refused_at_once(void **state)
{
    Context *context = *state;
    g_autofree char *head = g_strdup_printf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\nx", LIMIT + 1);
    scripted_server_reply_and_keep(context->github, head);
    assert_false(download_path(context, "/a"));
    assert_too_large(context);
}

static void a_body_without_end_is_cut_off_at_the_limit(void **state)
{
    Context *context = *state;
    g_autofree char *piece = g_strnfill(65536, 'x');
    scripted_server_reply_endlessly(context->github, "HTTP/1.1 200 OK\r\n\r\n", g_bytes_new(piece, 65536), 0);
    assert_false(download_path(context, "/a"));
    assert_too_large(context);
}

/* With the token nobody wants the body; it is not waited for. */
static void a_body_without_end_where_github_should_redirect_is_left_alone(void **state)
{
    Context *context = *state;
    g_autofree char *piece = g_strnfill(65536, 'x');
    scripted_server_reply_endlessly(context->github, "HTTP/1.1 200 OK\r\n\r\n", g_bytes_new(piece, 65536), 0);
    scripted_server_reply(context->github, 200, NULL, "PNG");
    assert_true(download_path(context, IMAGE));
    assert_downloaded(context, UUID, "PNG");
}

static void a_body_shorter_than_announced_is_no_file(void **state)
{
    Context *context = *state;
    scripted_server_reply_raw(context->github, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nPNG");
    assert_false(download_path(context, "/a"));
    assert_failed(context, HTTP_ERROR, HTTP_ERROR_BODY, "EOFError");
}

static void what_follows_an_announced_body_is_not_part_of_the_file(void **state)
{
    Context *context = *state;
    scripted_server_reply_raw(context->github, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nPNGHTTP/1.1");
    assert_true(download_path(context, "/acme/rocket/a"));
    assert_downloaded(context, "a", "PNG");
}

/* The file is the content, however it travels. */
static void a_packed_file_is_unpacked(void **state)
{
    Context *context = *state;
    g_autoptr(GBytes) content = g_bytes_new_static("PNG", 3);
    scripted_server_reply_bytes(context->github, answer_with("Content-Encoding: gzip\r\n", gzipped(content)));
    assert_true(download_path(context, "/acme/rocket/a"));
    assert_downloaded(context, "a", "PNG");
}

static void a_decompression_bomb_is_too_large(void **state)
{
    Context *context = *state;
    g_autoptr(GBytes) zeros = g_bytes_new_take(g_malloc0(64 * LIMIT), 64 * LIMIT);
    redirect_to_storage(context, "/a");
    scripted_server_reply_bytes(context->storage, answer_with("Content-Encoding: gzip\r\n", gzipped(zeros)));
    assert_false(download_path(context, IMAGE));
    assert_too_large(context);
}

static void html_and_svg_are_kept_byte_for_byte(void **state)
{
    static const struct {
        const char *path, *type, *name, *body;
    } cases[] = {
        {"/acme/rocket/a%20page.html", "text/html", "a_page.html",
         "<!DOCTYPE html><script>alert(1)</script>\r\n"},
        {"/acme/rocket/a.svg", "image/svg+xml", "a.svg",
         "<?xml version=\"1.0\"?>\n<svg onload=\"alert(1)\"><script>alert(1)</script></svg>"},
    };
    Context *context = *state;
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *type = g_strconcat(cases[i].type, "; charset=utf-8", NULL);
        reply_with_type(context->github, type, cases[i].body);
        assert_true(download_path(context, cases[i].path));
        assert_downloaded(context, cases[i].name, cases[i].body);
        assert_type(context, cases[i].type);
    }
}

/* --- where nobody may go --- */

static void private_addresses_are_refused_also_behind_a_redirect(void **state)
{
    static const char *const urls[] = {"http://127.0.0.2/a",  "http://169.254.169.254/latest/meta-data/",
                                       "http://10.0.0.1/a",   "http://192.168.0.1/a",
                                       "http://[::1]/a",      "http://[::ffff:10.0.0.1]/a",
                                       "http://2130706434/a", "http://0x7f.2/a",
                                       "http://[fe80::1]/a",  "http://[fd00::1]/a"};
    Context *context = *state;
    for (gsize i = 0; i < G_N_ELEMENTS(urls); i++) {
        assert_false(download_url(context, urls[i]));
        assert_error(context->error, HTTP_ERROR, HTTP_ERROR_BLOCKED_URL);
        redirect_to(context, urls[i]);
        assert_false(download_path(context, IMAGE));
        assert_error(context->error, HTTP_ERROR, HTTP_ERROR_BLOCKED_URL);
    }
}

/* The name was good when it was looked up first. */
static void a_name_that_changes_its_meaning_does_not_lead_to_a_private_address(void **state)
{
    Context *context = *state;
    guint port = scripted_server_port(context->storage);
    g_autoptr(ScriptedServer) private = scripted_server_new_at("127.0.0.2", port);
    g_autofree char *location = g_strdup_printf("http://rebind.test:%u/a", port);
    next_name_means("127.0.0.1");
    next_name_means("127.0.0.2");
    redirect_to(context, location);
    scripted_server_reply(context->storage, 200, NULL, "PNG");
    assert_true(download_path(context, IMAGE));
    assert_downloaded(context, UUID, "PNG");

    g_clear_pointer(&context->session->curl, curl_easy_cleanup); /* and with it the names that it knows */
    redirect_to(context, location);
    assert_false(download_path(context, IMAGE));
    assert_error(context->error, HTTP_ERROR, HTTP_ERROR_BLOCKED_URL);
    assert_int_equal(scripted_server_requests(private), 0);
}

static void other_schemes_are_refused_also_behind_a_redirect(void **state)
{
    static const char *const urls[] = {"file:///etc/passwd", "ftp://127.0.0.1/a", "gopher://127.0.0.1/a",
                                       "data:text/plain,a", "javascript:alert(1)"};
    Context *context = *state;
    for (gsize i = 0; i < G_N_ELEMENTS(urls); i++) {
        assert_false(download_url(context, urls[i]));
        assert_error(context->error, HTTP_ERROR, HTTP_ERROR_INVALID_URL);
        redirect_to(context, urls[i]);
        assert_false(download_path(context, IMAGE));
        assert_error(context->error, HTTP_ERROR, HTTP_ERROR_INVALID_URL);
    }
}

static void without_a_place_for_files_nothing_is_asked(void **state)
{
    Context *context = *state;
    private_gitlab_configuration()->uploads.directory = NULL;
    assert_false(download_path(context, IMAGE));
    assert_error(context->error, JOB_ERROR, JOB_ERROR_HAND_OVER);
    assert_int_equal(scripted_server_requests(context->github), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_is_the_last_segment_of_the_address),
        cmocka_unit_test(a_name_does_not_leave_its_folder),
        cmocka_unit_test(the_stem_of_a_name_has_255_characters),
        cmocka_unit_test(a_video_is_known_by_the_end_of_its_address),
        TEST(a_name_that_leaves_its_folder_is_an_error_before_any_request),
        TEST(the_token_is_sent_to_github_and_not_to_where_it_redirects),
        TEST(files_and_assets_of_repositories_are_asked_for_with_the_token),
        TEST(other_addresses_are_asked_for_without_the_token),
        TEST(the_token_needs_github_s_very_address),
        TEST(a_redirect_back_to_github_has_no_token),
        TEST(a_file_that_github_sends_itself_is_asked_for_again_without_token),
        TEST(what_is_not_found_with_the_token_is_asked_for_without),
        TEST(a_login_page_means_that_the_address_stays),
        TEST(redirects_of_the_storage_are_followed),
        TEST(a_video_gets_the_extension_of_where_it_is),
        TEST(an_image_gets_no_extension),
        TEST(an_extension_is_appended_to_the_one_that_is_there),
        TEST(on_enterprise_a_video_is_known_by_its_content_type),
        TEST(a_content_type_that_is_none_is_forgotten),
        TEST(a_file_that_is_gone_is_not_tried_again),
        TEST(any_other_status_is_an_error_to_retry),
        TEST(a_failure_of_github_itself_is_an_error_to_retry),
        TEST(a_rate_limit_lasts_as_long_as_the_server_says),
        TEST(a_file_may_have_the_size_limit),
        TEST(a_larger_file_is_refused),
        TEST(a_file_that_says_it_is_larger_is_refused_at_once),
        TEST(a_body_without_end_is_cut_off_at_the_limit),
        TEST(a_body_without_end_where_github_should_redirect_is_left_alone),
        TEST(a_body_shorter_than_announced_is_no_file),
        TEST(what_follows_an_announced_body_is_not_part_of_the_file),
        TEST(a_packed_file_is_unpacked),
        TEST(a_decompression_bomb_is_too_large),
        TEST(html_and_svg_are_kept_byte_for_byte),
        TEST(private_addresses_are_refused_also_behind_a_redirect),
        TEST(a_name_that_changes_its_meaning_does_not_lead_to_a_private_address),
        TEST(other_schemes_are_refused_also_behind_a_redirect),
        TEST(without_a_place_for_files_nothing_is_asked),
    };
    return cmocka_run_group_tests_name("attachments_downloader", tests, set_up_settings, NULL);
}
