/*
 * Git LFS: POST /OWNER/NAME.git/info/lfs/objects/batch says where the objects are. In turn, by the first
 * digit of the digest:
 *
 *   0 to 7  in the storage, the address is all that is needed
 *   8 to b  on this host, with a header that the answer states
 *   c to f  on this host, with the credentials of the batch request
 */
#include <string.h>

#include "spec/fake_github/access.h"
#include "spec/fake_github/storage.h"

static const char LFS_TYPE[] = "application/vnd.git-lfs+json";
static const char SERVICE[] = ".git/info/lfs/objects/";
static const char REMOTE_AUTH[] = "RemoteAuth gitauth-v1-";

static Response *refuse(guint status, const char *message)
{
    g_autofree char *json = g_strdup_printf("{\"message\": \"%s\"}", message);
    Response *response = response_new_bytes(status, LFS_TYPE, g_strdup(json), strlen(json));
    if (status == MHD_HTTP_UNAUTHORIZED) {
        response_set_header(response, "LFS-Authenticate", "Basic realm=\"GitHub\"");
    }
    return response;
}

/* --- The batch request --- */

static char *remote_auth(const char *oid)
{
    g_autofree char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, oid, -1);
    return g_strconcat(REMOTE_AUTH, digest, NULL);
}

/* (transfer full) */
static json_t *describe_download(const FakeGithub *fake, const Request *request, const char *full_name,
                                 const char *oid)
{
    if (*oid < '8') {
        g_autofree char *path = g_strdup_printf("lfs/%s/%s", full_name, oid);
        g_autofree char *url = storage_url(fake, request, path);
        return json_pack("{s:s, s:i}", "href", url, "expires_in", fake->options->storage_expires);
    }
    json_t *download =
        json_pack("{s:o}", "href", json_sprintf("%s/%s%s%s", request->base_url, full_name, SERVICE, oid));
    if (*oid < 'c') {
        g_autofree char *authorization = remote_auth(oid);
        json_object_set_new(download, "header", json_pack("{s:s}", "Authorization", authorization));
    }
    return download;
}

/* (transfer full) */
static json_t *describe_object(const FakeGithub *fake, const Request *request, const Repository *repository,
                               json_t *wanted)
{
    const char *oid = json_string_value(json_object_get(wanted, "oid"));
    g_autoptr(GBytes) content = oid != NULL ? storage_lfs_object(fake, repository, oid) : NULL;
    json_t *object = json_copy(wanted);
    if (content == NULL) {
        json_object_set_new(object, "error",
                            json_pack("{s:i, s:s}", "code", MHD_HTTP_NOT_FOUND, "message",
                                      "Object does not exist on the server"));
    } else {
        json_object_set_new(
            object, "actions",
            json_pack("{s:o}", "download",
                      describe_download(fake, request, repository_full_name(repository), oid)));
    }
    return object;
}

static Response *answer_batch(const FakeGithub *fake, const Request *request, const Repository *repository)
{
    json_auto_t *body = request->body_fd >= 0 ? json_loadfd(request->body_fd, 0, NULL) : NULL;
    json_t *wanted = json_object_get(body, "objects");
    if (g_strcmp0(json_string_value(json_object_get(body, "operation")), "download") != 0 ||
        !json_is_array(wanted)) {
        return refuse(MHD_HTTP_UNPROCESSABLE_CONTENT, "Not a download");
    }
    if (json_array_size(wanted) > (gsize)fake->options->lfs_batch_limit) {
        return refuse(MHD_HTTP_CONTENT_TOO_LARGE, "Too many objects");
    }
    json_t *objects = json_array();
    size_t index = 0;
    json_t *object = NULL;
    json_array_foreach (wanted, index, object) {
        json_array_append_new(objects, describe_object(fake, request, repository, object));
    }
    json_auto_t *answer =
        json_pack("{s:s, s:o, s:s}", "transfer", "basic", "objects", objects, "hash_algo", "sha256");
    char *text = json_dumps(answer, JSON_COMPACT);
    return response_new_bytes(MHD_HTTP_OK, LFS_TYPE, text, strlen(text));
}

/* --- An object on this host --- */

static gboolean may_download(const FakeGithub *fake, const Request *request, const char *oid)
{
    const char *authorization = request_header(request, MHD_HTTP_HEADER_AUTHORIZATION);
    g_autofree char *expected = remote_auth(oid);
    return *oid < 'c' ? g_strcmp0(authorization, expected) == 0
                      : access_of_request(fake->options, request) == ACCESS_GRANTED;
}

static Response *show_object(const FakeGithub *fake, const Request *request, const Repository *repository,
                             const char *oid)
{
    if (!may_download(fake, request, oid)) {
        return refuse(MHD_HTTP_UNAUTHORIZED, "Credentials needed");
    }
    GBytes *content = storage_lfs_object(fake, repository, oid);
    return content != NULL ? storage_response("application/octet-stream", content)
                           : refuse(MHD_HTTP_NOT_FOUND, "Object does not exist");
}

/* --- Requests --- */

static Response *handle(FakeGithub *fake, Request *request, const Route *route)
{
    if (route->repository == NULL || repository_status(route->repository) != 0) {
        return refuse(MHD_HTTP_NOT_FOUND, "Repository not found");
    }
    if (strcmp(route->key, "batch") != 0) {
        return show_object(fake, request, route->repository, route->key);
    }
    if (access_of_request(fake->options, request) != ACCESS_GRANTED) {
        return refuse(MHD_HTTP_UNAUTHORIZED, "Credentials needed");
    }
    return answer_batch(fake, request, route->repository);
}

gboolean lfs_resolve(FakeGithub *fake, const Request *request, Route *route)
{
    const char *service = strstr(request->path, SERVICE);
    if (service == NULL) {
        return FALSE;
    }
    g_autofree char *full_name = g_strndup(request->path + 1, (gsize)(service - request->path - 1));
    route->key = g_strdup(service + strlen(SERVICE));
    route->repository = data_set_repository(fake->data, full_name, &route->is_renamed);
    route->is_file = strcmp(route->key, "batch") != 0;
    route->path = g_strdup(request->path);
    route->pattern = g_strdup_printf("/:owner/:repo%s%s", SERVICE, route->is_file ? ":oid" : "batch");
    route->handle = handle;
    return TRUE;
}
