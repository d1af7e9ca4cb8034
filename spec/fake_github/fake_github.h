/* Everything a request may need, and where a request goes. */
#pragma once

#include "spec/fake_github/data_set.h"
#include "spec/fake_github/faults.h"
#include "spec/fake_github/journal.h"
#include "spec/fake_github/options.h"
#include "spec/fake_github/pause.h"
#include "spec/fake_github/rate_limit.h"
#include "spec/fake_github/request.h"
#include "spec/fake_github/response.h"

typedef struct {
    const Options *options;
    DataSet *data;
    RateLimit *rate_limit;
    Faults *faults;
    Journal *journal;
    Pause *pause;
} FakeGithub;

typedef struct Route Route;

typedef Response *(*RouteHandler)(FakeGithub *fake, Request *request, const Route *route);

/* Where a request goes, found out before anything is done with it. */
struct Route {
    RouteHandler handle;
    RouteHandler show;      /* REST: what is shown when nothing stands in the way */
    char *pattern;          /* for the counters: "/repos/:owner/:repo/labels" */
    char *path;             /* for faults: no /api/v3, no numeric repository */
    const char *api_prefix; /* "/api/v3" or "" */
    gboolean is_rest;
    gboolean is_control;
    gboolean is_file;       /* each address is counted by itself, see journal_files() */
    gboolean is_renamed;    /* the repository was asked for by a former name */
    Repository *repository; /* NULL: none, or unknown */
    const ObjectKind *kind;
    char *subpath; /* below the repository; "" for itself */
    char *key;     /* what '*' stands for in the kind's path */
};

Route *route_new(void);
void route_free(Route *route);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Route, route_free)

/* These fill the route and return TRUE when the request is their own. */
gboolean control_resolve(FakeGithub *fake, const Request *request, Route *route);
gboolean git_resolve(FakeGithub *fake, const Request *request, Route *route);
gboolean storage_resolve(const Request *request, Route *route);
gboolean lfs_resolve(FakeGithub *fake, const Request *request, Route *route);
gboolean attachment_resolve(FakeGithub *fake, const Request *request, Route *route);
gboolean graphql_resolve(const Request *request, Route *route);
/* This one takes every request, if only to answer 404 as GitHub does. */
void rest_resolve(FakeGithub *fake, const Request *request, Route *route);

/* (transfer full) */
Route *router_resolve(FakeGithub *fake, const Request *request);
