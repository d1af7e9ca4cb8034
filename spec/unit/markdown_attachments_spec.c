/* Which addresses of a text are attachments: each kind of Markdown node, each list of types, GitHub and
 * Enterprise, and texts that are made to take long. */
#include "importers/attachments/attachment.h"
#include "importers/attachments/markdown_limits.h"

#include "spec/support/cmocka_glib.h"

#define E    "https://github.com"
#define CDN  GITHUB_MEDIA_CDN
#define LONG (128 * 1024)

/* The addresses found, one a line. */
static void assert_found_at(const char *web_endpoint, const char *text, const char *expected)
{
    g_autoptr(GPtrArray) urls = attachments_find(text, web_endpoint);
    g_autoptr(GString) lines = g_string_new(NULL);
    for (guint i = 0; i < urls->len; i++)
        g_string_append_printf(lines, "%s%s", i > 0 ? "\n" : "", (const char *)urls->pdata[i]);
    assert_string_equal(lines->str, expected);
}

static void assert_found(const char *text, const char *expected)
{
    assert_found_at(E, text, expected);
}

/* --- images --- */

static void an_image_of_the_server_is_one_whatever_its_name(G_GNUC_UNUSED void **state)
{
    assert_found("![x](" E "/user-attachments/assets/75334fd4)", E "/user-attachments/assets/75334fd4");
    assert_found("![x](" E "/acme/rocket/assets/1/2)", E "/acme/rocket/assets/1/2");
    assert_found("![x](" E "/acme/rocket/raw/main/a.exe \"title\")", E "/acme/rocket/raw/main/a.exe");
    assert_found("![x][1]\n\n[1]: " E "/a", E "/a");
}

static void an_image_of_the_cdn_is_one_by_its_last_letters(G_GNUC_UNUSED void **state)
{
    const char *const types[] = {"gif", "jpeg", "jpg", "mov", "mp4", "png", "svg", "webm"};
    for (gsize i = 0; i < G_N_ELEMENTS(types); i++) {
        g_autofree char *text = g_strdup_printf("![x](" CDN "1/a.%s)", types[i]);
        g_autofree char *url = g_strdup_printf(CDN "1/a.%s", types[i]);
        assert_found(text, url);
    }
    assert_found("![x](" CDN "1/foopng)", CDN "1/foopng");
    assert_found("![x](" CDN "1/a.PNG)", "");
    assert_found("![x](" CDN "1/a.png?raw=true)", "");
    assert_found("![x](" CDN "1/a.pdf)", "");
}

static void images_of_others_are_none(G_GNUC_UNUSED void **state)
{
    assert_found("![x](https://example.com/a.png) ![y](http://github.com/a.png) ![z](/a.png) " E "/", E "/");
    assert_found("![x](https://user-images.githubusercontent.com.evil.org/a.png)", "");
    assert_found("![x](file:///etc/passwd.png) ![y](data:image/png;base64,AAAA) ![z](javascript:a.png)", "");
}

/* --- links --- */

static void a_link_to_a_document_of_the_server_is_one(G_GNUC_UNUSED void **state)
{
    const char *const types[] = {"csv", "docx", "fodg", "fodp", "fods", "fodt", "gz",
                                 "log", "md",   "odf",  "odg",  "odp",  "ods",  "odt",
                                 "pdf", "pptx", "tgz",  "txt",  "xls",  "xlsx", "zip"};
    for (gsize i = 0; i < G_N_ELEMENTS(types); i++) {
        g_autofree char *text = g_strdup_printf("[x](" E "/acme/rocket/files/1/a.%s)", types[i]);
        g_autofree char *url = g_strdup_printf(E "/acme/rocket/files/1/a.%s", types[i]);
        assert_found(text, url);
    }
    assert_found("[x](<" E "/acme/rocket/blob/main/a b.md>)", E "/acme/rocket/blob/main/a b.md");
}

static void other_links_are_none(G_GNUC_UNUSED void **state)
{
    assert_found("[x](" E "/acme/rocket/issues/5)", "");
    assert_found("[x](" E "/acme/rocket/files/1/a.png)", "");
    assert_found("[x](" E "/acme/rocket/files/1/a.ZIP)", "");
    assert_found("[x](" CDN "1/a.pdf)", "");
    assert_found("[x](https://example.com/a.pdf)", "");
}

/* --- HTML --- */

static void the_first_image_of_a_piece_of_html_is_one(G_GNUC_UNUSED void **state)
{
    assert_found("a <img width=\"248\" alt=\"tag\" src=\"" CDN "2/b.png\"> c", CDN "2/b.png");
    assert_found("<p align=center>\n<img src=" E "/x/assets/1>\n<img src=" E "/x/assets/2>\n</p>",
                 E "/x/assets/1");
    assert_found("<IMG SRC='" E "/a?b=1&amp;c=2'>", E "/a?b=1&c=2");
    assert_found("<a href=\"" E "/a.zip\">" E "/b</a>", E "/b");
    assert_found("<img src=\"" CDN "2/b.exe\">", "");
    assert_found("<video src=\"" E "/a.mp4\"></video>", "");
}

static void an_image_that_is_not_closed_is_a_text(G_GNUC_UNUSED void **state)
{
    assert_found("<img width=\"248\" alt=\"x\" src=\"" CDN "3/c.png", CDN "3/c.png");
}

/* --- bare addresses --- */

static void a_bare_address_is_found_once(G_GNUC_UNUSED void **state)
{
    assert_found("see " E "/user-attachments/assets/75334fd4 there", E "/user-attachments/assets/75334fd4");
    assert_found(CDN "1/a.png", CDN "1/a.png");
    assert_found(CDN "1/a.pdf", "");
    assert_found("# " E "/a", E "/a");
    assert_found("<" E "/a>", E "/a");
    assert_found("> - " E "/a_b_c*d*", E "/a_b_cd\n" E "/a_b_c");
}

static void of_each_text_the_first_address_counts(G_GNUC_UNUSED void **state)
{
    assert_found(E "/a " E "/b", E "/a");
    assert_found("https://example.com " E "/b", "");
    assert_found(E "/a\n" E "/b\\\n" E "/c", E "/a\n" E "/b\n" E "/c");
    assert_found(E "/a *" E "/b*", E "/a\n" E "/b");
}

static void a_pages_address_counts_too(G_GNUC_UNUSED void **state)
{
    assert_found(E "/acme/rocket/issues/5", E "/acme/rocket/issues/5");
}

static void code_is_read_within_a_paragraph_alone(G_GNUC_UNUSED void **state)
{
    assert_found("`" E "/a`", E "/a");
    assert_found("    " E "/a", "");
    assert_found("```\n![x](" E "/a)\n```", "");
    assert_found("# `" E "/a`", "");
}

static void addresses_of_links_are_not_part_of_a_text(G_GNUC_UNUSED void **state)
{
    assert_found("[x](" E "/a) and [" E "/b](" E "/c)", E "/b");
}

/* --- all of it --- */

static void addresses_come_in_the_order_of_the_document_each_once(G_GNUC_UNUSED void **state)
{
    assert_found("![a](" E "/1) [b](" E "/2.zip) ![a](" E "/1)\n\n<img src='" E "/3'>\n\n- " E "/4\n\n" E
                 "/1",
                 E "/1\n" E "/2.zip\n" E "/3\n" E "/4");
    assert_found("![a](" E "/1) " E "/2", E "/2\n" E "/1");
}

static void extensions_of_markdown_are_not_known(G_GNUC_UNUSED void **state)
{
    assert_found("| a |\n| - |\n| ![x](" E "/1) |", E "/1");
    assert_found("~~" E "/1~~", E "/1~~");
}

static void addresses_are_read_as_markdown_reads_them(G_GNUC_UNUSED void **state)
{
    assert_found("![x](" E "/a\\_b&amp;c)", E "/a_b&c");
    assert_found("![x](" E "/%C3%A9\xC3\xA9)", E "/%C3%A9\xC3\xA9");
}

static void an_enterprise_server_has_its_own_address(G_GNUC_UNUSED void **state)
{
    const char *const enterprise = "https://git.example.com:8443/github";
    assert_found_at(enterprise, "![x](https://git.example.com:8443/github/a/b/assets/1)",
                    "https://git.example.com:8443/github/a/b/assets/1");
    assert_found_at(enterprise, "![x](" E "/a/b/assets/1)", "");
    assert_found_at(enterprise, "![x](" CDN "1/a.png)", CDN "1/a.png");
    assert_found_at(enterprise, "[x](https://git.example.com:8443/github/a.zip)",
                    "https://git.example.com:8443/github/a.zip");
}

static void without_text_there_is_nothing(G_GNUC_UNUSED void **state)
{
    assert_found(NULL, "");
    assert_found("", "");
    assert_found("![x](a.png)", "");
}

/* --- hostile texts --- */

/* `unit` again and again, and an image in a paragraph of its own. */
static void assert_survives(const char *unit)
{
    g_autoptr(GString) text = g_string_new(NULL);
    while (text->len < LONG)
        g_string_append(text, unit);
    g_string_append(text, "\n\n![x](" E "/1)\n");
    g_autoptr(GPtrArray) urls = attachments_find(text->str, E);
    assert_int_equal(urls->len, 1);
    assert_string_equal(urls->pdata[0], E "/1");
}

static void deep_nesting_ends(G_GNUC_UNUSED void **state)
{
    assert_survives(">");
    assert_survives("[");
    assert_survives("![");
    assert_survives("*a **a ");
    assert_survives("[a](");
    assert_survives("> 1. - ");
}

static void long_texts_end(G_GNUC_UNUSED void **state)
{
    assert_survives("a");
    assert_survives("<a ");
    assert_survives("`a``");
    assert_survives("- a\n");
    assert_survives("[a]: b\n");
}

static void images_within_images_are_all_found(G_GNUC_UNUSED void **state)
{
    g_autoptr(GString) text = g_string_new(NULL);
    guint depth = MARKDOWN_MAX_IMAGES;
    for (guint i = 0; i < depth; i++)
        g_string_append(text, "![");
    for (guint i = 0; i < depth; i++)
        g_string_append_printf(text, "a](" E "/%u)", i);
    g_autoptr(GPtrArray) urls = attachments_find(text->str, E);
    assert_int_equal(urls->len, depth);
    assert_string_equal(urls->pdata[0], E "/1999");
}

static void bytes_that_are_no_utf_8_do_no_harm(G_GNUC_UNUSED void **state)
{
    assert_found("\xFF\xC3( ![\x80](" E "/1) \xED\xA0\x80", E "/1");
    assert_found("![x](" E "/\xFF)", E "/\xFF");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_image_of_the_server_is_one_whatever_its_name),
        cmocka_unit_test(an_image_of_the_cdn_is_one_by_its_last_letters),
        cmocka_unit_test(images_of_others_are_none),
        cmocka_unit_test(a_link_to_a_document_of_the_server_is_one),
        cmocka_unit_test(other_links_are_none),
        cmocka_unit_test(the_first_image_of_a_piece_of_html_is_one),
        cmocka_unit_test(an_image_that_is_not_closed_is_a_text),
        cmocka_unit_test(a_bare_address_is_found_once),
        cmocka_unit_test(of_each_text_the_first_address_counts),
        cmocka_unit_test(a_pages_address_counts_too),
        cmocka_unit_test(code_is_read_within_a_paragraph_alone),
        cmocka_unit_test(addresses_of_links_are_not_part_of_a_text),
        cmocka_unit_test(addresses_come_in_the_order_of_the_document_each_once),
        cmocka_unit_test(extensions_of_markdown_are_not_known),
        cmocka_unit_test(addresses_are_read_as_markdown_reads_them),
        cmocka_unit_test(an_enterprise_server_has_its_own_address),
        cmocka_unit_test(without_text_there_is_nothing),
        cmocka_unit_test(deep_nesting_ends),
        cmocka_unit_test(long_texts_end),
        cmocka_unit_test(images_within_images_are_all_found),
        cmocka_unit_test(bytes_that_are_no_utf_8_do_no_harm),
    };
    return cmocka_run_group_tests_name("markdown_attachments", tests, NULL, NULL);
}
