/* importers/gitlab/markdown_text.h: GitHub's text as GitLab stores it, quirks included. */
#include "spec/support/cmocka_glib.h"

#include "importers/gitlab/markdown_text.h"
#include "importers/gitlab/people_mode.h"

#define LONG (256 * 1024)

static gboolean newest = TRUE;

gboolean __wrap_people_mode_is_newest(const Session *session);
gboolean __wrap_people_mode_is_newest(G_GNUC_UNUSED const Session *session)
{
    return newest;
}

static void assert_mentions(const char *text, const char *expected)
{
    g_autofree char *wrapped = markdown_text_wrap_mentions(text);

    assert_string_equal(wrapped, expected);
}

static void wraps_mentions(void **state G_GNUC_UNUSED)
{
    assert_mentions("ping @ann and @bob-2.", "ping `@ann` and `@bob-2.`");
    assert_mentions("@ann, hi", "`@ann`, hi");
    assert_mentions("(@ann, @bob)", "(`@ann`, `@bob`)");
    assert_mentions("@org/team-a ok", "`@org/team-a` ok");
    assert_mentions("", "");
}

static void wraps_the_blank_before_a_mention_too(void **state G_GNUC_UNUSED)
{
    assert_mentions("a\n@ann\nb", "a`\n@ann`\nb");
    assert_mentions("a\r\n@ann", "a\r`\n@ann`");
}

static void leaves_what_is_no_mention(void **state G_GNUC_UNUSED)
{
    static const char *const TEXTS[] = {"mail x@y.org", "cc:@ann", "*@ann*", "[@ann](u)", "@",
                                        "a @ b",        "é@ann"};

    for (guint i = 0; i < G_N_ELEMENTS(TEXTS); i++)
        assert_mentions(TEXTS[i], TEXTS[i]);
}

static void leaves_code_alone(void **state G_GNUC_UNUSED)
{
    assert_mentions("`see @ann`", "`see @ann`");
    assert_mentions("`code`@ann", "`code``@ann`");
    assert_mentions("```\n@ann\n```\n@bob", "```\n@ann\n````\n@bob`");
}

static void takes_an_unclosed_run_of_back_ticks_for_code(void **state G_GNUC_UNUSED)
{
    assert_mentions("```@ann", "````@ann`");
    assert_mentions("`@ann", "`@ann");
}

static void begins_anew_after_a_mention(void **state G_GNUC_UNUSED)
{
    assert_mentions("@ann@bob", "`@ann``@bob`");
}

static void assert_links(const char *text, const char *expected)
{
    g_autofree char *converted = markdown_text_convert_links(text, "https://github.com", "acme/rocket",
                                                             "https://gitlab.example.com/acme-group/rocket");

    assert_string_equal(converted, expected);
}

static void converts_links_to_the_repository(void **state G_GNUC_UNUSED)
{
    assert_links("see https://github.com/acme/rocket/issues/12",
                 "see https://gitlab.example.com/acme-group/rocket/-/issues/12");
    assert_links("https://github.com/acme/rocket/pull/9/files",
                 "https://gitlab.example.com/acme-group/rocket/-/merge_requests/9/files");
    assert_links("https://github.com/acme/rocket/pulls",
                 "https://gitlab.example.com/acme-group/rocket/-/merge_requestss");
}

static void leaves_other_links(void **state G_GNUC_UNUSED)
{
    static const char *const TEXTS[] = {"https://github.com/acme/other/issues/1",
                                        "http://github.com/acme/rocket/issues/1", "acme/rocket#12", "#12"};

    for (guint i = 0; i < G_N_ELEMENTS(TEXTS); i++)
        assert_links(TEXTS[i], TEXTS[i]);
}

static void assert_format(MarkdownTextKind kind, const char *text, const char *login, gboolean found,
                          const char *expected)
{
    char gitlab_url[] = "https://gitlab.example.com", full_path[] = "acme-group/rocket";
    char import_url[] = "https://github.com/acme/rocket.git", import_source[] = "acme/rocket";
    const Configuration configuration = {.gitlab_url = gitlab_url};
    const Session session = {.configuration = &configuration};
    const Project project = {
        .full_path = full_path, .import_url = import_url, .import_source = import_source};
    g_autofree char *formatted = markdown_text_format(&session, &project, kind, text, login, found);

    if (expected)
        assert_string_equal(formatted, expected);
    else
        assert_null(formatted);
}

static void blank_texts_are_null_and_get_no_author(void **state G_GNUC_UNUSED)
{
    static const char *const TEXTS[] = {NULL, "", " \t\r\n\v\f", "\xc2\xa0\xe2\x80\xa8\xc2\x85", "\xff"};

    for (guint i = 0; i < G_N_ELEMENTS(TEXTS); i++)
        assert_format(MARKDOWN_TEXT_NOTE, TEXTS[i], "ann", FALSE, NULL);
}

static void an_author_who_was_not_found_is_named(void **state G_GNUC_UNUSED)
{
    assert_format(MARKDOWN_TEXT_NOTE, "hi", "ann", FALSE, "*Created by: ann*\n\nhi");
    assert_format(MARKDOWN_TEXT_NOTE, "hi", "ann", TRUE, "hi");
    assert_format(MARKDOWN_TEXT_NOTE, "hi", NULL, FALSE, "hi");
    assert_format(MARKDOWN_TEXT_NOTE, "hi", " ", FALSE, "hi");
}

static void mentions_are_wrapped_behind_the_authors_line(void **state G_GNUC_UNUSED)
{
    assert_format(MARKDOWN_TEXT_NOTE, "@bob", "ann", FALSE, "*Created by: ann*\n`\n@bob`");
}

static void links_are_converted_in_all_texts(void **state G_GNUC_UNUSED)
{
    const char *text = "see https://github.com/acme/rocket/issues/12";
    const char *expected = "see https://gitlab.example.com/acme-group/rocket/-/issues/12";

    assert_format(MARKDOWN_TEXT_NOTE, text, NULL, TRUE, expected);
    assert_format(MARKDOWN_TEXT_DESCRIPTION, text, NULL, TRUE, expected);
}

static void invalid_bytes_are_removed(void **state G_GNUC_UNUSED)
{
    assert_format(MARKDOWN_TEXT_NOTE, "a\xff\xc3(\xe2\x82z \xf0\x9f\x9a\x80\xc3", NULL, TRUE,
                  "a(z \xf0\x9f\x9a\x80");
}

static void older_gitlabs_wrap_mentions_before_the_authors_line(void **state G_GNUC_UNUSED)
{
    newest = FALSE;
    assert_format(MARKDOWN_TEXT_NOTE, "@bob", "ann", FALSE, "*Created by: ann*\n\n`@bob`");
    newest = TRUE;
}

static void older_gitlabs_convert_links_in_notes_only(void **state G_GNUC_UNUSED)
{
    const char *text = "https://github.com/acme/rocket/pull/1";

    newest = FALSE;
    assert_format(MARKDOWN_TEXT_DESCRIPTION, text, NULL, TRUE, text);
    assert_format(MARKDOWN_TEXT_NOTE, text, NULL, TRUE,
                  "https://gitlab.example.com/acme-group/rocket/-/merge_requests/1");
    newest = TRUE;
}

static void older_gitlabs_name_the_author_of_a_blank_text(void **state G_GNUC_UNUSED)
{
    newest = FALSE;
    assert_format(MARKDOWN_TEXT_DESCRIPTION, NULL, "ann", FALSE, "*Created by: ann*\n\n");
    assert_format(MARKDOWN_TEXT_DESCRIPTION, "", "ann", TRUE, NULL);
    newest = TRUE;
}

/* Quadratic steps would take minutes here, and the test's time-out. */
static void long_texts_are_formatted_in_linear_time(void **state G_GNUC_UNUSED)
{
    static const char *const PIECES[] = {"`",   "`a",   "@",
                                         " @a", "\xff", "https://github.com/acme/rocket/issues/1 "};

    for (guint i = 0; i < G_N_ELEMENTS(PIECES); i++) {
        g_autoptr(GString) text = g_string_new("x");
        char import_source[] = "acme/rocket";
        while (text->len < LONG)
            g_string_append(text, PIECES[i]);
        g_autofree char *clean = markdown_text_clean(text->str);
        g_autofree char *linked = markdown_text_convert_links(clean, "https://github.com", import_source,
                                                              "https://gitlab.example.com");
        g_autofree char *wrapped = markdown_text_wrap_mentions(linked);
        assert_true(*wrapped == 'x');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wraps_mentions),
        cmocka_unit_test(wraps_the_blank_before_a_mention_too),
        cmocka_unit_test(leaves_what_is_no_mention),
        cmocka_unit_test(leaves_code_alone),
        cmocka_unit_test(takes_an_unclosed_run_of_back_ticks_for_code),
        cmocka_unit_test(begins_anew_after_a_mention),
        cmocka_unit_test(converts_links_to_the_repository),
        cmocka_unit_test(leaves_other_links),
        cmocka_unit_test(blank_texts_are_null_and_get_no_author),
        cmocka_unit_test(an_author_who_was_not_found_is_named),
        cmocka_unit_test(mentions_are_wrapped_behind_the_authors_line),
        cmocka_unit_test(links_are_converted_in_all_texts),
        cmocka_unit_test(invalid_bytes_are_removed),
        cmocka_unit_test(older_gitlabs_wrap_mentions_before_the_authors_line),
        cmocka_unit_test(older_gitlabs_convert_links_in_notes_only),
        cmocka_unit_test(older_gitlabs_name_the_author_of_a_blank_text),
        cmocka_unit_test(long_texts_are_formatted_in_linear_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
