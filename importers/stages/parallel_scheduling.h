/*
 * Gitlab::GithubImport::ParallelScheduling (lib/gitlab/github_import/parallel_scheduling.rb) and
 * SingleEndpointNotesImporting: a stage pages through a collection of GitHub's and enqueues one job per
 * object. All jobs of a collection report to one waiter, whose key and count survive a restart of the stage.
 *
 * Unlike Ruby's, a page counts as done only when all of its objects are scheduled: a stage that is killed in
 * the middle of a page schedules the rest of it later. What is scheduled, and how many jobs the waiter has to
 * wait for, is recorded in one step per page, so nothing is counted twice; jobs carry a jid made from the
 * waiter and the object, so an object enqueued again after a kill is the same job to its waiter.
 *
 * How fast jobs are enqueued is said in importers/stages/job_pace.h.
 */
#pragma once

#include "importers/stages/stage.h"

typedef struct Scheduling Scheduling;

typedef struct ObjectCollection {
    const char *importer; /* "Gitlab::GithubImport::Importer::IssuesImporter": source of failures */
    const char
        *object_importer;  /* "Gitlab::GithubImport::Importer::IssueAndLabelLinksImporter": in the log */
    const char *name;      /* "issues": part of the Redis keys */
    const char *path;      /* below the repository, "issues"; with parents a format: "issues/%s/timeline" */
    const char *query;     /* "state=all&sort=created&direction=asc", or NULL */
    const char *worker;    /* "Gitlab::GithubImport::ImportIssueWorker" */
    guint jobs_per_minute; /* with PACE_GITLAB (parallel_import_batch); 0: the application setting */
    /* Member of the already-imported set; NULL: the object is skipped. `parent` as below. (transfer full) */
    char *(*id)(const json_t *object, const json_t *parent);
    /* Before the representations of a page's objects (an array) are made: looks up at once what they need,
     * and adds it to the objects. May be absent. May be repeated. */
    gboolean (*prepare)(Stage *stage, json_t *objects, GError **error);
    /* The job's second argument. NULL without error: skipped, and not marked. (transfer full) */
    json_t *(*representation)(Stage *stage, const json_t *object, const json_t *parent, GError **error);
    /* What the counter `fetched` counts it as; NULL: not counted. */
    const char *(*fetched_as)(const json_t *object);
    /* Appends the users that the object's job will look up, as GitHub describes them. May be absent. */
    void (*people)(const json_t *object, json_t *users);
    /* Before an object's job is enqueued, after its representation was made. May be absent. May be repeated.
     */
    gboolean (*scheduling)(Stage *stage, const json_t *object, const json_t *parent, GError **error);
} ObjectCollection;

/* Collections with one endpoint per record of GitLab's: each parent's pages, one parent after the other. A
 * parent that GitHub has no longer (404, 410) is recorded in import_failures and counts as done. */
typedef struct ParentCollection {
    const char *object_type; /* of a parent, in import_failures: "issue", "pull_request" */
    /* Yields `iid` and what else `parent` needs, in order of iid; parameters: project id, iid after which to
     * begin. 100 rows at a time. */
    const Statement *next;
    /* {"iid":..,...} from a row; handed to the collection's functions. (transfer full) */
    json_t *(*parent)(const PGresult *rows, int row);
    const char *done_set; /* format of the raw key of the set of finished parents' iids; "%" G_GINT64_FORMAT:
                             project */
    const char *done_set_key; /* the column and field that is in there instead of the iid: "id"; or NULL */
    gboolean single;          /* GitHub answers with one object instead of pages: there is no page counter */
    const char *page_counter; /* format of a page counter's collection part, the iid as %s:
                                 "issues/%s/issue_timeline" */
    const char
        *page_counter_key; /* the parent's field that is named there instead of its iid: "id"; or NULL */
    /* After a parent's last page; enqueues with parallel_scheduling_enqueue what follows. May be absent. */
    gboolean (*parent_done)(Scheduling *scheduling, const json_t *parent, GError **error);
} ParentCollection;

/* Schedules the whole collection. Adds its waiter and count to `waiters`, also when there were no objects.
 * The error is recorded in import_failures, as Ruby does, unless it only interrupts. */
gboolean parallel_scheduling_run(Stage *stage, const ObjectCollection *collection, json_t *waiters,
                                 GError **error);
/* The same for a collection of which GitHub lists only so much: there its refusal to go on (422) ends the
 * run, and *cut is TRUE. */
gboolean parallel_scheduling_run_limited(Stage *stage, const ObjectCollection *collection, json_t *waiters,
                                         gboolean *cut, GError **error);
/* The same for several groups of parents (ended by NULL), one after the other. */
gboolean parallel_scheduling_run_parents(Stage *stage, const ObjectCollection *collection,
                                         const ParentCollection *const *parents, json_t *waiters,
                                         GError **error);
/* The same for objects that are at hand already (an array). */
gboolean parallel_scheduling_run_objects(Stage *stage, const ObjectCollection *collection,
                                         const json_t *objects, json_t *waiters, GError **error);

/* Takes the next objects of a collection (an array); `data` is what came with it. */
typedef gboolean (*ObjectSink)(gpointer data, const json_t *objects, GError **error);
/* Hands all objects to `take`, in as many calls as it likes; what was taken before already is left out. */
typedef gboolean (*ObjectSource)(Stage *stage, ObjectSink take, gpointer data, GError **error);
/* The same for objects that come from elsewhere, little by little. */
gboolean parallel_scheduling_run_source(Stage *stage, const ObjectCollection *collection, ObjectSource source,
                                        json_t *waiters, GError **error);

/* Collections of records that the import has written itself: nothing is asked of GitHub. */
typedef struct RecordCollection {
    ObjectCollection objects; /* `path` and `query` are not used */
    /* Yields `id` and what else `record` needs, in order of the column `position`; parameters: project id,
     * position after which to begin. 100 rows at a time. */
    const Statement *next;
    const char *position; /* "id", "iid" */
    /* What the collection's functions get as `object`. (transfer full) */
    json_t *(*record)(const PGresult *rows, int row);
} RecordCollection;

/* Ruby marks records without representation too; here a later run looks at them once more. */
gboolean parallel_scheduling_run_records(Stage *stage, const RecordCollection *collection, json_t *waiters,
                                         GError **error);

/* From parent_done: one more job, once per `name`, that reports to the same waiter. `representation` is
 * consumed. */
gboolean parallel_scheduling_enqueue(Scheduling *scheduling, const char *worker, const char *name,
                                     json_t *representation, GError **error);
Stage *parallel_scheduling_stage(Scheduling *scheduling);
