/* The addresses of attached files on GitHub's own host. Who has a token is sent to the storage; to all
 * others, and for files that are not there, it is as if there were nothing. */
#include <string.h>

#include "spec/fake_github/access.h"
#include "spec/fake_github/attached_files.h"
#include "spec/fake_github/storage.h"

/* FALSE: the repository has no such file. */
static gboolean find(const Repository *repository, const char *path, Route *route)
{
    const Generator *generator = repository_generator(repository);
    const char *full_name = repository_full_name(repository);
    g_autoptr(AttachedFile) file = generator != NULL ? attached_file_find(generator, full_name, path) : NULL;
    if (file == NULL) {
        return FALSE;
    }
    route->key = g_strdup_printf("attachments/%s/%u/%s", full_name, file->ordinal, file->stored_name);
    return TRUE;
}

static Response *handle(FakeGithub *fake, Request *request, const Route *route)
{
    if (route->key == NULL || access_of_request(fake->options, request) != ACCESS_GRANTED) {
        return response_new_text(MHD_HTTP_NOT_FOUND, "Not Found");
    }
    g_autofree char *url = storage_url(fake, request, route->key);
    Response *response = response_new_empty(MHD_HTTP_FOUND);
    response_set_header(response, MHD_HTTP_HEADER_LOCATION, url);
    return response;
}

/* "/user-attachments/assets/UUID", "/OWNER/NAME/assets/USER/UUID" and the same with "files". */
static gboolean is_attachment(const char *path)
{
    g_auto(GStrv) parts = g_strsplit(path, "/", -1);
    guint count = g_strv_length(parts);
    const char *kind = count > 3 ? parts[strcmp(parts[1], "user-attachments") == 0 ? 2 : 3] : "";
    return g_str_has_prefix(path, "/user-attachments/") ||
           (count == 6 && (strcmp(kind, "assets") == 0 || strcmp(kind, "files") == 0));
}

gboolean attachment_resolve(FakeGithub *fake, const Request *request, Route *route)
{
    gboolean is_api = g_str_has_prefix(request->path, "/repos/") || g_str_has_prefix(request->path, "/api/");
    if (is_api || !is_attachment(request->path)) {
        return FALSE;
    }
    g_autoptr(GPtrArray) repositories = data_set_repositories(fake->data);
    for (guint i = 0; i < repositories->len; i++) {
        if (find(g_ptr_array_index(repositories, i), request->path, route)) {
            break;
        }
    }
    route->path = g_strdup(request->path);
    route->pattern = g_strdup("/:attachment");
    route->is_file = TRUE;
    route->handle = handle;
    return TRUE;
}
