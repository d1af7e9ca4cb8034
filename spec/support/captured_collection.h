/*
 * For the specs of collections whose parents are merge requests: the scheduling is the spec's own and keeps
 * what it was asked to schedule. The programs that include this are linked with
 * --wrap=parallel_scheduling_run_parents.
 */
#pragma once

#include "importers/stages/parallel_scheduling.h"
#include "spec/support/object_import.h"

static struct {
    const ObjectCollection *collection;
    const ParentCollection *parents;
} captured;

gboolean __wrap_parallel_scheduling_run_parents(Stage *stage, const ObjectCollection *collection,
                                                const ParentCollection *const *parents, json_t *waiters,
                                                GError **error);
gboolean __wrap_parallel_scheduling_run_parents(G_GNUC_UNUSED Stage *stage,
                                                const ObjectCollection *collection,
                                                const ParentCollection *const *parents, json_t *waiters,
                                                G_GNUC_UNUSED GError **error)
{
    captured.collection = collection;
    captured.parents = parents[0];
    assert_null(parents[1]);
    json_object_set_new(waiters, OBJECT_WAITER, json_integer(3));
    return TRUE;
}

/* Keeps what `schedule` schedules. */
static inline void capture(gboolean (*schedule)(Stage *stage, json_t *waiters, GError **error))
{
    g_autoptr(json_t) waiters = json_object();
    assert_true(schedule(NULL, waiters, NULL));
    assert_int_equal(json_integer_value(json_object_get(waiters, OBJECT_WAITER)), 3);
}

/* What becomes of an object of GitHub's, below merge request 15 with the id 501. */
static inline void assert_represented(const char *object_text, const char *id, const char *expected)
{
    g_autoptr(json_t) object = json_loads(object_text, 0, NULL);
    g_autoptr(json_t) parent = json_pack("{s:i, s:i}", "iid", 15, "id", 501);
    assert_non_null(object);
    g_autofree char *found_id = captured.collection->id(object, parent);
    g_autoptr(json_t) representation = captured.collection->representation(NULL, object, parent, NULL);
    g_autofree char *found = json_dump(representation);
    assert_string_equal(found_id, id);
    assert_string_equal(found, expected);
}

/* The logins of the people that an object names. */
static inline void assert_people(const char *object_text, const char *expected)
{
    g_autoptr(json_t) object = json_loads(object_text, 0, NULL);
    g_autoptr(json_t) users = json_array();
    g_autoptr(GString) logins = g_string_new(NULL);
    size_t index;
    json_t *user;
    captured.collection->people(object, users);
    json_array_foreach (users, index, user)
        g_string_append_printf(logins, "%s ", json_string_field(user, "login"));
    assert_string_equal(logins->str, expected);
}

/* The iids of the parents behind `after`. */
static inline void assert_parents(ObjectImport *import, gint64 after, const char *expected)
{
    g_autoptr(GString) iids = g_string_new(NULL);
    g_autoptr(PGresult) rows =
        database_run(session_database(import->session), NULL, captured.parents->next,
                     SQL_INTEGER(import->project->id), SQL_INTEGER(after), DATABASE_END);
    assert_non_null(rows);
    for (int row = 0; row < PQntuples(rows); row++) {
        g_autoptr(json_t) parent = captured.parents->parent(rows, row);
        assert_int_equal(json_integer_field(parent, "id", 0), database_integer(rows, row, "id"));
        g_string_append_printf(iids, "%" G_GINT64_FORMAT " ", json_integer_field(parent, "iid", 0));
    }
    assert_string_equal(iids->str, expected);
}
