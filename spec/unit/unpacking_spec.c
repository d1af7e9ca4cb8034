#include "importers/http/unpacking.h"

#include "spec/support/http_context.h"

static const char TEXT[] = "some text that is packed, and packed well, and packed again";

/* Writes the bytes in pieces of `step`. */
static gboolean unpack(HttpContext *context, GBytes *packed, gsize step, GError **error)
{
    gsize length;
    const char *bytes = g_bytes_get_data(packed, &length);
    g_autoptr(Unpacking) unpacking = unpacking_new(&context->sink);
    for (gsize begin = 0; begin < length; begin += step)
        if (!unpacking_write(unpacking, bytes + begin, MIN(step, length - begin), error))
            return FALSE;
    return unpacking_finish(unpacking, error);
}

/* (transfer full) */
static GBytes *packed_text(void)
{
    g_autoptr(GBytes) plain = g_bytes_new_static(TEXT, strlen(TEXT));
    return gzipped(plain);
}

static void pieces_of_any_size_are_unpacked(void **state)
{
    HttpContext *context = *state;
    g_autoptr(GBytes) packed = packed_text();
    for (gsize step = 1; step <= g_bytes_get_size(packed); step++) {
        g_autoptr(GError) error = NULL;
        g_string_truncate(context->body, 0);
        assert_true(unpack(context, packed, step, &error));
        assert_string_equal(context->body->str, TEXT);
    }
}

static void members_follow_one_another(void **state)
{
    HttpContext *context = *state;
    g_autoptr(GBytes) packed = packed_text();
    GByteArray *joined = g_byte_array_new();
    for (guint i = 0; i < 2; i++)
        g_byte_array_append(joined, g_bytes_get_data(packed, NULL), (guint)g_bytes_get_size(packed));
    g_autoptr(GBytes) twice = g_byte_array_free_to_bytes(joined);
    assert_true(unpack(context, twice, 7, NULL));
    assert_int_equal(context->body->len, 2 * strlen(TEXT));
}

static void what_breaks_off_is_an_error_wherever_it_does(void **state)
{
    HttpContext *context = *state;
    g_autoptr(GBytes) packed = packed_text();
    for (gsize length = 1; length < g_bytes_get_size(packed); length++) {
        g_autoptr(GBytes) beginning = g_bytes_new_from_bytes(packed, 0, length);
        g_autoptr(GError) error = NULL;
        assert_false(unpack(context, beginning, 1024, &error));
        assert_error(error, HTTP_ERROR, HTTP_ERROR_BODY);
    }
}

static void a_changed_byte_is_an_error(void **state)
{
    HttpContext *context = *state;
    g_autoptr(GBytes) packed = packed_text();
    gsize length = g_bytes_get_size(packed);
    guint8 *changed = g_memdup2(g_bytes_get_data(packed, NULL), length);
    changed[length - 5] ^= 1; /* in the checksum */
    g_autoptr(GBytes) broken = g_bytes_new_take(changed, length);
    g_autoptr(GError) error = NULL;
    assert_false(unpack(context, broken, 1024, &error));
    assert_error(error, HTTP_ERROR, HTTP_ERROR_BODY);
}

static void a_large_body_comes_in_small_pieces_and_whole(void **state)
{
    HttpContext *context = *state;
    g_autoptr(GBytes) plain = g_bytes_new_take(g_malloc0(300000), 300000);
    g_autoptr(GBytes) packed = gzipped(plain);
    assert_true(unpack(context, packed, g_bytes_get_size(packed), NULL));
    assert_int_equal(context->body->len, 300000);
    assert_in_range(context->max_piece, 1, 16 * 1024);
}

static void the_sink_s_error_is_handed_on(void **state)
{
    HttpContext *context = *state;
    g_autoptr(GBytes) packed = packed_text();
    g_autoptr(GError) error = NULL;
    context->limit = 5;
    assert_false(unpack(context, packed, 1024, &error));
    assert_error(error, sink_error(), 7);
}

int main(void)
{
#define spec(name) cmocka_unit_test_setup_teardown(name, http_context_setup, http_context_teardown)
    const struct CMUnitTest tests[] = {
        spec(pieces_of_any_size_are_unpacked),
        spec(members_follow_one_another),
        spec(what_breaks_off_is_an_error_wherever_it_does),
        spec(a_changed_byte_is_an_error),
        spec(a_large_body_comes_in_small_pieces_and_whole),
        spec(the_sink_s_error_is_handed_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
