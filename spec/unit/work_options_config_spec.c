#include "worker/config/work_options_config.h"

#include "spec/support/cmocka_glib.h"

static gboolean perform(G_GNUC_UNUSED Session *session, G_GNUC_UNUSED const Job *job,
                        G_GNUC_UNUSED GError **error)
{
    return TRUE;
}

static const WorkerClass classes[] = {
    {.name = "Gitlab::GithubImport::Stage::ImportNotesWorker",
     .queue_namespace = "github_importer",
     .perform = perform},
    {.name = "Gitlab::GithubImport::AdvanceStageWorker", .perform = perform},
    {.name = "Gitlab::GithubImport::OnlyRubyWorker", .queue_namespace = "github_importer"},
    {NULL},
};
static const WorkerClass *const class_tables[] = {classes};
static const OptionSpec *const tables[] = {queue_option_specs, work_option_specs, NULL};
static const OptionHelp help = {NULL};

static int clear_environment(G_GNUC_UNUSED void **state)
{
    for (const OptionSpec *const *table = tables; *table; table++)
        for (const OptionSpec *spec = *table; spec->name; spec++) {
            if (spec->environment)
                g_unsetenv(spec->environment);
            if (spec->gitlab_environment)
                g_unsetenv(spec->gitlab_environment);
        }
    return 0;
}

static WorkOptions *load(const char *line, GError **error)
{
    g_auto(GStrv) words = g_strsplit(line, " ", -1);
    g_auto(GStrv) arguments = NULL;
    g_autofree char *help_text = NULL;
    g_autoptr(GError) wrong = NULL;
    g_autoptr(Options) options =
        options_parse(tables, &help, (const char *const *)words, &arguments, &help_text, &wrong);
    assert_no_error(wrong);
    return work_options_load(options, class_tables, G_N_ELEMENTS(class_tables), error);
}

static WorkOptions *loaded(const char *line)
{
    g_autoptr(GError) error = NULL;
    WorkOptions *work = load(line, &error);
    assert_no_error(error);
    return work;
}

/* `expected` is "NAME,WEIGHT NAME,WEIGHT". */
static void assert_queues(const char *line, const char *expected)
{
    g_autoptr(WorkOptions) work = loaded(line);
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < work->queues->len; i++) {
        const FetchQueue *queue = &g_array_index(work->queues, FetchQueue, i);
        g_string_append_printf(text, "%s%s,%u", i ? " " : "", queue->name, queue->weight);
    }
    assert_string_equal(text->str, expected);
}

static void assert_refused(const char *line, const char *message)
{
    g_autoptr(GError) error = NULL;
    assert_null(load(line, &error));
    assert_error(error, CONFIG_ERROR, CONFIG_ERROR_VALUE);
    assert_string_equal(error->message, message);
}

static void defaults_are_sidekiqs_and_gitlabs(G_GNUC_UNUSED void **state)
{
    g_autoptr(WorkOptions) work = loaded("spec");
    assert_int_equal(work->concurrency, 20);
    assert_int_equal(work->timeout, 25);
    assert_int_equal(work->unknown, UNKNOWN_REQUEUE);
    assert_true(work->poll);
    assert_false(work->poll_all);
    assert_int_equal(work->cleanup_interval, 3600);
    assert_int_equal(work->lease_interval, 120);
    assert_null(work->health_address);
    assert_int_equal(work->health_port, 3808);
    assert_int_equal(work->metrics_port, 3807);
    assert_true(work->log_arguments);
    assert_false(work->strict);
    assert_queues("spec", "github_importer,1");
}

static void sidekiqs_flags_and_variables_are_understood(G_GNUC_UNUSED void **state)
{
    g_setenv("SIDEKIQ_CONCURRENCY", "7", TRUE);
    g_setenv("SIDEKIQ_TIMEOUT", "8", TRUE);
    g_setenv("SIDEKIQ_LOG_ARGUMENTS", "0", TRUE);
    g_autoptr(WorkOptions) work =
        loaded("spec -c 9 -g importer --label a --label b --poll all --unknown fail --strict");
    assert_int_equal(work->concurrency, 9);
    assert_int_equal(work->timeout, 8);
    assert_false(work->log_arguments);
    assert_string_equal(work->tag, "importer");
    assert_string_equal(work->labels->pdata[1], "b");
    assert_true(work->poll_all);
    assert_int_equal(work->unknown, UNKNOWN_FAIL);
    assert_true(work->strict);
}

static void queues_have_weights_that_add_up(G_GNUC_UNUSED void **state)
{
    assert_queues("spec -q a,3 -q b -q a", "a,4 b,1");
}

static void queue_names_may_stand_for_many(G_GNUC_UNUSED void **state)
{
    static const char notes[] = "github_importer:github_import_stage_import_notes,1";
    g_autofree char *both = g_strconcat("github_importer,1 ", notes, NULL);
    g_autofree char *all = g_strconcat(notes, " github_import_advance_stage,1", NULL);
    assert_queues("spec -q github_importer:*", notes);
    assert_queues("spec -q github_importer", "github_importer,1");
    assert_queues("spec -q github_importer --expand-queues", both);
    assert_queues("spec -q *", all);
}

static void wrong_queues_are_refused(G_GNUC_UNUSED void **state)
{
    assert_refused("spec -q a,0",
                   "--queue 'a,0': the weight after the comma must be a whole number from 1 to 1000");
    assert_refused("spec -q a/b", "--queue 'a/b': a queue name has letters, digits and _ : . - only");
    assert_refused("spec -q bulk:*",
                   "--queue 'bulk:*': no class that is performed here has this queue namespace");
}

static void wrong_numbers_and_words_are_refused(G_GNUC_UNUSED void **state)
{
    assert_refused("spec -c 0", "--concurrency must be a whole number from 1 to 1024, not '0'");
    assert_refused("spec --unknown drop", "--unknown must be one of requeue, dead, fail, not 'drop'");
    assert_refused("spec --health-port 65536",
                   "--health-port must be a whole number from 0 to 65535, not '65536'");
}

#define TEST(function) cmocka_unit_test_setup(function, clear_environment)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(defaults_are_sidekiqs_and_gitlabs), TEST(sidekiqs_flags_and_variables_are_understood),
        TEST(queues_have_weights_that_add_up),   TEST(queue_names_may_stand_for_many),
        TEST(wrong_queues_are_refused),          TEST(wrong_numbers_and_words_are_refused),
    };
    return cmocka_run_group_tests_name("work_options_config", tests, NULL, NULL);
}
