/* cmocka with what it needs before it, and assertions for GLib's and jansson's values. */
#pragma once

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define assert_no_error(error)                                                                               \
    do {                                                                                                     \
        if (error)                                                                                           \
            fail_msg("unexpected error: %s", (error)->message);                                              \
    } while (0)

#define assert_error(error, expected_domain, expected_code)                                                  \
    do {                                                                                                     \
        assert_non_null(error);                                                                              \
        assert_string_equal(g_quark_to_string((error)->domain), g_quark_to_string(expected_domain));         \
        assert_int_equal((error)->code, expected_code);                                                      \
    } while (0)

/* The text (transfer full) is freed. */
static inline void assert_text(char *text, const char *expected)
{
    g_autofree char *owned = text;
    if (!expected) {
        assert_null(owned);
        return;
    }
    assert_non_null(owned);
    assert_string_equal(owned, expected);
}
