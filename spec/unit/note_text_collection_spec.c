/* The texts with files on GitHub as they are scheduled: which records, in which order, and the arguments of
 * their jobs. Real Redis and PostgreSQL; nothing is asked of GitHub. */
#include "importers/objects/note_text.h"

#include "protocol/json.h"
#include "protocol/log.h"
#include "spec/support/gitlab_context.h"

#define QUEUE "queue:default"
#define FILE  "https://github.com/user-attachments/assets/75334fd4"
#define IMAGE "see ![x](" FILE ")"

#define ATTACHMENTS(record)                                                                                  \
    .name = "Gitlab::GithubImport::Attachments::Import" record "Worker",                                     \
    .queue_namespace = "github_importer", .retry = 5

static const WorkerClass classes[] = {
    {ATTACHMENTS("Release")},      {ATTACHMENTS("Note")}, {ATTACHMENTS("Issue")},
    {ATTACHMENTS("MergeRequest")}, {.name = NULL},
};

typedef struct Fixture {
    GitlabContext gitlab; /* first, for import_key() */
    WorkerRegistry *registry;
    Stage stage;
} Fixture;

static int set_up(void **state)
{
    Fixture *fixture = g_new0(Fixture, 1);
    char token[] = "ghp_spec";
    const ImportData data = {.token = token, .pagination_limit = 100};
    log_configure(-1, LOG_FATAL);
    fixture->registry = worker_registry_new((const WorkerClass *[]){classes}, 1);
    gitlab_context_begin(&fixture->gitlab, fixture->registry);
    fixture->stage = (Stage){.session = fixture->gitlab.session, .project = fixture->gitlab.project};
    fixture->stage.github = github_client_new(fixture->gitlab.session, fixture->gitlab.project, &data, NULL);
    assert_non_null(fixture->stage.github);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    Fixture *fixture = *state;
    github_client_free(fixture->stage.github);
    gitlab_context_end(&fixture->gitlab);
    worker_registry_free(fixture->registry);
    g_free(fixture);
    return 0;
}

/* --- records of the project --- */

static gint64 create_issues(int from, int to, const char *description)
{
    return private_gitlab_integer(
        "INSERT INTO issues (iid, title, project_id, namespace_id, author_id, work_item_type_id, description,"
        " created_at, updated_at) SELECT iid, 'Pump leaks', projects.id, project_namespace_id, 1, 1, '%s',"
        " now(), now() FROM projects, generate_series(%d, %d) AS iid WHERE path = 'rocket' RETURNING id",
        description, from, to);
}

static gint64 create_merge_request(int iid, const char *description)
{
    return private_gitlab_integer(
        "INSERT INTO merge_requests (iid, title, target_branch, source_branch, target_project_id, author_id,"
        " description, created_at, updated_at) SELECT %d, 'Mend it', 'main', 'topic-%d', id, 1, '%s', now(),"
        " now() FROM projects WHERE path = 'rocket' RETURNING id",
        iid, iid, description);
}

static gint64 create_note(const char *text, const char *is_system)
{
    return private_gitlab_integer(
        "INSERT INTO notes (project_id, noteable_type, noteable_id, author_id, note, system, created_at,"
        " updated_at) SELECT id, 'Issue', 1, 1, '%s', %s, now(), now() FROM projects WHERE path = 'rocket'"
        " RETURNING id",
        text, is_system);
}

static gint64 create_release(const char *tag, const char *description)
{
    return private_gitlab_integer(
        "INSERT INTO releases (tag, project_id, author_id, description, created_at, updated_at, released_at)"
        " SELECT '%s', id, 1, '%s', now(), now(), now() FROM projects WHERE path = 'rocket' RETURNING id",
        tag, description);
}

/* --- what is scheduled --- */

/* The waiter, and how many jobs it waits for. (transfer full) */
static char *run(Fixture *fixture, const RecordCollection *collection, gint64 *count)
{
    g_autoptr(json_t) waiters = json_object();
    g_autoptr(GError) error = NULL;
    parallel_scheduling_run_records(&fixture->stage, collection, waiters, &error);
    assert_no_error(error);
    assert_int_equal(json_object_size(waiters), 1);
    void *waiter = json_object_iter(waiters);
    *count = json_integer_value(json_object_iter_value(waiter));
    return g_strdup(json_object_iter_key(waiter));
}

static void assert_schedules(Fixture *fixture, const RecordCollection *collection, gint64 expected)
{
    gint64 count;
    g_autofree char *waiter = run(fixture, collection, &count);
    assert_int_equal(count, expected);
}

/* The only job: its class, and its second argument as the bytes that are in Redis. `expected` is a format
 * with the record's id. */
static void assert_only_job(Fixture *fixture, const RecordCollection *collection, const char *worker,
                            const char *expected, gint64 id)
{
    gint64 count;
    g_autofree char *waiter = run(fixture, collection, &count);
    g_autofree char *length = private_gitlab_redis("LLEN", QUEUE, NULL);
    g_autofree char *job = private_gitlab_redis("LINDEX", QUEUE, "0", NULL);
    g_autofree char *number = g_strdup_printf("%" G_GINT64_FORMAT, id);
    g_auto(GStrv) pieces = g_strsplit(expected, "ID", -1);
    g_autofree char *representation = g_strjoinv(number, pieces);
    g_autofree char *args = g_strdup_printf("\"args\":[%" G_GINT64_FORMAT ",%s,\"%s\"]",
                                            fixture->gitlab.project->id, representation, waiter);
    g_autofree char *class_name =
        g_strdup_printf("\"class\":\"Gitlab::GithubImport::Attachments::%s\"", worker);
    assert_int_equal(count, 1);
    assert_string_equal(length, "1");
    if (!strstr(job, args) || !strstr(job, class_name))
        fail_msg("%s is not a job %s with %s", job, class_name, args);
}

static void assert_key(const Fixture *fixture, const char *expected, const char *command, const char *format)
{
    g_autofree char *key = import_key(&fixture->gitlab, format);
    assert_redis(expected, command, key);
}

/* The iids of the jobs in the order of their pushes, the first and the last. */
static void assert_iids_from_to(int first, int last)
{
    const char *const ends[] = {"-1", "0"};
    const int expected[] = {first, last};
    for (gsize i = 0; i < G_N_ELEMENTS(ends); i++) {
        g_autofree char *text = private_gitlab_redis("LINDEX", QUEUE, ends[i], NULL);
        g_autoptr(json_t) job = json_parse(text, strlen(text), NULL);
        const json_t *record = json_array_get(json_object_get(job, "args"), 1);
        assert_int_equal(json_integer_field(record, "iid", 0), expected[i]);
    }
}

/* --- representations --- */

static void a_release_is_named_by_its_tag(void **state)
{
    gint64 id = create_release("v1.0", IMAGE);
    assert_only_job(*state, &release_attachments_collection, "ImportReleaseWorker",
                    "{\"record_db_id\":ID,\"record_type\":\"Release\",\"text\":\"" IMAGE
                    "\",\"iid\":null,\"tag\":\"v1.0\",\"noteable_type\":null}",
                    id);
}

static void a_note_is_named_by_its_id_alone(void **state)
{
    gint64 id = create_note(IMAGE, "false");
    assert_only_job(*state, &note_attachments_collection, "ImportNoteWorker",
                    "{\"record_db_id\":ID,\"record_type\":\"Note\",\"text\":\"" IMAGE
                    "\",\"iid\":null,\"tag\":null,\"noteable_type\":null}",
                    id);
}

static void an_issue_is_named_by_its_iid(void **state)
{
    gint64 id = create_issues(12, 12, IMAGE);
    assert_only_job(*state, &issue_attachments_collection, "ImportIssueWorker",
                    "{\"record_db_id\":ID,\"record_type\":\"Issue\",\"text\":\"" IMAGE
                    "\",\"iid\":12,\"tag\":null,\"noteable_type\":null}",
                    id);
}

static void a_merge_request_is_named_by_its_iid(void **state)
{
    gint64 id = create_merge_request(15, IMAGE);
    assert_only_job(*state, &merge_request_attachments_collection, "ImportMergeRequestWorker",
                    "{\"record_db_id\":ID,\"record_type\":\"MergeRequest\",\"text\":\"" IMAGE
                    "\",\"iid\":15,\"tag\":null,\"noteable_type\":null}",
                    id);
}

static void a_text_travels_as_ruby_writes_it(void **state)
{
    gint64 id = create_note("é </b>\"\\ \t\n\x7F" FILE, "false");
    assert_only_job(*state, &note_attachments_collection, "ImportNoteWorker",
                    "{\"record_db_id\":ID,\"record_type\":\"Note\",\"text\":"
                    "\"é </b>\\\"\\\\ \\t\\n\x7F" FILE "\",\"iid\":null,\"tag\":null,\"noteable_type\":null}",
                    id);
}

/* --- which records --- */

static void system_notes_have_no_files(void **state)
{
    create_note(IMAGE, "true");
    assert_schedules(*state, &note_attachments_collection, 0);
    assert_redis("0", "EXISTS", QUEUE);
}

static void records_of_other_projects_are_not_looked_at(void **state)
{
    create_issues(1, 1, IMAGE);
    create_merge_request(1, IMAGE);
    create_note(IMAGE, "false");
    create_release("v1", IMAGE);
    g_autofree char *moved = private_gitlab_sql(
        "SELECT spec.create_project('imports', 'other', 'acme/other', 'https://github.com/acme/other.git',"
        " '{}', NULL, NULL, NULL);"
        "UPDATE issues SET project_id = p.id FROM projects p WHERE path = 'other';"
        "UPDATE merge_requests SET target_project_id = p.id FROM projects p WHERE path = 'other';"
        "UPDATE notes SET project_id = p.id FROM projects p WHERE path = 'other';"
        "UPDATE releases SET project_id = p.id FROM projects p WHERE path = 'other'");
    assert_schedules(*state, &issue_attachments_collection, 0);
    assert_schedules(*state, &merge_request_attachments_collection, 0);
    assert_schedules(*state, &note_attachments_collection, 0);
    assert_schedules(*state, &release_attachments_collection, 0);
}

static void texts_without_files_get_no_job(void **state)
{
    create_issues(1, 1, "");
    create_issues(2, 2, "nothing");
    create_issues(3, 3, "![x](https://example.com/a.png)");
    create_issues(4, 4, IMAGE);
    g_autofree char *emptied = private_gitlab_sql("UPDATE issues SET description = NULL WHERE iid = 1");
    assert_schedules(*state, &issue_attachments_collection, 1);
    assert_iids_from_to(4, 4);
    assert_key(*state, "1", "SCARD", "already-imported/%" G_GINT64_FORMAT "/issue_attachments");
    assert_key(*state, "1", "GET", "object-counter/%" G_GINT64_FORMAT "/fetched/issue_attachment");
}

/* Ruby counts it as well; its job changes nothing. */
static void a_pages_address_is_scheduled_too(void **state)
{
    create_issues(1, 1, "https://github.com/acme/rocket/issues/5");
    assert_schedules(*state, &issue_attachments_collection, 1);
}

/* --- all of them --- */

static void issues_come_in_the_order_of_their_iids(void **state)
{
    create_issues(2, 2, IMAGE);
    create_issues(1, 1, IMAGE);
    assert_schedules(*state, &issue_attachments_collection, 2);
    assert_iids_from_to(1, 2);
}

static void all_pages_are_scheduled(void **state)
{
    create_issues(1, 250, IMAGE);
    assert_schedules(*state, &issue_attachments_collection, 250);
    assert_redis("250", "LLEN", QUEUE);
    assert_iids_from_to(1, 250);
}

static void a_second_run_schedules_only_what_is_new(void **state)
{
    create_issues(1, 150, IMAGE);
    assert_schedules(*state, &issue_attachments_collection, 150);
    create_issues(151, 151, IMAGE);
    assert_schedules(*state, &issue_attachments_collection, 151);
    assert_redis("151", "LLEN", QUEUE);
    assert_key(*state, "151", "GET", "object-counter/%" G_GINT64_FORMAT "/fetched/issue_attachment");
}

/* The set holds ids of the database, whoever wrote it. */
static void what_ruby_has_scheduled_is_not_scheduled_again(void **state)
{
    const Fixture *fixture = *state;
    g_autofree char *set =
        import_key(&fixture->gitlab, "already-imported/%" G_GINT64_FORMAT "/merge_request_attachments");
    g_autofree char *id = g_strdup_printf("%" G_GINT64_FORMAT, create_merge_request(1, IMAGE));
    create_merge_request(2, IMAGE);
    assert_redis("1", "SADD", set, id);
    assert_schedules(*state, &merge_request_attachments_collection, 1);
    assert_iids_from_to(2, 2);
}

static void a_process_that_stops_goes_on_later(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(json_t) waiters = json_object();
    g_autoptr(GError) error = NULL;
    create_issues(1, 150, IMAGE);
    fixture->gitlab.stopping = 1;
    assert_false(
        parallel_scheduling_run_records(&fixture->stage, &issue_attachments_collection, waiters, &error));
    assert_error(error, JOB_ERROR, JOB_ERROR_INTERRUPTED);
    assert_int_equal(json_object_size(waiters), 0);

    fixture->gitlab.stopping = 0;
    assert_schedules(fixture, &issue_attachments_collection, 150);
    assert_redis("150", "LLEN", QUEUE);
    assert_sql("SELECT count(*) FROM import_failures", "0");
}

static void an_empty_collection_has_a_waiter_too(void **state)
{
    assert_schedules(*state, &release_attachments_collection, 0);
    assert_schedules(*state, &note_attachments_collection, 0);
    assert_schedules(*state, &merge_request_attachments_collection, 0);
}

static void gitlabs_pace_is_100_jobs_a_minute(G_GNUC_UNUSED void **state)
{
    assert_int_equal(release_attachments_collection.objects.jobs_per_minute, 100);
    assert_int_equal(note_attachments_collection.objects.jobs_per_minute, 100);
    assert_int_equal(issue_attachments_collection.objects.jobs_per_minute, 100);
    assert_int_equal(merge_request_attachments_collection.objects.jobs_per_minute, 100);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_release_is_named_by_its_tag),
        TEST(a_note_is_named_by_its_id_alone),
        TEST(an_issue_is_named_by_its_iid),
        TEST(a_merge_request_is_named_by_its_iid),
        TEST(a_text_travels_as_ruby_writes_it),
        TEST(system_notes_have_no_files),
        TEST(records_of_other_projects_are_not_looked_at),
        TEST(texts_without_files_get_no_job),
        TEST(a_pages_address_is_scheduled_too),
        TEST(issues_come_in_the_order_of_their_iids),
        TEST(all_pages_are_scheduled),
        TEST(a_second_run_schedules_only_what_is_new),
        TEST(what_ruby_has_scheduled_is_not_scheduled_again),
        TEST(a_process_that_stops_goes_on_later),
        TEST(an_empty_collection_has_a_waiter_too),
        cmocka_unit_test(gitlabs_pace_is_100_jobs_a_minute),
    };
    return cmocka_run_group_tests_name("note_text_collection", tests, NULL, NULL);
}
