/*
 * Pages that wait, in order, until GitHub has been asked about their people, so that it is asked for 100
 * people at a time (importers/gitlab/user_preload.h). A page whose people are all known does not wait unless
 * pages before it do. A page waits until 100 people have come together with its last one, or 100 pages (a
 * parent's end is one), or 6 MiB of objects as JSON, which are several times as much in memory.
 *
 * What waits is not scheduled: a stage that is stopped reads these pages again.
 */
#pragma once

#include "importers/stages/stage.h"

typedef struct Scheduling Scheduling;
typedef struct SchedulingPage SchedulingPage;
typedef struct WaitingPages WaitingPages;

/* The stage is borrowed. (transfer full) */
WaitingPages *waiting_pages_new(Stage *stage);
void waiting_pages_free(WaitingPages *waiting);

/* Whether a page that waits has the object. */
gboolean waiting_pages_contain(const WaitingPages *waiting, const char *id);
/* Adds a page (transfer full), and runs what need not wait any longer. */
gboolean waiting_pages_add(Scheduling *scheduling, SchedulingPage *page, GError **error);
/* Runs all that wait. */
gboolean waiting_pages_run(Scheduling *scheduling, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(WaitingPages, waiting_pages_free)
