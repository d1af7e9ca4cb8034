/*
 * The comments' own stage of GitLab before the timeline brought them
 * (app/workers/gitlab/github_import/stage/import_notes_worker.rb, lib/gitlab/github_import/importer/
 * notes_importer.rb, single_endpoint_{issue,merge_request}_notes_importer.rb): a job of it may still be in a
 * queue, or come from an older server.
 *
 * GitHub lists no more than about 30,000 comments of a repository. Ruby fails there, unless the import was
 * told to ask issue by issue; here that follows by itself, and leaves out what was listed.
 */
#include "importers/objects/issue_event_representation.h"
#include "importers/objects/note_representation.h"
#include "importers/stages/scheduled_elsewhere.h"
#include "importers/stages/stages.h"
#include "protocol/log.h"

#define DONE_SET(type) "github-importer/" type "/notes/already-imported/%" G_GINT64_FORMAT
/* Not Ruby's "issue/ID/issue_comments", as what is known of a parent is its iid. */
#define PAGE_COUNTER "issues/%s/issue_comments"

/* The timeline's events and the repository's comments become the same notes. */
static gboolean prepare(Stage *stage, json_t *comments, GError **error)
{
    static const char *const others[] = {"issue_timeline", "issues_comments", NULL};
    return scheduled_elsewhere_find(stage, comments, others, error);
}

static json_t *representation(Stage *stage, const json_t *comment, const json_t *parent, GError **error)
{
    return scheduled_elsewhere(comment) ? NULL : note_representation(stage, comment, parent, error);
}

#define NOTES(class)                                                                                         \
    .importer = "Gitlab::GithubImport::Importer::" class,                                                    \
    .object_importer = "Gitlab::GithubImport::Importer::NoteImporter",                                       \
    .worker = "Gitlab::GithubImport::ImportNoteWorker", .id = note_id, .prepare = prepare,                   \
    .representation = representation, .fetched_as = note_fetched_as, .people = note_people

static const ObjectCollection all_notes = {
    NOTES("NotesImporter"),
    .name = "issues_comments",
    .path = "issues/comments",
};
static const ObjectCollection issue_notes = {
    NOTES("SingleEndpointIssueNotesImporter"),
    .name = "issue_comments",
    .path = "issues/%s/comments",
};
static const ObjectCollection merge_request_notes = {
    NOTES("SingleEndpointMergeRequestNotesImporter"),
    .name = "issue_comments",
    .path = "issues/%s/comments",
};

/* `like` are the parents of timelines. */
static gboolean run_parents(Stage *stage, const ObjectCollection *collection, const ParentCollection *like,
                            const char *done_set, json_t *waiters, GError **error)
{
    const ParentCollection parents = {
        .object_type = like->object_type,
        .next = like->next,
        .parent = like->parent,
        .done_set = done_set,
        .page_counter = PAGE_COUNTER,
    };
    const ParentCollection *const list[] = {&parents, NULL};
    log_info("starting importer", "{s:s}", "importer", collection->importer);
    return parallel_scheduling_run_parents(stage, collection, list, waiters, error);
}

static gboolean run_single_endpoints(Stage *stage, json_t *waiters, GError **error)
{
    return run_parents(stage, &issue_notes, &issue_parents, DONE_SET("issue"), waiters, error) &&
           run_parents(stage, &merge_request_notes, &merge_request_parents, DONE_SET("merge_request"),
                       waiters, error);
}

static gboolean run_all(Stage *stage, json_t *waiters, GError **error)
{
    gboolean cut;
    log_info("starting importer", "{s:s}", "importer", all_notes.importer);
    if (!parallel_scheduling_run_limited(stage, &all_notes, waiters, &cut, error))
        return FALSE;
    if (!cut)
        return TRUE;
    log_info("GitHub lists no more comments, asking issue by issue", NULL);
    return run_single_endpoints(stage, waiters, error);
}

static gboolean run(Stage *stage, json_t *waiters, GError **error)
{
    return stage->data->single_endpoint_notes_import ? run_single_endpoints(stage, waiters, error)
                                                     : run_all(stage, waiters, error);
}

/* With "extended events" the timeline brings the comments. */
static gboolean import_notes(Stage *stage, GError **error)
{
    g_autoptr(json_t) waiters = json_object();
    return (stage->data->extended_events || run(stage, waiters, error)) &&
           stage_advance_to(stage, g_steal_pointer(&waiters), "attachments", error);
}

gboolean import_notes_perform(Session *session, const Job *job, GError **error)
{
    return stage_perform(session, job, import_notes, error);
}
