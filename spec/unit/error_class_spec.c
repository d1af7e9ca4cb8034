#include "protocol/error_class.h"
#include "spec/support/cmocka_glib.h"

GQuark kettle_error_quark(void);

static const char *kettle_error_class(int code)
{
    return code == 0 ? "Kettle::Cold" : "Kettle::Dry";
}

DEFINE_ERROR_DOMAIN(kettle_error, kettle_error_class)

static void names_the_class_of_each_code(G_GNUC_UNUSED void **state)
{
    g_autoptr(GError) cold = g_error_new_literal(kettle_error_quark(), 0, "");
    g_autoptr(GError) dry = g_error_new_literal(kettle_error_quark(), 1, "");
    assert_string_equal(error_class(cold), "Kettle::Cold");
    assert_string_equal(error_class(dry), "Kettle::Dry");
}

static void unregistered_domains_are_standard_errors(G_GNUC_UNUSED void **state)
{
    g_autoptr(GError) error = g_error_new_literal(G_FILE_ERROR, G_FILE_ERROR_NOENT, "");
    assert_string_equal(error_class(error), "StandardError");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_the_class_of_each_code),
        cmocka_unit_test(unregistered_domains_are_standard_errors),
    };
    return cmocka_run_group_tests_name("error_class", tests, NULL, NULL);
}
