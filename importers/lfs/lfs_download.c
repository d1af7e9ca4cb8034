#include "importers/lfs/lfs_download.h"

#include "importers/files/file_store.h"
#include "importers/github/error.h"
#include "importers/gitlab/url_sanitizer.h"
#include "importers/http/download.h"
#include "importers/http/url_parts.h"
#include "importers/lfs/lfs_endpoint.h"
#include "importers/lfs/lfs_error.h"
#include "protocol/json.h"

#include <string.h>

#define OID_DIGITS  64
#define RETRY_DELAY 120 /* seconds; LfsObjectImporter::RETRY_DELAY */

/* --- the object --- */

static gboolean is_oid(const char *oid)
{
    return oid && strlen(oid) == OID_DIGITS && strspn(oid, "0123456789abcdef") == OID_DIGITS;
}

static gboolean is_http(const char *link)
{
    g_autoptr(CurlUrl) url = link ? url_parts_parse(link, NULL) : NULL;
    return url != NULL;
}

gboolean lfs_download_object_parse(const json_t *representation, LfsDownloadObject *object)
{
    const json_t *headers = json_object_get(representation, "headers");
    gint64 size = json_integer_field(representation, "size", -1);
    *object = (LfsDownloadObject){
        .oid = json_string_field(representation, "oid"),
        .link = json_string_field(representation, "link"),
        .size = (guint64)size,
        .headers = json_is_object(headers) ? headers : NULL,
    };
    return is_oid(object->oid) && is_http(object->link) && size >= 0 &&
           (!headers || json_is_null(headers) || json_is_object(headers));
}

char *lfs_download_object_address(const LfsDownloadObject *object)
{
    g_autofree char *address = url_sanitizer_strip(object->link);
    address[strcspn(address, "?#")] = '\0';
    return g_steal_pointer(&address);
}

/* --- headers --- */

/* What belongs to the connection, or to a proxy, is not the LFS server's to say. */
static gboolean is_reserved(const char *name)
{
    static const char *const reserved[] = {
        "host",  "connection", "content-length",  "expect", "te", "transfer-encoding",
        "range", "upgrade",    "accept-encoding", NULL};
    return g_strv_contains(reserved, name) || g_str_has_prefix(name, "proxy-");
}

static gboolean is_name(const char *name)
{
    for (const char *character = name; *character; character++)
        if (!g_ascii_isalnum(*character) && !strchr("!#$%&'*+-.^_`|~", *character))
            return FALSE;
    return *name != '\0';
}

/* No line ends, with which a value would become further headers. */
static gboolean is_value(const char *value)
{
    for (const char *character = value; *character; character++)
        if (g_ascii_iscntrl(*character) && *character != '\t')
            return FALSE;
    return *value != '\0';
}

/* (transfer full) */
static char *link_authorization(const char *link)
{
    g_autoptr(GUri) uri = g_uri_parse(
        link, G_URI_FLAGS_HAS_PASSWORD | G_URI_FLAGS_ENCODED_PATH | G_URI_FLAGS_ENCODED_QUERY, NULL);
    return uri ? lfs_basic_authorization(g_uri_get_user(uri), g_uri_get_password(uri)) : NULL;
}

/* "Name: value", ended by NULL. (transfer full) */
static GPtrArray *request_headers(const LfsDownloadObject *object)
{
    GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);
    gboolean authorized = FALSE;
    const char *name;
    json_t *value;
    json_object_foreach ((json_t *)object->headers, name, value) {
        g_autofree char *lower = g_ascii_strdown(name, -1);
        const char *text = json_string_value(value);
        if (!text || !is_name(name) || !is_value(text) || is_reserved(lower))
            continue;
        authorized = authorized || g_str_equal(lower, "authorization");
        g_ptr_array_add(lines, g_strdup_printf("%s: %s", name, text));
    }
    char *own = authorized ? NULL : link_authorization(object->link);
    if (own)
        g_ptr_array_add(lines, own);
    g_ptr_array_add(lines, NULL);
    return lines;
}

/* --- the file --- */

static gboolean check_status(guint status, GError **error)
{
    if (status / 100 == 2)
        return TRUE;
    if (status == 429) {
        github_set_rate_limit_error(error, RETRY_DELAY, "Rate Limit exceeded");
        return FALSE;
    }
    gboolean expired = status == 401 || status == 403 || status == 404 || status == 410;
    LfsError code = status >= 500 ? LFS_ERROR_SERVER : expired ? LFS_ERROR_EXPIRED : LFS_ERROR_RESPONSE;
    g_set_error(error, LFS_ERROR, (int)code, "Received error code %u", status);
    return FALSE;
}

static gboolean receive(Session *session, const LfsDownloadObject *object, IncomingFile *file, GError **error)
{
    g_autofree char *url = url_sanitizer_strip(object->link);
    g_autoptr(GPtrArray) headers = request_headers(object);
    const HttpSink sink = {.write = incoming_file_write, .data = file};
    const Download wanted = {
        .url = url,
        .headers = (const char *const *)headers->pdata,
        .redirects = DOWNLOAD_REDIRECTS,
        .sink = &sink,
        .verify_tls = TRUE,
        .timeout = HTTP_TIMEOUT,
    };
    g_autoptr(HttpAnswer) answer = download(session, &wanted, NULL, error);
    return answer && check_status(answer->status, error);
}

static gboolean is_passing(const GError *failure)
{
    return g_error_matches(failure, LFS_ERROR, LFS_ERROR_SERVER) ||
           (failure->domain == HTTP_ERROR && !lfs_error_is_final(failure));
}

static gboolean receive_repeatedly(Session *session, const LfsDownloadObject *object, IncomingFile *file,
                                   GError **error)
{
    for (guint attempt = 1;; attempt++) {
        g_autoptr(GError) failure = NULL;
        if (receive(session, object, file, &failure))
            return TRUE;
        if (attempt == LFS_DOWNLOAD_ATTEMPTS || !is_passing(failure)) {
            g_propagate_error(error, g_steal_pointer(&failure));
            return FALSE;
        }
        if (!incoming_file_restart(file, error))
            return FALSE;
    }
}

static gboolean fail_size(GError **error)
{
    g_set_error_literal(error, LFS_ERROR, LFS_ERROR_SIZE, "Size mistmatch");
    return FALSE;
}

static gboolean verify(const LfsDownloadObject *object, const IncomingFile *file, GError **error)
{
    g_autofree char *digest = incoming_file_sha256(file);
    if (incoming_file_size(file) != object->size)
        return fail_size(error);
    if (g_str_equal(digest, object->oid))
        return TRUE;
    g_set_error_literal(error, LFS_ERROR, LFS_ERROR_OID, "Oid mismatch");
    return FALSE;
}

static gboolean receive_verified(Session *session, const LfsDownloadObject *object, IncomingFile *file,
                                 GError **error)
{
    g_autoptr(GError) failure = NULL;
    if (receive_repeatedly(session, object, file, &failure))
        return verify(object, file, error);
    if (g_error_matches(failure, FILE_ERROR, FILE_ERROR_TOO_LARGE))
        return fail_size(error);
    g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}

IncomingFile *lfs_download(Session *session, const LfsDownloadObject *object, GError **error)
{
    g_autoptr(IncomingFile) file = file_store_receive(session, FILE_STORE_LFS, object->size, error);
    return file && receive_verified(session, object, file, error) ? g_steal_pointer(&file) : NULL;
}
