/* importers/gitlab/markdown_text.h: GitHub's text as GitLab stores it, quirks included. */
#include "spec/support/cmocka_glib.h"

#include "importers/gitlab/markdown_text.h"

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
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
