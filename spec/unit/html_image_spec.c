#include "importers/attachments/html_image.h"

#include "spec/support/cmocka_glib.h"

#define LONG (128 * 1024)

static void assert_source(const char *html, const char *expected)
{
    assert_text(html_first_image_source(html), expected);
}

static void the_first_image_counts(G_GNUC_UNUSED void **state)
{
    assert_source("<p><img width=\"1\" alt=\"b\" src=\"https://h/a.png\"><img src=\"b\"></p>",
                  "https://h/a.png");
    assert_source("<img alt=\"none\"><img src=\"b\">", NULL);
    assert_source("<p>img src=\"a\"</p>", NULL);
    assert_source("<a src=\"a\"></a><image src=\"b\"><imgs src=\"c\">", NULL);
    assert_source("", NULL);
}

static void names_are_of_any_case(G_GNUC_UNUSED void **state)
{
    assert_source("<IMG SRC=\"A\">", "A");
    assert_source("<Img sRc=a>", "a");
}

static void values_are_in_any_quotes_or_none(G_GNUC_UNUSED void **state)
{
    assert_source("<img src='a \"b\" >'>", "a \"b\" >");
    assert_source("<img src=\"it's\">", "it's");
    assert_source("<img src=https://h/a.png>", "https://h/a.png");
    assert_source("<img src=https://h/a/ alt=b>", "https://h/a/");
    assert_source("<img\n\tsrc \f=\r\n 'a'/>", "a");
    assert_source("<img/src='a'/>", "a");
    assert_source("<img alt='x'src='a'>", "a");
    assert_source("<img src=>", "");
    assert_source("<img src>", NULL);
    assert_source("<img src=''>", "");
}

static void another_attribute_is_not_taken_for_it(G_GNUC_UNUSED void **state)
{
    assert_source("<img data-src='a' srcset='b' src2='c' alt=\"src='d'\" xsrc=e>", NULL);
    assert_source("<img =src='a' src='b'>", "b");
    assert_source("<img src='a' src='b'>", "a");
}

static void entities_are_decoded_once(G_GNUC_UNUSED void **state)
{
    assert_source("<img src='a?b=1&amp;c=2'>", "a?b=1&c=2");
    assert_source("<img src='&amp;amp;&lt;&gt;&quot;&apos;'>", "&amp;<>\"'");
    assert_source("<img src='&#104;&#x74;&#X74;&#112'>", "http");
    assert_source("<img src='a&b&copy;c&d=e&ampf&'>", "a&b&copy;c&d=e&ampf&");
    assert_source("<img src='&#;&#x;&#xg;&# 1;&#-1;'>", "&#;&#x;&#xg;&# 1;&#-1;");
}

static void what_is_no_character_is_replaced(G_GNUC_UNUSED void **state)
{
    assert_source("<img src='&#0;&#xD800;&#x110000;&#99999999999999999999999;'>",
                  "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
}

static void comments_scripts_and_style_sheets_have_no_images(G_GNUC_UNUSED void **state)
{
    assert_source("<!-- <img src='a'> --><img src='b'>", "b");
    assert_source("<!--><img src='a'>", "a");
    assert_source("<!-- <img src='a'>", NULL);
    assert_source("<!DOCTYPE img src='a'><?php img ?><img src='b'>", "b");
    assert_source("<script>'<img src=\"a\">'</SCRIPT><img src='b'>", "b");
    assert_source("<style><img src='a'></style ><img src='b'>", "b");
    assert_source("<script><img src='a'>", NULL);
}

static void what_is_not_closed_is_none(G_GNUC_UNUSED void **state)
{
    assert_source("<img src='a'", NULL);
    assert_source("<img src='a", NULL);
    assert_source("<img src=\"a>", NULL);
    assert_source("<img", NULL);
    assert_source("<img ", NULL);
    assert_source("<", NULL);
    assert_source("</img src='a'>", NULL);
    assert_source("a < b <img src='a'>", "a");
    assert_source("<3<img src='a'>", "a");
}

static void bytes_that_are_no_text_stay(G_GNUC_UNUSED void **state)
{
    assert_source("<\xFF><img \xFF=\x80 src='\xC3(\xFF'>", "\xC3(\xFF");
}

/* `unit` again and again, and an image behind it. */
static void assert_survives(const char *unit, const char *expected)
{
    g_autoptr(GString) html = g_string_new(NULL);
    while (html->len < LONG)
        g_string_append(html, unit);
    g_string_append(html, "<img src=a>");
    assert_source(html->str, expected);
}

static void long_input_takes_its_time_and_no_more(G_GNUC_UNUSED void **state)
{
    assert_survives("<", "a");
    assert_survives("<a>", "a");
    assert_survives("<a ", NULL);
    assert_survives("<!--", NULL);
    assert_survives("<script>", NULL);
    assert_survives("<style></style>", "a");
    assert_survives("<i a=b ", NULL);
    assert_survives("&#38", "a");
    assert_survives("=", "a");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_image_counts),
        cmocka_unit_test(names_are_of_any_case),
        cmocka_unit_test(values_are_in_any_quotes_or_none),
        cmocka_unit_test(another_attribute_is_not_taken_for_it),
        cmocka_unit_test(entities_are_decoded_once),
        cmocka_unit_test(what_is_no_character_is_replaced),
        cmocka_unit_test(comments_scripts_and_style_sheets_have_no_images),
        cmocka_unit_test(what_is_not_closed_is_none),
        cmocka_unit_test(bytes_that_are_no_text_stay),
        cmocka_unit_test(long_input_takes_its_time_and_no_more),
    };
    return cmocka_run_group_tests_name("html_image", tests, NULL, NULL);
}
