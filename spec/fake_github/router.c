#include "spec/fake_github/fake_github.h"

Route *route_new(void)
{
    Route *route = g_new0(Route, 1);
    route->api_prefix = "";
    return route;
}

void route_free(Route *route)
{
    g_free(route->pattern);
    g_free(route->path);
    g_free(route->subpath);
    g_free(route->key);
    g_clear_pointer(&route->repository, repository_unref);
    g_free(route);
}

Route *router_resolve(FakeGithub *fake, const Request *request)
{
    g_autoptr(Route) route = route_new();
    if (!control_resolve(fake, request, route) && !git_resolve(fake, request, route) &&
        !storage_resolve(request, route) && !lfs_resolve(fake, request, route) &&
        !attachment_resolve(fake, request, route) && !graphql_resolve(request, route)) {
        rest_resolve(fake, request, route);
    }
    return g_steal_pointer(&route);
}
