#include "worker/config/options.h"

#include "spec/support/config_files.h"

static const OptionSpec specs[] = {
    {.name = "timeout",
     .letter = 't',
     .argument = "SECONDS",
     .environment = "HUBFERRY_SPEC_TIMEOUT",
     .gitlab_environment = "SIDEKIQ_SPEC_TIMEOUT",
     .otherwise = "25",
     .help = "How long"},
    {.name = "strict", .kind = OPTION_SWITCH, .environment = "HUBFERRY_SPEC_STRICT", .help = "In order"},
    {.name = "queue",
     .letter = 'q',
     .kind = OPTION_LIST,
     .argument = "NAME",
     .environment = "HUBFERRY_SPEC_QUEUES",
     .otherwise = "default",
     .help = "Queue"},
    {.name = "key",
     .kind = OPTION_SECRET,
     .argument = "FILE",
     .environment = "HUBFERRY_SPEC_KEY",
     .help = "Key"},
    {NULL},
};
static const OptionSpec *const tables[] = {specs, NULL};
static const OptionHelp help = {
    .usage = "OWNER/REPO", .summary = "Summary", .description = "Exit status: 0."};

static const char *const variables[] = {"HUBFERRY_SPEC_TIMEOUT", "SIDEKIQ_SPEC_TIMEOUT",
                                        "HUBFERRY_SPEC_STRICT",  "HUBFERRY_SPEC_QUEUES",
                                        "HUBFERRY_SPEC_KEY",     "HUBFERRY_SPEC_KEY_FILE"};

static int clear_environment(G_GNUC_UNUSED void **state)
{
    for (guint i = 0; i < G_N_ELEMENTS(variables); i++)
        g_unsetenv(variables[i]);
    return 0;
}

/* Parses a command line whose words are separated by blanks. */
static Options *parse(const char *line, char ***arguments, char **help_text, GError **error)
{
    g_auto(GStrv) words = g_strsplit(line, " ", -1);
    return options_parse(tables, &help, (const char *const *)words, arguments, help_text, error);
}

static Options *parsed(const char *line)
{
    g_auto(GStrv) arguments = NULL;
    g_autofree char *help_text = NULL;
    g_autoptr(GError) error = NULL;
    Options *options = parse(line, &arguments, &help_text, &error);
    assert_no_error(error);
    return options;
}

static void flags_win_over_the_environment_and_that_over_defaults(G_GNUC_UNUSED void **state)
{
    g_autoptr(Options) defaults = parsed("spec");
    assert_string_equal(options_text(defaults, "timeout"), "25");
    assert_false(options_given(defaults, "timeout"));
    g_setenv("SIDEKIQ_SPEC_TIMEOUT", "30", TRUE);
    assert_string_equal(options_text(defaults, "timeout"), "30");
    g_setenv("HUBFERRY_SPEC_TIMEOUT", "35", TRUE);
    assert_string_equal(options_text(defaults, "timeout"), "35");
    assert_true(options_given(defaults, "timeout"));
    g_autoptr(Options) flags = parsed("spec -t 40");
    assert_string_equal(options_text(flags, "timeout"), "40");
}

static void an_empty_variable_is_none(G_GNUC_UNUSED void **state)
{
    g_setenv("HUBFERRY_SPEC_TIMEOUT", "", TRUE);
    g_autoptr(Options) options = parsed("spec");
    assert_string_equal(options_text(options, "timeout"), "25");
}

static void switches_are_turned_on_by_flag_or_variable(G_GNUC_UNUSED void **state)
{
    g_autoptr(Options) off = parsed("spec");
    g_autoptr(Options) on = parsed("spec --strict");
    assert_false(options_switch(off, "strict"));
    assert_true(options_switch(on, "strict"));
    g_setenv("HUBFERRY_SPEC_STRICT", "0", TRUE);
    assert_false(options_switch(off, "strict"));
    g_setenv("HUBFERRY_SPEC_STRICT", "1", TRUE);
    assert_true(options_switch(off, "strict"));
}

static void lists_come_from_one_source_only(G_GNUC_UNUSED void **state)
{
    g_autoptr(Options) defaults = parsed("spec");
    assert_string_equal(options_list(defaults, "queue")[0], "default");
    g_setenv("HUBFERRY_SPEC_QUEUES", " a,2  b ", TRUE);
    g_autoptr(Options) environment = parsed("spec");
    assert_string_equal(options_list(environment, "queue")[0], "a,2");
    assert_string_equal(options_list(environment, "queue")[1], "b");
    assert_null(options_list(environment, "queue")[2]);
    g_autoptr(Options) flags = parsed("spec -q c --queue d");
    assert_string_equal(options_list(flags, "queue")[0], "c");
    assert_string_equal(options_list(flags, "queue")[1], "d");
    assert_null(options_list(flags, "queue")[2]);
}

static void what_is_no_option_is_an_argument(G_GNUC_UNUSED void **state)
{
    g_auto(GStrv) arguments = NULL;
    g_autofree char *help_text = NULL;
    g_autoptr(Options) options = parse("spec octo/demo -t 1 -- -x", &arguments, &help_text, NULL);
    assert_non_null(options);
    assert_int_equal(g_strv_length(arguments), 2);
    assert_string_equal(arguments[0], "octo/demo");
    assert_string_equal(arguments[1], "-x");
}

static void wrong_values_are_refused_by_the_name_of_their_origin(G_GNUC_UNUSED void **state)
{
    g_autoptr(GError) by_flag = NULL;
    g_autoptr(GError) by_variable = NULL;
    guint value = 0;
    g_autoptr(Options) flags = parsed("spec -t soon");
    assert_false(options_unsigned(flags, "timeout", 1, 60, &value, &by_flag));
    assert_string_equal(by_flag->message, "--timeout must be a whole number from 1 to 60, not 'soon'");
    g_setenv("SIDEKIQ_SPEC_TIMEOUT", "61", TRUE);
    g_autoptr(Options) variable = parsed("spec");
    assert_false(options_unsigned(variable, "timeout", 1, 60, &value, &by_variable));
    assert_string_equal(by_variable->message,
                        "SIDEKIQ_SPEC_TIMEOUT must be a whole number from 1 to 60, not '61'");
}

static void choices_are_listed_when_none_fits(G_GNUC_UNUSED void **state)
{
    static const char *const choices[] = {"on", "off", NULL};
    g_autoptr(GError) error = NULL;
    guint index = 7;
    g_autoptr(Options) good = parsed("spec -t off");
    assert_true(options_choice(good, "timeout", choices, &index, NULL));
    assert_int_equal(index, 1);
    g_autoptr(Options) bad = parsed("spec -t maybe");
    assert_false(options_choice(bad, "timeout", choices, &index, &error));
    assert_string_equal(error->message, "--timeout must be one of on, off, not 'maybe'");
}

static void seconds_may_have_a_fraction(G_GNUC_UNUSED void **state)
{
    double seconds = 0;
    g_autoptr(GError) error = NULL;
    g_autoptr(Options) good = parsed("spec -t 0.5");
    assert_true(options_seconds(good, "timeout", &seconds, NULL));
    assert_true(seconds == 0.5);
    g_autoptr(Options) bad = parsed("spec -t -1");
    assert_false(options_seconds(bad, "timeout", &seconds, &error));
    assert_error(error, CONFIG_ERROR, CONFIG_ERROR_VALUE);
}

static void unknown_options_are_refused_with_a_hint(G_GNUC_UNUSED void **state)
{
    g_auto(GStrv) arguments = NULL;
    g_autofree char *help_text = NULL;
    g_autoptr(GError) error = NULL;
    assert_null(parse("spec --quick", &arguments, &help_text, &error));
    assert_error(error, CONFIG_ERROR, CONFIG_ERROR_USAGE);
    assert_string_equal(error->message, "Unknown option --quick; see 'spec --help'");
}

static void help_names_default_and_variables(G_GNUC_UNUSED void **state)
{
    g_auto(GStrv) arguments = NULL;
    g_autofree char *help_text = NULL;
    g_autoptr(Options) options = parse("spec --help", &arguments, &help_text, NULL);
    assert_non_null(help_text);
    assert_non_null(strstr(help_text, "[OPTION…] OWNER/REPO"));
    assert_non_null(strstr(help_text, "-t, --timeout=SECONDS"));
    assert_non_null(strstr(help_text, "How long [default: 25; HUBFERRY_SPEC_TIMEOUT, SIDEKIQ_SPEC_TIMEOUT]"));
    assert_non_null(strstr(help_text, "--key-file=FILE"));
    assert_non_null(strstr(help_text, "Key [HUBFERRY_SPEC_KEY or HUBFERRY_SPEC_KEY_FILE]"));
    assert_non_null(strstr(help_text, "Exit status: 0."));
}

static void assert_secret(const Options *options, const char *expected)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *value = NULL;
    assert_true(options_secret(options, "key", &value, &error));
    assert_no_error(error);
    assert_text(g_steal_pointer(&value), expected);
}

static void secrets_come_from_files_and_variables(G_GNUC_UNUSED void **state)
{
    g_auto(ConfigFiles) files = config_files_new();
    config_files_write(&files, "key", "from the flag\n");
    config_files_write(&files, "other", "from the other file");
    g_autofree char *path = config_files_path(&files, "key");
    g_autofree char *other = config_files_path(&files, "other");
    g_autofree char *line = g_strdup_printf("spec --key-file %s", path);
    g_autoptr(Options) none = parsed("spec");
    g_autoptr(Options) flag = parsed(line);
    assert_secret(none, NULL);
    g_setenv("HUBFERRY_SPEC_KEY_FILE", other, TRUE);
    assert_secret(none, "from the other file");
    g_setenv("HUBFERRY_SPEC_KEY", "from the variable", TRUE);
    assert_secret(none, "from the variable");
    assert_secret(flag, "from the flag");
}

static void secrets_that_cannot_be_read_are_errors(G_GNUC_UNUSED void **state)
{
    g_auto(ConfigFiles) files = config_files_new();
    config_files_write(&files, "empty", "\n");
    g_autofree char *path = config_files_path(&files, "empty");
    g_autofree char *value = NULL;
    g_autoptr(GError) empty = NULL;
    g_autoptr(GError) missing = NULL;
    g_autofree char *line = g_strdup_printf("spec --key-file %s", path);
    g_autoptr(Options) empty_file = parsed(line);
    assert_false(options_secret(empty_file, "key", &value, &empty));
    assert_error(empty, CONFIG_ERROR, CONFIG_ERROR_FILE);
    g_autoptr(Options) missing_file = parsed("spec --key-file /nonexistent/key");
    assert_false(options_secret(missing_file, "key", &value, &missing));
    assert_error(missing, CONFIG_ERROR, CONFIG_ERROR_FILE);
}

#define TEST(function) cmocka_unit_test_setup(function, clear_environment)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(flags_win_over_the_environment_and_that_over_defaults),
        TEST(an_empty_variable_is_none),
        TEST(switches_are_turned_on_by_flag_or_variable),
        TEST(lists_come_from_one_source_only),
        TEST(what_is_no_option_is_an_argument),
        TEST(wrong_values_are_refused_by_the_name_of_their_origin),
        TEST(choices_are_listed_when_none_fits),
        TEST(seconds_may_have_a_fraction),
        TEST(unknown_options_are_refused_with_a_hint),
        TEST(help_names_default_and_variables),
        TEST(secrets_come_from_files_and_variables),
        TEST(secrets_that_cannot_be_read_are_errors),
    };
    return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
