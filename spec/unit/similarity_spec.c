/* How much two files have in common: bytes of the lines that both have, in 60,000ths of the larger one. */
#include "importers/git/diff/similarity.h"

#include "spec/support/cmocka_glib.h"

#define LITERAL(text) (text), sizeof(text) - 1

static guint similarity(const char *one, gsize one_length, const char *two, gsize two_length)
{
    g_autoptr(GitPieces) source = git_pieces_new(one, one_length);
    g_autoptr(GitPieces) destination = git_pieces_new(two, two_length);
    return git_pieces_similarity(source, destination);
}

static void common_lines_count_by_their_bytes(G_GNUC_UNUSED void **state)
{
    assert_int_equal(similarity(LITERAL("one\ntwo\n"), LITERAL("one\ntwo\n")), 60000);
    assert_int_equal(similarity(LITERAL("one\ntwo\n"), LITERAL("two\nfour\n")), 60000 * 4 / 9);
    assert_int_equal(similarity(LITERAL("one\n"), LITERAL("two\n")), 0);
    assert_int_equal(similarity(LITERAL("a\na\na\n"), LITERAL("a\n")), 20000);
}

static void the_order_of_lines_does_not_matter(G_GNUC_UNUSED void **state)
{
    assert_int_equal(similarity(LITERAL("one\ntwo\n"), LITERAL("two\none\n")), 60000);
}

static void long_lines_are_cut_after_64_bytes(G_GNUC_UNUSED void **state)
{
    g_autofree char *line = g_strnfill(64, 'x');
    g_autofree char *one = g_strconcat(line, "1\n", NULL);
    g_autofree char *two = g_strconcat(line, "2\n", NULL);
    assert_int_equal(similarity(one, 66, two, 66), 60000 * 64 / 66);
}

static void carriage_returns_of_line_ends_are_left_out_of_text(G_GNUC_UNUSED void **state)
{
    assert_int_equal(similarity(LITERAL("one\r\n"), LITERAL("one\n")), 60000 * 4 / 5);
    assert_int_equal(similarity(LITERAL("\0one\r\n"), LITERAL("\0one\n")), 0);
    assert_int_equal(similarity(LITERAL("o\rne\n"), LITERAL("one\n")), 0);
}

static void what_follows_the_last_line_end_is_left_out(G_GNUC_UNUSED void **state)
{
    assert_int_equal(similarity(LITERAL("one\ntwo"), LITERAL("one\ntwo")), 60000 * 4 / 7);
}

static void an_empty_file_is_like_no_other(G_GNUC_UNUSED void **state)
{
    assert_int_equal(similarity(LITERAL(""), LITERAL("a\n")), 0);
    assert_int_equal(similarity(LITERAL("a\n"), LITERAL("")), 0);
    assert_int_equal(similarity(LITERAL(""), LITERAL("")), 0);
}

static void sizes_rule_out_a_similarity(G_GNUC_UNUSED void **state)
{
    assert_true(git_sizes_similar(100, 30, 18000));
    assert_false(git_sizes_similar(100, 29, 18000));
    assert_false(git_sizes_similar(29, 100, 18000));
    assert_false(git_sizes_similar(0, 1, 18000));
    assert_true(git_sizes_similar(0, 0, 18000));
}

static void the_measure_of_a_huge_file_is_small(G_GNUC_UNUSED void **state)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < 300000; i++)
        g_string_append_printf(text, "%u\n", i);
    g_autoptr(GitPieces) pieces = git_pieces_new(text->str, text->len);
    assert_true(git_pieces_footprint(pieces) < 1000000);
    assert_int_equal(git_pieces_similarity(pieces, pieces), 60000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(common_lines_count_by_their_bytes),
        cmocka_unit_test(the_order_of_lines_does_not_matter),
        cmocka_unit_test(long_lines_are_cut_after_64_bytes),
        cmocka_unit_test(carriage_returns_of_line_ends_are_left_out_of_text),
        cmocka_unit_test(what_follows_the_last_line_end_is_left_out),
        cmocka_unit_test(an_empty_file_is_like_no_other),
        cmocka_unit_test(sizes_rule_out_a_similarity),
        cmocka_unit_test(the_measure_of_a_huge_file_is_small),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
