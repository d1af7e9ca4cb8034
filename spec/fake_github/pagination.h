/*
 * GitHub's paging: per_page (30, at most 100) and page, answered with a Link header of absolute URLs.
 * With cursors, as GitHub pages long issue lists, the next URL carries an opaque "after", there is no
 * "last", and a high page number without a cursor is refused. Where GitHub limits a list, "last" is the last
 * page that may be read; there is a "next" behind it all the same, which is refused.
 */
#pragma once

#include "spec/fake_github/request.h"

typedef struct {
    gboolean cursors;
    guint last_numbered_page; /* with cursors: no page beyond this one without a cursor */
    guint limit;              /* so many objects can be read; 0: all */
} PageRules;

typedef struct {
    guint per_page;
    guint number; /* 1 is the first */
    guint first;  /* position of the page's first object */
    guint count;  /* objects on this page */
    guint total;  /* objects in the list */
    PageRules rules;
} Page;

/* FALSE when the page is refused (422). */
gboolean page_parse(Page *page, const Request *request, guint total, const PageRules *rules);

/* url: absolute, without query. NULL when there is one page only. (transfer full) */
char *page_link_header(const Page *page, const char *url, const char *query);
