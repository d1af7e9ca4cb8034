/* The finders of labels and milestones, whose cache Ruby shares. */
#include "importers/gitlab/finder_cache.h"

#include "importers/gitlab/label_finder.h"
#include "importers/gitlab/milestone_finder.h"
#include "spec/support/private_gitlab.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static Project *project;
static gint64 label_id, milestone_id;

static int set_up(void **state)
{
    private_gitlab_reset();
    *state = session_new(private_gitlab_configuration(), NULL, NULL, NULL);
    gint64 id = private_gitlab_integer("SELECT spec.create_project('imports', 'rocket', 'acme/rocket', "
                                       "'https://github.com/acme/rocket.git', '{}',"
                                       " NULL, NULL, NULL)");
    assert_true(project_find(*state, id, &project, NULL));
    label_id =
        private_gitlab_integer("INSERT INTO labels (title, color, project_id, type, created_at, updated_at)"
                               " VALUES ('needs: work/\xc3\xa9', '#fff', %" G_GINT64_FORMAT
                               ", 'ProjectLabel', now(), now()) RETURNING id",
                               id);
    milestone_id = private_gitlab_integer(
        "INSERT INTO milestones (iid, title, project_id, state, created_at, updated_at)"
        " VALUES (3, 'v2', %" G_GINT64_FORMAT ", 'active', now(), now()) RETURNING id",
        id);
    return 0;
}

static int tear_down(void **state)
{
    g_clear_pointer(&project, project_free);
    session_free(*state);
    return 0;
}

static void assert_label(Session *session, const char *title, gint64 expected)
{
    gint64 id;
    assert_true(label_finder_find(session, project, title, &id, NULL));
    assert_int_equal(id, expected);
}

static void assert_milestone(Session *session, gint64 iid, gint64 expected)
{
    gint64 id;
    assert_true(milestone_finder_find(session, project, iid, &id, NULL));
    assert_int_equal(id, expected);
}

static void finds_rows_and_remembers_them(void **state)
{
    assert_label(*state, "needs: work/\xc3\xa9", label_id);
    assert_milestone(*state, 3, milestone_id);
    g_autofree char *deleted = private_gitlab_sql("DELETE FROM labels; DELETE FROM milestones");
    assert_label(*state, "needs: work/\xc3\xa9", label_id);
    assert_milestone(*state, 3, milestone_id);
}

static void remembers_what_is_missing_as_ruby_does(void **state)
{
    g_autofree char *key =
        g_strdup_printf("cache:gitlab:github-import/milestone-finder/%" G_GINT64_FORMAT "/4", project->id);
    assert_milestone(*state, 4, 0);
    assert_redis("-1", "GET", key);
    g_autofree char *renumbered = private_gitlab_sql("UPDATE milestones SET iid = 4");
    assert_milestone(*state, 4, 0);
}

static void filling_the_cache_repairs_it(void **state)
{
    g_autofree char *key = g_strdup_printf(
        "cache:gitlab:github-import/label-finder/%" G_GINT64_FORMAT "/needs: work/\xc3\xa9", project->id);
    assert_redis("OK", "SET", key, "-1");
    assert_true(label_finder_fill_cache(*state, project->id, NULL));
    assert_label(*state, "needs: work/\xc3\xa9", label_id);
    assert_redis("86400", "TTL", key);
    assert_true(milestone_finder_fill_cache(*state, project->id, NULL));
    g_autofree char *deleted = private_gitlab_sql("DELETE FROM milestones");
    assert_milestone(*state, 3, milestone_id);
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
        TEST(finds_rows_and_remembers_them),
        TEST(remembers_what_is_missing_as_ruby_does),
        TEST(filling_the_cache_repairs_it),
        TEST(filling_with_nothing_is_fine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
