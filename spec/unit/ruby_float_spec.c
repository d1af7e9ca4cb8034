#include "protocol/ruby_float.h"
#include "spec/support/cmocka_glib.h"

static void prints_what_ruby_prints(G_GNUC_UNUSED void **state)
{
    /* The texts are what Ruby 3.1's Float#to_s gives. */
    static const struct {
        double value;
        const char *text;
    } cases[] = {
        {1732199999.123456, "1732199999.123456"},
        {1732199999.0, "1732199999.0"},
        {0.0, "0.0"},
        {-0.0, "-0.0"},
        {1.5, "1.5"},
        {-2.25, "-2.25"},
        {100.0, "100.0"},
        {0.1, "0.1"},
        {0.30000000000000004, "0.30000000000000004"},
        {0.0001, "0.0001"},
        {0.00012, "0.00012"},
        {0.00001234, "1.234e-05"},
        {1e-5, "1.0e-05"},
        {1e14, "100000000000000.0"},
        {123456789012345.6, "123456789012345.6"},
        {1e15, "1.0e+15"},
        {9007199254740993.0, "9.007199254740992e+15"},
        {1e20, "1.0e+20"},
        {1.7976931348623157e308, "1.7976931348623157e+308"},
        {5e-324, "5.0e-324"},
    };
    char buffer[RUBY_FLOAT_SIZE];
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
        assert_string_equal(ruby_float_format(buffer, cases[i].value), cases[i].text);
}

static void reads_back_as_the_same_double(G_GNUC_UNUSED void **state)
{
    g_autoptr(GRand) random = g_rand_new_with_seed(42);
    char buffer[RUBY_FLOAT_SIZE];
    for (int i = 0; i < 100000; i++) {
        union {
            guint64 bits;
            double value;
        } sample = {.bits = ((guint64)g_rand_int(random) << 32) | g_rand_int(random)};
        if (sample.value - sample.value != 0)
            continue; /* infinite or not a number */
        assert_true(g_ascii_strtod(ruby_float_format(buffer, sample.value), NULL) == sample.value);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prints_what_ruby_prints),
        cmocka_unit_test(reads_back_as_the_same_double),
    };
    return cmocka_run_group_tests_name("ruby_float", tests, NULL, NULL);
}
