#include "protocol/error_class.h"
#include "protocol/json.h"
#include "spec/support/cmocka_glib.h"

static void assert_round_trip(const char *text, gsize length, const char *expected)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(json_t) value = json_parse(text, length, &error);
    assert_no_error(error);
    assert_text(json_dump(value), expected);
}

static void writes_as_ruby_does(G_GNUC_UNUSED void **state)
{
    static const struct {
        const char *text, *expected;
    } cases[] = {
        {"{}", "{}"},
        {"[]", "[]"},
        {" { \"b\" : [ 1 , -2.0 , true , false , null ] , \"a\" : { } } ",
         "{\"b\":[1,-2.0,true,false,null],\"a\":{}}"},
        {"[1732199999.123456,1732199999.0,1e20]", "[1732199999.123456,1732199999.0,1.0e+20]"},
        {"[9223372036854775807,-9223372036854775808]", "[9223372036854775807,-9223372036854775808]"},
        {"[\"\\u00e9 \\u2028 / \\u007f\"]", "[\"é \u2028 / \x7f\"]"},
        {"[\"\\\" \\\\ \\b\\f\\n\\r\\t\\u0001\\u001F\"]", "[\"\\\" \\\\ \\b\\f\\n\\r\\t\\u0001\\u001f\"]"},
        {"[\"a\\u0000b\"]", "[\"a\\u0000b\"]"},
        {"\"text\"", "\"text\""},
        {"{\"a\":1,\"b\":2,\"a\":3}", "{\"a\":3,\"b\":2}"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
        assert_round_trip(cases[i].text, strlen(cases[i].text), cases[i].expected);
}

static void assert_refused(const char *text, JsonError code)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(json_t) value = json_parse(text, strlen(text), &error);
    assert_null(value);
    assert_error(error, JSON_ERROR, code);
}

static void tells_what_only_ruby_reads(G_GNUC_UNUSED void **state)
{
    static const char *const only_ruby[] = {
        "[123456789012345678901234567890]",
        "[1e400]",
        "[\"\xff\"]",
        "{\"\\u0000\":1}",
        "[\"\\udc00\"]",
        "[\"\\q\"]",
        "[1,/*x*/2]",
        "[1]//x",
    };
    static const char *const nobody[] = {
        "",     "{",     "{}x",     "[1,]",     "[NaN]", "[Infinity]", "[01]",        "['a']", "[-]",  "[1.]",
        "[1e]", "[tru]", "{\"a\"}", "{\"a\":}", "[1 2]", "[\"a\nb\"]", "[\"\\u12\"]", "[\"a",  "[\"\\"};
    for (guint i = 0; i < G_N_ELEMENTS(only_ruby); i++)
        assert_refused(only_ruby[i], JSON_ERROR_UNREPRESENTABLE);
    for (guint i = 0; i < G_N_ELEMENTS(nobody); i++)
        assert_refused(nobody[i], JSON_ERROR_SYNTAX);
}

static void assert_nesting(gsize depth, gboolean accepted)
{
    g_autofree char *opening = g_strnfill(depth, '['), *closing = g_strnfill(depth, ']');
    g_autofree char *text = g_strconcat(opening, closing, NULL);
    g_autoptr(json_t) value = json_parse(text, strlen(text), NULL);
    assert_int_equal(value != NULL, accepted);
}

static void nests_as_deep_as_ruby_does(G_GNUC_UNUSED void **state)
{
    assert_nesting(100, TRUE);
    assert_nesting(101, FALSE);
}

static void a_key_may_be_escaped_like_its_value(G_GNUC_UNUSED void **state)
{
    const char *text = "{\"a\\n\":\"\\u00e9\\ud83d\\ude00\",\"b\":\"\\/\"}";
    assert_round_trip(text, strlen(text), "{\"a\\n\":\"é😀\",\"b\":\"/\"}");
}

static void assert_lenient(const char *text, const char *expected)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(json_t) value = json_parse_lenient(text, strlen(text), &error);
    assert_null(error);
    g_autofree char *written = json_dump(value);
    assert_string_equal(written, expected);
}

static void what_is_not_utf8_may_be_left_out(G_GNUC_UNUSED void **state)
{
    assert_lenient("[\"a\\ud83db\",\"\\ude00\",\"\\ud83d\"]", "[\"ab\",\"\",\"\"]");
    assert_lenient("[\"\\ud83d\\u0041\",\"\\ud83d\\n\",\"\\ud83d\\ud83d\\ude00\"]",
                   "[\"A\",\"\\n\",\"\xf0\x9f\x98\x80\"]");
    assert_lenient("[\"a\xff\xc3(b\",\"\xf0\x9f\",\"\xed\xa0\xbd\",\"\xe2\x82\xc3\xa9\"]",
                   "[\"a(b\",\"\",\"\",\"\xc3\xa9\"]");
    assert_lenient("{\"\xff"
                   "a\\n\xff\\ud83d\":\"\xff\\t\xff\"}",
                   "{\"a\\n\":\"\\t\"}");
    assert_lenient("[\"\xc3\xa9\\u00e9\\ud83d\\ude00\",1,null]",
                   "[\"\xc3\xa9\xc3\xa9\xf0\x9f\x98\x80\",1,null]");
}

static void leniency_ends_at_the_strings(G_GNUC_UNUSED void **state)
{
    const char *refused[] = {"[1\xff]", "[\"\\ud83d\\u12\"]", "[\"\\ud83d",
                             "[\"\xff", "[\"\\a\"]",          "{\"a\\u0000\":1}"};
    for (guint i = 0; i < G_N_ELEMENTS(refused); i++) {
        g_autoptr(GError) error = NULL;
        assert_null(json_parse_lenient(refused[i], strlen(refused[i]), &error));
        assert_int_equal(error->domain, JSON_ERROR);
    }
}

static void reads_no_further_than_the_length(G_GNUC_UNUSED void **state)
{
    assert_round_trip("[1]]]]]", 3, "[1]");
}

static void fields_default_on_other_types(G_GNUC_UNUSED void **state)
{
    g_autoptr(json_t) object = json_pack("{s:s, s:i, s:b, s:n}", "s", "text", "i", 7, "t", 1, "n");
    assert_string_equal(json_string_field(object, "s"), "text");
    assert_null(json_string_field(object, "i"));
    assert_null(json_string_field(object, "absent"));
    assert_int_equal(json_integer_field(object, "i", -1), 7);
    assert_int_equal(json_integer_field(object, "n", -1), -1);
    assert_true(json_true_field(object, "t"));
    assert_false(json_true_field(object, "s"));
}

static void errors_have_ruby_classes(G_GNUC_UNUSED void **state)
{
    g_autoptr(GError) error = NULL;
    assert_null(json_parse("{", 1, &error));
    assert_string_equal(error_class(error), "JSON::ParserError");
    g_autoptr(GError) foreign = g_error_new_literal(g_quark_from_string("foreign"), 1, "x");
    assert_string_equal(error_class(foreign), "StandardError");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_as_ruby_does),
        cmocka_unit_test(tells_what_only_ruby_reads),
        cmocka_unit_test(nests_as_deep_as_ruby_does),
        cmocka_unit_test(a_key_may_be_escaped_like_its_value),
        cmocka_unit_test(what_is_not_utf8_may_be_left_out),
        cmocka_unit_test(leniency_ends_at_the_strings),
        cmocka_unit_test(reads_no_further_than_the_length),
        cmocka_unit_test(fields_default_on_other_types),
        cmocka_unit_test(errors_have_ruby_classes),
    };
    return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
