#include "importers/stages/scheduled_jobs.h"

#include "importers/import_metrics.h"
#include "protocol/job_waiter.h"
#include "spec/support/gitlab_context.h"

typedef struct Fixture {
    GitlabContext gitlab; /* first, for import_key() */
    ScheduledJobs *jobs;
} Fixture;

static ScheduledJobs *load(const Fixture *fixture)
{
    ScheduledJobs *jobs =
        scheduled_jobs_load(fixture->gitlab.session, fixture->gitlab.project->id, "issues", NULL);
    assert_non_null(jobs);
    return jobs;
}

static int set_up(void **state)
{
    Fixture *fixture = g_new0(Fixture, 1);
    gitlab_context_begin(&fixture->gitlab, NULL);
    fixture->jobs = load(fixture);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    Fixture *fixture = *state;
    scheduled_jobs_free(fixture->jobs);
    gitlab_context_end(&fixture->gitlab);
    g_free(fixture);
    return 0;
}

static char *key(const Fixture *fixture, const char *kind)
{
    g_autofree char *format = g_strconcat(kind, "/%" G_GINT64_FORMAT "/issues", NULL);
    return import_key(&fixture->gitlab, format);
}

/* Words separated by blanks; "-" is NULL. (transfer full) */
static GPtrArray *words(const char *text)
{
    GPtrArray *array = g_ptr_array_new_with_free_func(g_free);
    g_auto(GStrv) parts = g_strsplit(text, " ", -1);
    for (char **part = parts; *part; part++)
        g_ptr_array_add(array, g_str_equal(*part, "-") ? NULL : g_strdup(*part));
    return array;
}

static void record(ScheduledJobs *jobs, const char *ids, const char *types)
{
    g_autoptr(GPtrArray) id_words = words(ids), type_words = words(types);
    g_autoptr(GError) error = NULL;
    scheduled_jobs_record(jobs, id_words, type_words, &error);
    assert_no_error(error);
}

static void the_waiter_is_made_once(void **state)
{
    const Fixture *fixture = *state;
    g_autoptr(ScheduledJobs) again = load(fixture);
    g_autofree char *waiter_key = key(fixture, "job-waiter");
    assert_true(job_waiter_key_valid(scheduled_jobs_waiter(fixture->jobs)));
    assert_string_equal(scheduled_jobs_waiter(again), scheduled_jobs_waiter(fixture->jobs));
    assert_redis(scheduled_jobs_waiter(again), "GET", waiter_key);
    assert_ttl(waiter_key, 86400);
    assert_int_equal(scheduled_jobs_count(again), 0);
}

static void objects_are_recorded_once(void **state)
{
    const Fixture *fixture = *state;
    g_autofree char *set = key(fixture, "already-imported");
    g_autofree char *remaining = key(fixture, "job-waiter-remaining");
    record(fixture->jobs, "1 2", "issue issue");
    record(fixture->jobs, "1 2 3 3", "issue issue issue issue");
    assert_int_equal(scheduled_jobs_count(fixture->jobs), 3);
    g_autoptr(ScheduledJobs) again = load(fixture);
    assert_int_equal(scheduled_jobs_count(again), 3);
    assert_redis("3", "GET", remaining);
    assert_redis("3", "SCARD", set);
    assert_ttl(remaining, 86400);
    assert_ttl(set, 86400);
}

static void recording_keeps_all_keys_alive(void **state)
{
    const Fixture *fixture = *state;
    static const char *const kinds[] = {"already-imported", "job-waiter", "job-waiter-remaining"};
    record(fixture->jobs, "1", "-");
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
        g_autofree char *name = key(fixture, kinds[i]);
        assert_redis("1", "EXPIRE", name, "10");
    }
    record(fixture->jobs, "1", "-");
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
        g_autofree char *name = key(fixture, kinds[i]);
        assert_ttl(name, 86400);
    }
}

static void fetched_objects_are_counted_by_type(void **state)
{
    const Fixture *fixture = *state;
    g_autofree char *list = import_key(&fixture->gitlab, "object-counters-list/%" G_GINT64_FORMAT "/fetched");
    g_autofree char *note = import_key(&fixture->gitlab, "object-counter/%" G_GINT64_FORMAT "/fetched/note");
    g_autofree char *event =
        import_key(&fixture->gitlab, "object-counter/%" G_GINT64_FORMAT "/fetched/issue_event");
    g_autoptr(GString) metrics = g_string_new(NULL);
    record(fixture->jobs, "1 2 3 4", "note issue_event - note");
    record(fixture->jobs, "1 5", "note note");
    assert_redis("3", "GET", note);
    assert_redis("1", "GET", event);
    assert_ttl(note, 1209600);
    assert_ttl(list, 1209600);
    assert_redis("2", "SCARD", list);
    assert_redis("1", "SISMEMBER", list, note + strlen("cache:gitlab:"));
    assert_redis("1", "EXISTS", "etag:/import/github/realtime_changes.json");
    import_metrics_render(metrics);
    assert_non_null(strstr(metrics->str, "github_importer_fetched_note 3\n"));
}

static void objects_that_are_scheduled_are_known(void **state)
{
    const Fixture *fixture = *state;
    record(fixture->jobs, "1 3", "- -");
    g_autoptr(GPtrArray) ids = words("1 2 3"), none = g_ptr_array_new();
    g_autofree gboolean *contained = scheduled_jobs_contain(fixture->jobs, ids, NULL);
    g_autofree gboolean *nothing = scheduled_jobs_contain(fixture->jobs, none, NULL);
    assert_true(contained[0] && !contained[1] && contained[2]);
    assert_non_null(nothing);
}

static void an_objects_jid_is_always_the_same(void **state)
{
    const Fixture *fixture = *state;
    g_autoptr(ScheduledJobs) again = load(fixture);
    g_autofree char *jid = scheduled_jobs_jid(fixture->jobs, "7");
    g_autofree char *same = scheduled_jobs_jid(again, "7");
    g_autofree char *other = scheduled_jobs_jid(fixture->jobs, "8");
    assert_string_equal(jid, same);
    assert_string_not_equal(jid, other);
    assert_int_equal(strlen(jid), 24);
    assert_int_equal(strspn(jid, "0123456789abcdef"), 24);
}

static void unfinished_jobs_are_those_that_did_not_report(void **state)
{
    const Fixture *fixture = *state;
    gint64 unfinished;
    record(fixture->jobs, "1 2 3", "- - -");
    assert_redis("1", "LPUSH", scheduled_jobs_waiter(fixture->jobs), "jid");
    assert_true(scheduled_jobs_unfinished(fixture->jobs, &unfinished, NULL));
    assert_int_equal(unfinished, 2);
}

static gboolean ended(const Fixture *fixture)
{
    gboolean answer;
    assert_true(scheduled_jobs_ended(fixture->jobs, &answer, NULL));
    return answer;
}

static void a_collection_has_ended_when_its_set_is_gone(void **state)
{
    const Fixture *fixture = *state;
    g_autofree char *set = key(fixture, "already-imported");
    assert_false(ended(fixture));
    record(fixture->jobs, "1", "-");
    assert_false(ended(fixture));
    assert_true(scheduled_jobs_end(fixture->jobs, NULL));
    assert_ttl(set, 900);
    assert_false(ended(fixture));
    assert_redis("1", "DEL", set);
    assert_true(ended(fixture));
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_waiter_is_made_once),
        TEST(objects_are_recorded_once),
        TEST(recording_keeps_all_keys_alive),
        TEST(fetched_objects_are_counted_by_type),
        TEST(objects_that_are_scheduled_are_known),
        TEST(an_objects_jid_is_always_the_same),
        TEST(unfinished_jobs_are_those_that_did_not_report),
        TEST(a_collection_has_ended_when_its_set_is_gone),
    };
    return cmocka_run_group_tests_name("scheduled_jobs", tests, NULL, NULL);
}
