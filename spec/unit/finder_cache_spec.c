/* The finders of labels, milestones, issues and merge requests, whose cache Ruby shares. */
#include "importers/gitlab/finder_cache.h"

#include "importers/gitlab/issuable_finder.h"
#include "importers/gitlab/label_finder.h"
#include "importers/gitlab/milestone_finder.h"
#include "spec/support/cmocka_glib.h"
#include "spec/support/private_gitlab.h"

#define TITLE "needs: work/\xc3\xa9"

static Project *project;
static gint64 label_id, milestone_id, issue_id;

static int set_up(void **state)
{
    private_gitlab_reset();
    *state = session_new(private_gitlab_configuration(), NULL, NULL, NULL);
    gint64 id = private_gitlab_integer("SELECT spec.create_project('imports', 'rocket', 'acme/rocket', "
                                       "'https://github.com/acme/rocket.git', '{}',"
                                       " NULL, NULL, NULL)");
    assert_true(project_find(*state, id, &project, NULL));
    label_id = private_gitlab_integer(
        "INSERT INTO labels (title, color, project_id, type, created_at, updated_at)"
        " VALUES ('" TITLE "', '#fff', %" G_GINT64_FORMAT ", 'ProjectLabel', now(), now()) RETURNING id",
        id);
    milestone_id = private_gitlab_integer(
        "INSERT INTO milestones (iid, title, project_id, state, created_at, updated_at)"
        " VALUES (3, 'v2', %" G_GINT64_FORMAT ", 'active', now(), now()) RETURNING id",
        id);
    issue_id = private_gitlab_integer(
        "INSERT INTO issues (iid, title, project_id, namespace_id, work_item_type_id, created_at, updated_at)"
        " SELECT 7, 't', id, project_namespace_id, 1, now(), now() FROM projects RETURNING id");
    return 0;
}

static int tear_down(void **state)
{
    g_clear_pointer(&project, project_free);
    session_free(*state);
    return 0;
}

/* (transfer full) */
static char *key_of(const char *finder, const char *name)
{
    return g_strdup_printf("cache:gitlab:github-import/%s/%" G_GINT64_FORMAT "/%s", finder, project->id,
                           name);
}

static void assert_cached(const char *finder, const char *name, gint64 id)
{
    g_autofree char *key = key_of(finder, name);
    g_autofree char *expected = g_strdup_printf("%" G_GINT64_FORMAT, id);
    assert_redis(expected, "GET", key);
}

static void cache(const char *finder, const char *name, const char *value)
{
    g_autofree char *key = key_of(finder, name);
    assert_redis("OK", "SET", key, value);
}

static void assert_finder_ttl(const char *finder, const char *name, gint64 seconds)
{
    g_autofree char *key = key_of(finder, name);
    assert_ttl(key, seconds);
}

/* The finder (transfer full) is new, as in the next batch of jobs. */
static void assert_finds(Finder *new_finder, const char *name, gint64 expected)
{
    g_autoptr(Finder) finder = new_finder;
    gint64 id;
    assert_true(finder_find(finder, name, &id, NULL));
    assert_int_equal(id, expected);
}

static Finder *issues(Session *session)
{
    return issuable_finder_new(session, project, NULL, "Issue");
}

static GPtrArray *names_of(const char *const *names)
{
    GPtrArray *array = g_ptr_array_new();
    for (; *names; names++)
        g_ptr_array_add(array, (gpointer)*names);
    return array;
}

static void delete_rows(void)
{
    g_autofree char *deleted =
        private_gitlab_sql("DELETE FROM labels; DELETE FROM milestones; DELETE FROM issues");
}

static void rows_are_found_and_cached_for_everybody(void **state)
{
    assert_finds(label_finder_new(*state, project), TITLE, label_id);
    assert_finds(milestone_finder_new(*state, project), "3", milestone_id);
    assert_finds(issues(*state), "7", issue_id);
    assert_cached("label-finder", TITLE, label_id);
    assert_cached("milestone-finder", "3", milestone_id);
    assert_cached("issuable-finder", "Issue/7", issue_id);
    delete_rows();
    assert_finds(label_finder_new(*state, project), TITLE, label_id);
    assert_finds(milestone_finder_new(*state, project), "3", milestone_id);
    assert_finds(issues(*state), "7", issue_id);
}

static void a_merge_request_is_found_by_its_target_project(void **state)
{
    gint64 id = private_gitlab_integer(
        "INSERT INTO merge_requests (iid, title, target_branch, source_branch, target_project_id, created_at,"
        " updated_at) VALUES (7, 't', 'main', 'x', %" G_GINT64_FORMAT ", now(), now()) RETURNING id",
        project->id);
    assert_finds(issuable_finder_new(*state, project, NULL, "MergeRequest"), "7", id);
    assert_cached("issuable-finder", "MergeRequest/7", id);
}

static void a_group_s_label_is_none_of_the_project_s(void **state)
{
    g_autofree char *created =
        private_gitlab_sql("INSERT INTO labels (title, color, group_id, type, created_at, updated_at)"
                           " SELECT 'group', '#fff', id, 'GroupLabel', now(), now() FROM namespaces"
                           " WHERE path = 'imports'");
    assert_finds(label_finder_new(*state, project), "group", 0);
}

static void a_missing_label_or_milestone_is_remembered_as_ruby_does(void **state)
{
    assert_finds(milestone_finder_new(*state, project), "4", 0);
    assert_finds(label_finder_new(*state, project), "x", 0);
    assert_cached("milestone-finder", "4", -1);
    assert_cached("label-finder", "x", -1);
    g_autofree char *renamed =
        private_gitlab_sql("UPDATE milestones SET iid = 4; UPDATE labels SET title = 'x'");
    assert_finds(milestone_finder_new(*state, project), "4", 0);
    assert_finds(label_finder_new(*state, project), "x", 0);
}

static void a_missing_issue_is_neither_remembered_nor_believed(void **state)
{
    g_autofree char *key = key_of("issuable-finder", "Issue/8");
    assert_finds(issues(*state), "8", 0);
    assert_redis("0", "EXISTS", key);
    cache("issuable-finder", "Issue/7", "-1");
    assert_finds(issues(*state), "7", issue_id);
    assert_cached("issuable-finder", "Issue/7", issue_id);
}

static void a_blank_value_is_no_answer(void **state)
{
    cache("label-finder", TITLE, "");
    assert_finds(label_finder_new(*state, project), TITLE, label_id);
}

static void many_names_are_found_at_once(void **state)
{
    g_autoptr(Finder) finder = label_finder_new(*state, project);
    g_autoptr(GPtrArray) names =
        names_of((const char *const[]){"cached", TITLE, "missing", "a\"b\\c,{}", TITLE, NULL});
    cache("label-finder", "cached", "4711");
    assert_true(finder_preload(finder, names, NULL));
    assert_cached("label-finder", TITLE, label_id);
    assert_cached("label-finder", "missing", -1);
    assert_cached("label-finder", "a\"b\\c,{}", -1);
    delete_rows();
    assert_redis("OK", "FLUSHALL");
    gint64 id;
    assert_true(finder_find(finder, "cached", &id, NULL) && id == 4711);
    assert_true(finder_find(finder, TITLE, &id, NULL) && id == label_id);
    assert_true(finder_find(finder, "missing", &id, NULL) && id == 0);
    assert_redis("0", "DBSIZE");
}

static void nothing_is_found_at_once_without_asking(void **state)
{
    g_autoptr(Finder) finder = label_finder_new(*state, project);
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    assert_true(finder_preload(finder, names, NULL));
    assert_redis("0", "DBSIZE");
}

static void committed_rows_are_remembered_over_a_miss(void **state)
{
    g_autoptr(Finder) finder = issues(*state);
    g_autoptr(GPtrArray) names = names_of((const char *const[]){"8", "9", NULL});
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(gint64));
    const gint64 rows[] = {800, 900};
    gint64 id;
    g_array_append_vals(ids, rows, G_N_ELEMENTS(rows));
    cache("issuable-finder", "Issue/8", "-1");
    assert_true(finder_find(finder, "8", &id, NULL) && id == 0);
    assert_true(finder_remember(finder, names, ids, NULL));
    assert_true(finder_find(finder, "8", &id, NULL) && id == 800);
    assert_cached("issuable-finder", "Issue/8", 800);
    assert_cached("issuable-finder", "Issue/9", 900);
}

static void issues_are_cached_longer_when_notes_come_from_single_endpoints(void **state)
{
    const ImportData single = {.single_endpoint_notes_import = TRUE};
    assert_finds(issues(*state), "7", issue_id);
    assert_finder_ttl("issuable-finder", "Issue/7", 86400);
    assert_finds(issuable_finder_new(*state, project, &single, "Issue"), "7", issue_id);
    assert_finder_ttl("issuable-finder", "Issue/7", 259200);
}

static void reading_renews_what_is_cached(void **state)
{
    g_autofree char *key = key_of("label-finder", "x");
    assert_redis("OK", "SET", key, "-1", "EX", "100");
    assert_finds(label_finder_new(*state, project), "x", 0);
    assert_finder_ttl("label-finder", "x", 86400);
}

static void filling_the_cache_repairs_it(void **state)
{
    cache("label-finder", TITLE, "-1");
    assert_true(label_finder_fill_cache(*state, project->id, NULL));
    assert_finds(label_finder_new(*state, project), TITLE, label_id);
    assert_finder_ttl("label-finder", TITLE, 86400);
    assert_true(milestone_finder_fill_cache(*state, project->id, NULL));
    delete_rows();
    assert_finds(milestone_finder_new(*state, project), "3", milestone_id);
}

static void filling_with_nothing_is_fine(void **state)
{
    assert_true(label_finder_fill_cache(*state, 4711, NULL));
    assert_redis("0", "DBSIZE");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(rows_are_found_and_cached_for_everybody),
        TEST(a_merge_request_is_found_by_its_target_project),
        TEST(a_group_s_label_is_none_of_the_project_s),
        TEST(a_missing_label_or_milestone_is_remembered_as_ruby_does),
        TEST(a_missing_issue_is_neither_remembered_nor_believed),
        TEST(a_blank_value_is_no_answer),
        TEST(many_names_are_found_at_once),
        TEST(nothing_is_found_at_once_without_asking),
        TEST(committed_rows_are_remembered_over_a_miss),
        TEST(issues_are_cached_longer_when_notes_come_from_single_endpoints),
        TEST(reading_renews_what_is_cached),
        TEST(filling_the_cache_repairs_it),
        TEST(filling_with_nothing_is_fine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
