#include "spec/fake_github/storage.h"

#include <string.h>

#include "spec/fake_github/attached_files.h"

static const char PREFIX[] = "/_storage/";
static const char KEY[] = "the storage's own";

enum { OID_LENGTH = 64 };

/* --- Addresses --- */

static char *sign(const char *path, const char *expires)
{
    g_autofree char *text = g_strdup_printf("%s\n%s", path, expires);
    return g_compute_hmac_for_string(G_CHECKSUM_SHA256, (const guchar *)KEY, sizeof KEY - 1, text, -1);
}

static char *other_host(const char *base_url)
{
    GString *url = g_string_new(base_url);
    if (g_string_replace(url, "//127.0.0.1", "//localhost", 1) == 0) {
        g_string_replace(url, "//localhost", "//127.0.0.1", 1);
    }
    return g_string_free(url, FALSE);
}

char *storage_url(const FakeGithub *fake, const Request *request, const char *path)
{
    gint64 now = g_get_real_time() / G_USEC_PER_SEC;
    g_autofree char *host = other_host(request->base_url);
    g_autofree char *expires = g_strdup_printf("%" G_GINT64_FORMAT, now + fake->options->storage_expires);
    g_autofree char *signature = sign(path, expires);
    g_autofree char *escaped = g_uri_escape_string(path, "/", FALSE);
    return g_strdup_printf("%s%s%s?expires=%s&signature=%s", host, PREFIX, escaped, expires, signature);
}

/* --- Files --- */

Response *storage_response(const char *content_type, GBytes *bytes)
{
    gsize length = 0;
    char *body = g_bytes_unref_to_data(bytes, &length);
    return response_new_bytes(MHD_HTTP_OK, content_type, body, length);
}

static gboolean is_digest(const char *oid)
{
    return strlen(oid) == OID_LENGTH && strspn(oid, "0123456789abcdef") == OID_LENGTH;
}

GBytes *storage_lfs_object(const FakeGithub *fake, const Repository *repository, const char *oid)
{
    g_autofree char *name = g_strdup_printf("%s.git", repository_full_name(repository));
    char *content = NULL;
    gsize length = 0;
    if (fake->options->git_root == NULL || !is_digest(oid)) {
        return NULL;
    }
    g_autofree char *path = g_build_filename(fake->options->git_root, name, "lfs", "objects", oid, NULL);
    return g_file_get_contents(path, &content, &length, NULL) ? g_bytes_new_take(content, length) : NULL;
}

static Response *show_lfs_object(const FakeGithub *fake, const Repository *repository, const char *oid)
{
    GBytes *bytes = storage_lfs_object(fake, repository, oid);
    return bytes != NULL ? storage_response("application/octet-stream", bytes) : NULL;
}

static gboolean accepts_gzip(const Request *request)
{
    const char *encodings = request_header(request, MHD_HTTP_HEADER_ACCEPT_ENCODING);
    return encodings != NULL && strstr(encodings, "gzip") != NULL;
}

static Response *show_attached_file(const Request *request, const Repository *repository,
                                    const char *ordinal_text)
{
    const Generator *generator = repository_generator(repository);
    guint ordinal = generator != NULL ? generator_ordinal(ordinal_text, generator->attachments) : 0;
    if (ordinal == 0) {
        return NULL;
    }
    g_autoptr(AttachedFile) file = attached_file_new(generator, ordinal);
    Response *response =
        storage_response(file->content_type, g_string_free_to_bytes(attached_file_content(generator, file)));
    if (ordinal % 4 == 1) {
        response_make_chunked(response);
    } else if (ordinal % 4 == 2 && accepts_gzip(request)) {
        response_compress(response);
    }
    return response;
}

/* path: KIND/OWNER/NAME/KEY or KIND/OWNER/NAME/KEY/FILE. NULL: there is nothing. */
static Response *show(FakeGithub *fake, const Request *request, const char *path)
{
    g_auto(GStrv) parts = g_strsplit(path, "/", 5);
    gboolean is_renamed = FALSE;
    if (g_strv_length(parts) < 4) {
        return NULL;
    }
    g_autofree char *full_name = g_strdup_printf("%s/%s", parts[1], parts[2]);
    g_autoptr(Repository) repository = data_set_repository(fake->data, full_name, &is_renamed);
    if (repository == NULL) {
        return NULL;
    }
    return strcmp(parts[0], "lfs") == 0 ? show_lfs_object(fake, repository, parts[3])
                                        : show_attached_file(request, repository, parts[3]);
}

/* --- Requests --- */

static Response *refuse(guint status, const char *code, const char *message)
{
    g_autofree char *xml = g_strdup_printf(
        "<?xml version=\"1.0\"?><Error><Code>%s</Code><Message>%s</Message></Error>", code, message);
    return response_new_bytes(status, "application/xml", g_strdup(xml), strlen(xml));
}

static Response *handle(FakeGithub *fake, Request *request, const Route *route)
{
    const char *expires = request_parameter(request, "expires");
    const char *signature = request_parameter(request, "signature");
    g_autofree char *expected = sign(route->subpath, expires != NULL ? expires : "");
    if (request_header(request, MHD_HTTP_HEADER_AUTHORIZATION) != NULL) {
        return refuse(MHD_HTTP_BAD_REQUEST, "InvalidArgument", "Only one auth mechanism allowed");
    }
    if (signature == NULL || strcmp(signature, expected) != 0) {
        return refuse(MHD_HTTP_FORBIDDEN, "SignatureDoesNotMatch", "The signature does not match");
    }
    if (g_ascii_strtoll(expires, NULL, 10) < g_get_real_time() / G_USEC_PER_SEC) {
        return refuse(MHD_HTTP_FORBIDDEN, "AccessDenied", "Request has expired");
    }
    Response *response = show(fake, request, route->subpath);
    return response != NULL ? response : refuse(MHD_HTTP_NOT_FOUND, "NoSuchKey", "There is no such file");
}

gboolean storage_resolve(const Request *request, Route *route)
{
    if (!g_str_has_prefix(request->path, PREFIX)) {
        return FALSE;
    }
    route->subpath = g_strdup(request->path + strlen(PREFIX));
    g_autofree char *kind = g_strndup(route->subpath, strcspn(route->subpath, "/"));
    route->path = g_strdup(request->path);
    route->pattern = g_strdup_printf("%s%s/:file", PREFIX, kind);
    route->is_file = TRUE;
    route->handle = handle;
    return TRUE;
}
