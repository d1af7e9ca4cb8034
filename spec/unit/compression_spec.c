#include "protocol/compression.h"
#include "protocol/error_class.h"
#include "protocol/json.h"
#include "spec/support/cmocka_glib.h"

#include <zlib.h>

static json_t *compressed(const char *base64)
{
    return json_pack("[s]", base64);
}

static void inflates_what_ruby_deflated(G_GNUC_UNUSED void **state)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(json_t) args = compressed("eF6LNtSpVkpUslJKUqqNBQAYHQOT");
    g_autoptr(json_t) original = compression_decompress(args, &error);
    assert_no_error(error);
    assert_text(json_dump(original), "[1,{\"a\":\"b\"}]");
}

static void inflates_more_than_one_chunk(G_GNUC_UNUSED void **state)
{
    g_autofree char *filler = g_strnfill(200000, 'x');
    g_autofree char *text = g_strdup_printf("[\"%s\"]", filler);
    uLongf length = compressBound(strlen(text));
    g_autofree guchar *bytes = g_malloc(length);
    assert_int_equal(compress(bytes, &length, (const guchar *)text, strlen(text)), Z_OK);
    g_autofree char *base64 = g_base64_encode(bytes, length);

    g_autoptr(json_t) args = compressed(base64);
    g_autoptr(json_t) original = compression_decompress(args, NULL);
    assert_text(json_dump(original), text);
}

static void assert_corrupt(json_t *args)
{
    g_autoptr(json_t) owned = args;
    g_autoptr(GError) error = NULL;
    assert_null(compression_decompress(owned, &error));
    assert_non_null(error);
}

static void corrupt_streams_are_errors(G_GNUC_UNUSED void **state)
{
    assert_corrupt(compressed(""));
    assert_corrupt(compressed("not zlib"));
    assert_corrupt(compressed("eF6LNtSpVkpUslJKUqqNBQ"));
    assert_corrupt(compressed("eF6LNtSpVkpUslJKUqqNBQAYHQOU"));
    assert_corrupt(json_pack("[i]", 1));
    assert_corrupt(json_pack("[ss]", "a", "b"));
    assert_corrupt(json_array());
}

static void only_an_array_is_accepted_inside(G_GNUC_UNUSED void **state)
{
    uLongf length = 64;
    guchar bytes[64];
    assert_int_equal(compress(bytes, &length, (const guchar *)"{}", 2), Z_OK);
    g_autofree char *base64 = g_base64_encode(bytes, length);
    assert_corrupt(compressed(base64));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inflates_what_ruby_deflated),
        cmocka_unit_test(inflates_more_than_one_chunk),
        cmocka_unit_test(corrupt_streams_are_errors),
        cmocka_unit_test(only_an_array_is_accepted_inside),
    };
    return cmocka_run_group_tests_name("compression", tests, NULL, NULL);
}
