#include "protocol/identity.h"
#include "protocol/keys.h"
#include "spec/support/cmocka_glib.h"

#include <unistd.h>

static void has_host_pid_and_nonce(G_GNUC_UNUSED void **state)
{
    g_autofree char *prefix = g_strdup_printf("%s:%d:", process_hostname(), getpid());
    assert_true(g_str_has_prefix(process_identity(), prefix));
    assert_true(g_regex_match_simple("^[^:]+:\\d+:[0-9a-f]{12}$", process_identity(), 0, 0));
}

static void stays_the_same(G_GNUC_UNUSED void **state)
{
    assert_ptr_equal(process_identity(), process_identity());
}

static void its_working_lists_can_be_recovered(G_GNUC_UNUSED void **state)
{
    g_autofree char *key = key_working_list("ns:queue", process_identity());
    g_autofree char *queue = NULL, *identity = NULL;
    assert_true(key_parse_working_list(key, &queue, &identity));
    assert_string_equal(queue, "ns:queue");
    assert_string_equal(identity, process_identity());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_host_pid_and_nonce),
        cmocka_unit_test(stays_the_same),
        cmocka_unit_test(its_working_lists_can_be_recovered),
    };
    return cmocka_run_group_tests_name("identity", tests, NULL, NULL);
}
