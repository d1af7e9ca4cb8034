#include <string.h>

#include "spec/fake_github/rest.h"

/* pattern: a path with at most one '*', which stands for any text, slashes included (branch names have
 * them). What it stands for becomes the key. */
static gboolean match(const char *pattern, const char *subpath, char **key)
{
    const char *star = strchr(pattern, '*');
    if (star == NULL) {
        return strcmp(pattern, subpath) == 0;
    }
    gsize before = (gsize)(star - pattern);
    gsize after = strlen(star + 1);
    gsize length = strlen(subpath);
    if (length <= before + after || strncmp(pattern, subpath, before) != 0 ||
        strcmp(star + 1, subpath + length - after) != 0) {
        return FALSE;
    }
    *key = g_strndup(subpath + before, length - before - after);
    return TRUE;
}

static char *counter_pattern(const char *path, const char *key)
{
    g_auto(GStrv) parts = g_strsplit(path, "*", 2);
    return parts[1] != NULL ? g_strdup_printf("/repos/:owner/:repo/%s:%s%s", parts[0], key, parts[1])
                            : g_strdup_printf("/repos/:owner/:repo/%s", path);
}

static gboolean resolve_kind(Route *route, const ObjectKind *kind)
{
    const char *path = NULL;
    if (kind->list_path != NULL && match(kind->list_path, route->subpath, &route->key)) {
        path = kind->list_path;
        route->show = rest_show_list;
    } else if (kind->all_path != NULL && match(kind->all_path, route->subpath, &route->key)) {
        path = kind->all_path;
        route->show = rest_show_all;
    } else if (kind->item_path != NULL && match(kind->item_path, route->subpath, &route->key)) {
        path = kind->item_path;
        route->show = rest_show_object;
    } else {
        return FALSE;
    }
    route->kind = kind;
    route->pattern = counter_pattern(path, kind->parent != NULL ? "number" : kind->key);
    return TRUE;
}

static void resolve_subpath(Route *route)
{
    if (*route->subpath == '\0') {
        route->show = rest_show_repository;
        route->pattern = g_strdup("/repos/:owner/:repo");
        return;
    }
    for (gsize i = 0; OBJECT_KINDS[i] != NULL; i++) {
        if (resolve_kind(route, OBJECT_KINDS[i])) {
            return;
        }
    }
}

static void resolve_repository(FakeGithub *fake, const char *path, Route *route)
{
    g_auto(GStrv) parts = g_strsplit(path + strlen("/repos/"), "/", 3);
    if (parts[0] == NULL || parts[1] == NULL) {
        return;
    }
    g_autofree char *full_name = g_strdup_printf("%s/%s", parts[0], parts[1]);
    route->repository = data_set_repository(fake->data, full_name, &route->is_renamed);
    route->subpath = g_strdup(parts[2] != NULL ? parts[2] : "");
    if (route->repository != NULL) {
        resolve_subpath(route);
    }
}

static void resolve_numeric_repository(FakeGithub *fake, const char *path, Route *route)
{
    g_auto(GStrv) parts = g_strsplit(path + strlen("/repositories/"), "/", 2);
    gint64 id = 0;
    if (!g_ascii_string_to_signed(parts[0], 10, 0, G_MAXINT64, &id, NULL)) {
        return;
    }
    route->repository = data_set_repository_by_id(fake->data, id);
    route->subpath = g_strdup(parts[1] != NULL ? parts[1] : "");
    if (route->repository != NULL) {
        resolve_subpath(route);
    }
}

static void resolve_path(FakeGithub *fake, const char *path, Route *route)
{
    if (g_str_has_prefix(path, "/repos/")) {
        resolve_repository(fake, path, route);
    } else if (g_str_has_prefix(path, "/repositories/")) {
        resolve_numeric_repository(fake, path, route);
    } else if (g_str_has_prefix(path, "/users/")) {
        route->show = rest_show_user;
        route->key = g_strdup(path + strlen("/users/"));
        route->pattern = g_strdup("/users/:login");
    } else if (strcmp(path, "/rate_limit") == 0) {
        route->show = rest_show_rate_limit;
        route->pattern = g_strdup(path);
    }
}

/* The one spelling of a path that faults are matched with. */
static char *canonical_path(const char *path, const Route *route)
{
    if (route->repository == NULL) {
        return g_strdup(path);
    }
    return g_strdup_printf("/repos/%s%s%s", repository_full_name(route->repository),
                           *route->subpath != '\0' ? "/" : "", route->subpath);
}

void rest_resolve(FakeGithub *fake, const Request *request, Route *route)
{
    const char *path = request->path;
    if (g_str_has_prefix(path, "/api/v3/")) {
        route->api_prefix = "/api/v3";
        path += strlen("/api/v3");
    }
    route->is_rest = TRUE;
    route->handle = rest_handle;
    route->show = rest_show_unknown;
    resolve_path(fake, path, route);
    route->path = canonical_path(path, route);
    if (route->pattern == NULL) {
        route->pattern = g_strdup("(unknown)");
    }
}
