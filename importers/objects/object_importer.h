/*
 * Gitlab::GithubImport::ObjectImporter and ReschedulingMethods (app/workers/concerns/gitlab/github_import/
 * object_importer.rb, rescheduling_methods.rb): what all jobs that import one object have in common.
 * Arguments: [project id, representation, waiter key].
 *
 * A job imports only while its import runs, and stops when that ends meanwhile. When it is done, and also
 * when it had nothing to do or was stopped, its waiter is told, once per jid. A rate limit or a taken lease
 * enqueues the job again for later, without telling the waiter. An object that GitLab's model would refuse is
 * recorded in import_failures and counts as done; any other error is recorded and left to Sidekiq's retries;
 * when these are exhausted the waiter is told. One whose rows refer to something that was deleted since is
 * skipped without a word.
 *
 * Jobs of one class and one project are executed in batches: one look-up, one transaction and one round trip
 * to Redis for all of them. When a batch's transaction fails, its objects are imported one by one, so that
 * only the guilty one fails.
 *
 * Exactly once: each object has a receipt (importers/gitlab/receipts.h) under GitHub's id, in the transaction
 * of its rows. What follows the commit (placeholder references, finder keys, counters, waiter) is done again
 * for an object whose receipt is found; the receipt remembers the references, which name the ids of the rows.
 */
#pragma once

#include "importers/gitlab/finder_cache.h"
#include "importers/gitlab/import_data.h"
#include "importers/gitlab/row_table.h"
#include "importers/gitlab/user_finder.h"

/* imported_from of all rows that have it: GitHub in Import::HasImportSource (app/models/concerns/import/
 * has_import_source.rb). */
#define IMPORTED_FROM_GITHUB 4

#define OBJECT_ERROR (object_error_quark())
GQuark object_error_quark(void);
typedef enum {
    OBJECT_ERROR_INVALID,       /* ActiveRecord::RecordInvalid: recorded, not retried */
    OBJECT_ERROR_NOT_RETRIABLE, /* Gitlab::GithubImport::ObjectImporter::NotRetriableError: recorded, not
                                   retried */
    OBJECT_ERROR_NO_METHOD,     /* NoMethodError, a representation of another shape: recorded, not retried */
    OBJECT_ERROR_NOT_UNIQUE,    /* ActiveRecord::RecordNotUnique: recorded and retried */
    OBJECT_ERROR_NOTEABLE_NOT_FOUND, /* Gitlab::GithubImport::Exceptions::NoteableNotFound: recorded and
                                        retried */
} ObjectErrorCode;

typedef struct ObjectImporter ObjectImporter;

/* What the objects of one batch share. Jobs of one project. */
typedef struct ObjectBatch {
    Session *session;
    const ObjectImporter *importer;
    const Project *project;
    const ImportData *data; /* NULL: the import's settings are gone */
    GithubClient *github;   /* NULL where there is no token; asking it is the exception */
    UserFinder *users;
    Finder *labels, *milestones, *issues, *merge_requests;
    GPtrArray *objects;   /* of ImportedObject: those that are not done or failed yet */
    char *now;            /* one time for all rows of the batch */
    GHashTable *id_pools; /* object_next_id's own */
} ObjectBatch;

typedef struct ImportedObject {
    const Job *job;
    const json_t *representation;
    gboolean fresh; /* from `build` on: rows are written for it, its receipt was not there; see `committed` */
    gboolean uncounted; /* set by `build`: the job is done, but the counter `imported` does not count it */
    gpointer importer_data; /* the importer's own; freed with importer_data_free, or NULL */
    GDestroyNotify importer_data_free;
    struct ObjectState *state; /* importers/objects/object_batch.h */
} ImportedObject;

struct ObjectImporter {
    const char *class_name;  /* "Gitlab::GithubImport::Importer::IssueImporter": in logs and as the source of
                                failures */
    const char *object_type; /* "issue" */
    /* What the counter `imported` counts it as; NULL: not at all. Absent: object_type. */
    const char *(*counted_as)(const json_t *representation);
    /* github_identifiers, for log and failure row, without object_type. (transfer full) */
    json_t *(*identifiers)(const json_t *representation);
    /* The kind and the key of its receipt, GitHub's identity of the object. (the key: transfer full) */
    const char *(*receipt_kind)(const json_t *representation); /* absent: object_type */
    char *(*receipt)(const json_t *representation);
    /* Appends the GitHub users that `build` will ask for. May be absent. */
    void (*people)(const json_t *representation, json_t *users);
    /* Looks up for all objects at once what `build` needs (finder_preload and own queries). May be absent. */
    gboolean (*prepare)(ObjectBatch *batch, GError **error);
    /* Says which rows the object becomes (object_insert, object_refer). Writes nothing itself. */
    gboolean (*build)(ObjectBatch *batch, ImportedObject *object, GError **error);
    /* In the transaction, after the rows of `tables` were inserted, for what is no plain INSERT, or is one
     * that must wait (object_insert_rows). May be absent. */
    gboolean (*write)(ObjectBatch *batch, GError **error);
    /* After the commit, for all objects of the batch, fresh or not; may be repeated. May be absent. */
    gboolean (*committed)(ObjectBatch *batch, GError **error);
    /* Every table that `build` names, in the order of insertion, ended by NULL; but those of `write`. */
    const RowTable *const *tables;
};

/* The next id of the table's sequence. */
gboolean object_next_id(ObjectBatch *batch, const RowTable *table, gint64 *id, GError **error);
/* A row of the object. `row` names all of the table's columns and is consumed. */
void object_insert(ImportedObject *object, const RowTable *table, json_t *row);
/* In `write`: inserts the rows that `build` named for a table. */
gboolean object_insert_rows(ObjectBatch *batch, const RowTable *table, GError **error);
/* Pushes a placeholder reference with the rows, if one is due. */
void object_refer(ObjectBatch *batch, ImportedObject *object, const FoundUser *user, const char *model,
                  gint64 id, const char *column);
/* The same for a composite key ({"user_id":900,"issue_id":1234}), which is consumed. */
void object_refer_composite(ObjectBatch *batch, ImportedObject *object, const FoundUser *user,
                            const char *model, json_t *key, const char *column);

/* For `prepare`: looks up at once in a finder what `name` makes of each object (transfer full; NULL:
 * nothing). */
gboolean object_batch_preload(ObjectBatch *batch, Finder *finder, char *(*name)(const json_t *representation),
                              GError **error);

/* The importer_data of those that are fresh and have one, for `write`. (transfer container) */
GPtrArray *object_batch_fresh_data(const ObjectBatch *batch);

/* For the registry: WorkerClass.perform and perform_batch of every class whose `importer` is an
 * ObjectImporter, and its retries_exhausted. */
gboolean object_importer_perform(Session *session, const Job *job, GError **error);
void object_importer_perform_batch(Session *session, BatchJob *jobs, guint n_jobs);
void object_importer_retries_exhausted(Session *session, const Job *job, const GError *last_error);
