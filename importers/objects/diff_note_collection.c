#include "importers/objects/diff_note_collection.h"

#include "importers/gitlab/people_mode.h"
#include "importers/objects/pull_requests/parents.h"
#include "importers/objects/representation.h"
#include "importers/stages/scheduled_elsewhere.h"
#include "protocol/import_caching.h"
#include "protocol/json.h"

#include <string.h>

#define REPOSITORY_COLLECTION "pull_requests_comments"
#define DISCUSSION_ID         "discussion_id" /* found for a page's comments, as a field of theirs */

/* --- what a comment is on --- */

/* "/NAME/pull/9" in a comment's URL. */
typedef struct PullRequest {
    const char *repository; /* NAME; borrowed */
    gsize repository_length;
    gint64 iid;
} PullRequest;

static gboolean find_pull_request(const json_t *comment, PullRequest *pull_request)
{
    static const char word[] = "/pull/";
    const char *url = json_string_field(comment, "html_url"), *segment = url;
    for (const char *at = url ? strchr(url, '/') : NULL; at; at = strchr(at + 1, '/')) {
        const char *number = at + strlen(word);
        if (g_ascii_strncasecmp(at, word, strlen(word)) == 0 && g_ascii_isdigit(*number)) {
            *pull_request = (PullRequest){segment, (gsize)(at - segment), g_ascii_strtoll(number, NULL, 10)};
            return TRUE;
        }
        segment = at + 1;
    }
    return FALSE;
}

/* --- discussions --- */

char *diff_note_discussion_key(const char *repository, gsize length, gint64 iid, gint64 note_id)
{
    return g_strdup_printf("github-importer/discussion-id-map/%.*s/%" G_GINT64_FORMAT "/%" G_GINT64_FORMAT,
                           (int)length, repository, iid, note_id);
}

/* That of the comment whose id `field` holds. (transfer full) */
static char *discussion_key(const json_t *comment, const PullRequest *pull_request, const char *field)
{
    return diff_note_discussion_key(pull_request->repository, pull_request->repository_length,
                                    pull_request->iid, json_integer_field(comment, field, 0));
}

static gboolean is_reply(const json_t *comment)
{
    return json_is_integer(json_object_get(comment, "in_reply_to_id"));
}

/* (transfer full) */
static GPtrArray *discussion_keys(const json_t *comments)
{
    GPtrArray *keys = g_ptr_array_new_with_free_func(g_free);
    size_t i;
    json_t *comment;
    json_array_foreach (comments, i, comment) {
        PullRequest pull_request;
        if (!find_pull_request(comment, &pull_request))
            continue;
        g_ptr_array_add(keys, discussion_key(comment, &pull_request, "id"));
        if (is_reply(comment))
            g_ptr_array_add(keys, discussion_key(comment, &pull_request, "in_reply_to_id"));
    }
    return keys;
}

/* Key -> discussion id. (transfer full) */
static GHashTable *known_discussions(Redis *redis, const json_t *comments, GError **error)
{
    g_autoptr(GHashTable) known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_autoptr(GPtrArray) keys = discussion_keys(comments);
    if (keys->len == 0)
        return g_steal_pointer(&known);
    g_autoptr(GPtrArray) values = cache_read_multiple(redis, keys, CACHE_TIMEOUT, error);
    if (!values)
        return NULL;
    for (guint i = 0; i < keys->len; i++) {
        const char *value = values->pdata[i];
        if (value && *value)
            g_hash_table_insert(known, g_strdup(keys->pdata[i]), g_strdup(value));
    }
    return g_steal_pointer(&known);
}

/* 40 hex digits, like GitLab's, which are random. (transfer full) */
static char *new_discussion_id(const Stage *stage, const json_t *comment, const PullRequest *pull_request)
{
    g_autofree char *name = g_strdup_printf(
        "discussion-merge_request-%" G_GINT64_FORMAT "-%" G_GINT64_FORMAT "-%" G_GINT64_FORMAT,
        stage->project->id, pull_request->iid, json_integer_field(comment, "id", 0));
    return g_compute_checksum_for_string(G_CHECKSUM_SHA1, name, -1);
}

/* A reply is listed after the first comment of its thread, or begins a thread of its own. What was not known
 * is added to `fresh`, as key and value. */
static const char *discussion_of(const Stage *stage, const json_t *comment, const PullRequest *pull_request,
                                 GHashTable *known, GPtrArray *fresh)
{
    g_autofree char *own = discussion_key(comment, pull_request, "id");
    g_autofree char *thread = discussion_key(comment, pull_request, "in_reply_to_id");
    const char *found = is_reply(comment) ? g_hash_table_lookup(known, thread) : NULL;
    if (!found)
        found = g_hash_table_lookup(known, own);
    if (found)
        return found;
    char *discussion_id = new_discussion_id(stage, comment, pull_request);
    g_ptr_array_add(fresh, g_strdup(own));
    g_ptr_array_add(fresh, g_strdup(discussion_id));
    g_hash_table_insert(known, g_steal_pointer(&own), discussion_id);
    return discussion_id;
}

static gboolean find_discussions(Stage *stage, json_t *comments, GError **error)
{
    Redis *redis = session_redis(stage->session, REDIS_SHARED_STATE);
    g_autoptr(GHashTable) known = known_discussions(redis, comments, error);
    g_autoptr(GPtrArray) fresh = g_ptr_array_new_with_free_func(g_free);
    size_t i;
    json_t *comment;
    if (!known)
        return FALSE;
    json_array_foreach (comments, i, comment) {
        PullRequest pull_request;
        if (find_pull_request(comment, &pull_request))
            json_object_set_new(comment, DISCUSSION_ID,
                                json_string(discussion_of(stage, comment, &pull_request, known, fresh)));
    }
    return fresh->len == 0 || cache_write_multiple(redis, fresh, CACHE_TIMEOUT, error);
}

/* --- comments --- */

static char *id(const json_t *comment, G_GNUC_UNUSED const json_t *parent)
{
    return representation_id(comment, "id");
}

static gboolean prepare(Stage *stage, json_t *comments, GError **error)
{
    static const char *const others[] = {REPOSITORY_COLLECTION, NULL};
    return (people_mode_is_newest(stage->session) ||
            scheduled_elsewhere_find(stage, comments, others, error)) &&
           find_discussions(stage, comments, error);
}

static json_t *representation_of(const json_t *comment, const PullRequest *pull_request)
{
    json_t *hash = json_object();
    json_object_set_new(hash, "noteable_id", json_integer(pull_request->iid));
    json_object_set_new(hash, "commit_id", representation_value(comment, "commit_id"));
    json_object_set_new(hash, "original_commit_id", representation_value(comment, "original_commit_id"));
    json_object_set_new(hash, "file_path", representation_value(comment, "path"));
    json_object_set_new(hash, "diff_hunk", representation_value(comment, "diff_hunk"));
    json_object_set_new(hash, "author", representation_user(json_object_get(comment, "user")));
    json_object_set_new(hash, "note", representation_value(comment, "body"));
    json_object_set_new(hash, "created_at", representation_time(comment, "created_at"));
    json_object_set_new(hash, "updated_at", representation_time(comment, "updated_at"));
    json_object_set_new(hash, "note_id", representation_value(comment, "id"));
    json_object_set_new(hash, "end_line", representation_value(comment, "line"));
    json_object_set_new(hash, "start_line", representation_value(comment, "start_line"));
    json_object_set_new(hash, "original_end_line", representation_value(comment, "original_line"));
    json_object_set_new(hash, "original_start_line", representation_value(comment, "original_start_line"));
    json_object_set_new(hash, "side", representation_value(comment, "side"));
    json_object_set_new(hash, "in_reply_to_id", representation_value(comment, "in_reply_to_id"));
    json_object_set_new(hash, "discussion_id", representation_value(comment, DISCUSSION_ID));
    json_object_set_new(hash, "subject_type", representation_value(comment, "subject_type"));
    return hash;
}

static json_t *representation(G_GNUC_UNUSED Stage *stage, const json_t *comment,
                              G_GNUC_UNUSED const json_t *parent, GError **error)
{
    PullRequest pull_request;
    if (find_pull_request(comment, &pull_request))
        return scheduled_elsewhere(comment) ? NULL : representation_of(comment, &pull_request);
    const char *url = json_string_field(comment, "html_url");
    g_set_error(error, JOB_ERROR, JOB_ERROR_ARGUMENTS, "The note URL \"%s\" is not supported",
                url ? url : "");
    return NULL;
}

static const char *fetched_as(G_GNUC_UNUSED const json_t *comment)
{
    return "diff_note";
}

static void people(const json_t *comment, json_t *users)
{
    json_array_append(users, json_object_get(comment, "user"));
}

#define DIFF_NOTES(class)                                                                                    \
    .importer = "Gitlab::GithubImport::Importer::" class,                                                    \
    .object_importer = "Gitlab::GithubImport::Importer::DiffNoteImporter",                                   \
    .worker = "Gitlab::GithubImport::ImportDiffNoteWorker", .id = id, .representation = representation,      \
    .fetched_as = fetched_as, .people = people

const ObjectCollection diff_notes_collection = {
    DIFF_NOTES("SingleEndpointDiffNotesImporter"),
    .name = "pull_request_comments",
    .path = "pulls/%s/comments",
    .prepare = prepare,
};

const ObjectCollection repository_diff_notes_collection = {
    DIFF_NOTES("DiffNotesImporter"),
    .name = REPOSITORY_COLLECTION,
    .path = "pulls/comments",
    .prepare = find_discussions,
};

/* --- merge requests --- */

const ParentCollection diff_notes_parents = {
    .object_type = "pull_request",
    .next = &every_merge_request,
    .parent = merge_request_as_parent,
    .done_set = "github-importer/merge_request/diff_notes/already-imported/%" G_GINT64_FORMAT,
    .page_counter = "merge_request/%s/pull_request_comments",
    .page_counter_key = "id",
};
