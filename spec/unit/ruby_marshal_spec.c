#include "importers/gitlab/ruby_marshal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define DUMP(text) (const guint8 *)(text), sizeof(text) - 1

static char *user_of(const guint8 *dump, gsize length, gboolean *found, GError **error)
{
    const char *string;
    gsize string_length;
    if (!ruby_marshal_hash_string(dump, length, "user", found, &string, &string_length, error))
        return NULL;
    return string ? g_strndup(string, string_length) : NULL;
}

static void assert_refused(const guint8 *dump, gsize length)
{
    gboolean found;
    g_autoptr(GError) error = NULL;
    g_autofree char *user = user_of(dump, length, &found, &error);
    assert_null(user);
    assert_non_null(error);
    assert_true(error->domain == RUBY_MARSHAL_ERROR);
}

static void assert_user(const guint8 *dump, gsize length, const char *expected)
{
    gboolean found;
    g_autoptr(GError) error = NULL;
    g_autofree char *user = user_of(dump, length, &found, &error);
    assert_null(error);
    assert_true(found);
    if (expected)
        assert_string_equal(user, expected);
    else
        assert_null(user);
}

static void reads_what_ruby_dumps(G_GNUC_UNUSED void **state)
{
    assert_user(DUMP("\x04\x08{\x06:\x09userI\"\x08tok\x06:\x06"
                     "ET"),
                "tok");
    assert_user(DUMP("\x04\x08{\x06:\x09user0"), NULL);
    /* {password: "a", user: "b"}: the encoding's symbol is a back-reference the second time */
    assert_user(DUMP("\x04\x08{\x07:\x0dpasswordI\"\x06"
                     "a\x06:\x06"
                     "ET:\x09userI\"\x06"
                     "b\x06;\x06T"),
                "b");
    /* {password: s, user: s}: the same string twice */
    assert_user(DUMP("\x04\x08{\x07:\x0dpasswordI\"\x06"
                     "a\x06:\x06"
                     "ET:\x09user@\x06"),
                "a");
    /* {additional: ["x", 300, true], user: "b"} */
    assert_user(DUMP("\x04\x08{\x07:\x0f"
                     "additional[\x08\"\x06xi\x02\x2c\x01T:\x09user\"\x06"
                     "b"),
                "b");
}

static void a_missing_key_is_not_found(G_GNUC_UNUSED void **state)
{
    gboolean found = TRUE;
    g_autoptr(GError) error = NULL;
    assert_null(user_of(DUMP("\x04\x08{\x00"), &found, &error));
    assert_null(error);
    assert_false(found);
}

static void refuses_everything_else(G_GNUC_UNUSED void **state)
{
    assert_refused(DUMP(""));
    assert_refused(DUMP("\x04\x09{\x00")); /* another version */
    assert_refused(DUMP("\x04\x08[\x00")); /* no hash */
    assert_refused(DUMP("\x04\x08{\x06:\x09usero:\x08"
                        "Foo\x00")); /* an object */
    assert_refused(DUMP("\x04\x08{\x06:\x09userf\x06"
                        "1"));                        /* a float */
    assert_refused(DUMP("\x04\x08{\x06\"\x09user0")); /* a key that is no symbol */
    assert_refused(DUMP("\x04\x08{\x06;\x06"
                        "0"));                           /* a symbol that was not there before */
    assert_refused(DUMP("\x04\x08{\x06:\x09user@\x0a")); /* an object that was not there before */
    assert_refused(DUMP("\x04\x08{\x06:\x09useri\x06")); /* :user is a number */
    assert_refused(DUMP("\x04\x08{\x06:\x09user0x"));    /* more behind the end */
}

static void survives_truncation_at_any_byte(G_GNUC_UNUSED void **state)
{
    static const char WHOLE[] = "\x04\x08{\x07:\x09userI\"\x08tok\x06:\x06"
                                "ET:\x0dpassword[\x06i\x02\x2c\x01";
    for (gsize length = 0; length < sizeof(WHOLE) - 1; length++) {
        g_autofree guint8 *part = g_memdup2(WHOLE, length);
        assert_refused(part, length);
    }
}

static void survives_deep_nesting(G_GNUC_UNUSED void **state)
{
    g_autoptr(GByteArray) dump = g_byte_array_new();
    g_byte_array_append(dump, DUMP("\x04\x08{\x06:\x09user"));
    for (guint i = 0; i < 100000; i++)
        g_byte_array_append(dump, DUMP("[\x06"));
    assert_refused(dump->data, dump->len);
}

static void reads_back_what_it_dumps(G_GNUC_UNUSED void **state)
{
    const gsize LENGTHS[] = {0, 1, 122, 123, 255, 256, 70000};
    for (guint i = 0; i < G_N_ELEMENTS(LENGTHS); i++) {
        g_autofree char *token = g_strnfill(LENGTHS[i], 'x');
        const char *const pairs[] = {"password", NULL, "user", token, "host", "h"};
        g_autoptr(GByteArray) dump = ruby_marshal_dump_hash(pairs, 3);
        assert_user(dump->data, dump->len, token);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_ruby_dumps),   cmocka_unit_test(a_missing_key_is_not_found),
        cmocka_unit_test(refuses_everything_else), cmocka_unit_test(survives_truncation_at_any_byte),
        cmocka_unit_test(survives_deep_nesting),   cmocka_unit_test(reads_back_what_it_dumps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
