/*
 * One page of a collection on its way: the objects of it that are not scheduled yet become jobs. Internal to
 * parallel_scheduling.c and its neighbours.
 */
#pragma once

#include "importers/stages/job_pace.h"
#include "importers/stages/page_position.h"
#include "importers/stages/parallel_scheduling.h"
#include "importers/stages/scheduled_jobs.h"
#include "importers/stages/waiting_pages.h"

/* One run of a collection. */
struct Scheduling {
    Stage *stage;                       /* borrowed */
    const ObjectCollection *collection; /* borrowed */
    ScheduledJobs *jobs;
    JobPace *pace;
    WaitingPages *waiting;
    gint64 kept_alive_at; /* monotonic; see keep_alive */
};

typedef struct SchedulingPage {
    json_t *objects; /* those to be scheduled */
    GPtrArray *ids;  /* theirs */
    json_t *parent;  /* or NULL */
    gsize bytes;     /* of the objects, as JSON, while it waits */
    guint64 people;  /* accounts to be asked for before it, since the beginning of the run */
    /* Set: no page, but what follows the parent's last one. */
    const ParentCollection *ended;
    char *collection; /* of its position; NULL: no position is kept */
    PagePosition position;
} SchedulingPage;

/* Leaves out the objects that are scheduled already, or twice in the page; `parent` may be NULL. (transfer
 * full) */
SchedulingPage *scheduling_page_new(Scheduling *scheduling, const json_t *objects, json_t *parent,
                                    GError **error);
/* The mark behind a parent's pages. (transfer full) */
SchedulingPage *scheduling_page_end(json_t *parent, const ParentCollection *parents);
void scheduling_page_free(SchedulingPage *page);

/* Pushes the jobs, records them, and notes that the page is done; or does what follows the parent. */
gboolean scheduling_page_run(Scheduling *scheduling, const SchedulingPage *page, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SchedulingPage, scheduling_page_free)
