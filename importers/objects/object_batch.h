/*
 * What object_importer.c shares with the files that do two parts of its work: object_rows.c, from what
 * `build` names to the rows of the database, and object_outcome.c, what becomes of the jobs. Internal to the
 * three.
 */
#pragma once

#include "importers/objects/object_importer.h"

struct ObjectState {
    BatchJob *batch_job;
    const char *waiter_key; /* or NULL */
    char *receipt;
    GArray *rows;          /* of object_rows.c */
    GPtrArray *references; /* of char * */
    GError *error;         /* why the object is not imported; NULL: it is */
};

/* --- object_rows.c --- */

/* Rows that objects name. (transfer full; array) */
GArray *object_rows_new(void);
/* ObjectBatch.id_pools. (transfer full) */
GHashTable *object_id_pools_new(void);
/* Writes, in one transaction, receipts and rows of all objects of the batch, and pushes their placeholder
 * references; sets `fresh`. */
gboolean object_rows_write(ObjectBatch *batch, GError **error);

/* --- object_outcome.c --- */

/* `all` (of ImportedObject) are imported, or have their error: what GitLab counts, logs and records of each,
 * and what its job ends with. */
void object_outcome_conclude(ObjectBatch *batch, const GPtrArray *all);
/* The import has ended: the jobs are done with nothing imported. */
void object_outcome_stop(Session *session, const GPtrArray *all);
/* The jobs end with `error`; NULL: nothing is changed. */
void object_outcome_end(const GPtrArray *all, const GError *error);
