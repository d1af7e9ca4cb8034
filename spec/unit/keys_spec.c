#include "protocol/keys.h"
#include "spec/support/cmocka_glib.h"

static void keys_have_their_forms(G_GNUC_UNUSED void **state)
{
    const char *identity = "web-1:4711:0a1b2c3d4e5f";
    assert_text(key_queue("default"), "queue:default");
    assert_text(key_working_list("github_importer:github_import_import_note", identity),
                "working:queue:github_importer:github_import_import_note:web-1:4711:0a1b2c3d4e5f");
    assert_text(key_fetcher_heartbeat(identity), "reliable-fetcher-heartbeat-web-1-4711-0a1b2c3d4e5f");
    assert_text(key_status("abc"), "gitlab-sidekiq-status:abc");
    assert_text(key_work(identity), "web-1:4711:0a1b2c3d4e5f:work");
    assert_text(key_workers(identity), "web-1:4711:0a1b2c3d4e5f:workers");
    assert_text(key_signals(identity), "web-1:4711:0a1b2c3d4e5f-signals");
}

static void working_lists_are_taken_apart(G_GNUC_UNUSED void **state)
{
    static const struct {
        const char *key, *queue, *identity;
    } cases[] = {
        {"working:queue:default:host:12:0a1b2c3d4e5f", "default", "host:12:0a1b2c3d4e5f"},
        {"working:queue:a:b:web-1:4711:0a1b2c3d4e5f", "a:b", "web-1:4711:0a1b2c3d4e5f"},
        {"working:queue:default:host:12:123456789012", "default", "host:12:123456789012"},
        /* the legacy form, without a nonce */
        {"working:queue:default:host:12", "default", "host:12"},
        {"working:queue:a:b:host:12", "a:b", "host:12"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *queue = NULL, *identity = NULL;
        assert_true(key_parse_working_list(cases[i].key, &queue, &identity));
        assert_string_equal(queue, cases[i].queue);
        assert_string_equal(identity, cases[i].identity);
    }
}

static void other_keys_are_refused(G_GNUC_UNUSED void **state)
{
    static const char *const keys[] = {
        "working:queue:default:host:12:0A1B2C3D4E5F", /* uppercase nonce */
        "working:queue:default",
        "queue:default:host:12:0a1b2c3d4e5f",
        "xworking:queue:default:host:12:0a1b2c3d4e5f",
        "working:queue:default:host:12:0a1b2c3d4e5f\n",
    };
    for (guint i = 0; i < G_N_ELEMENTS(keys); i++) {
        char *queue, *identity;
        assert_false(key_parse_working_list(keys[i], &queue, &identity));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_have_their_forms),
        cmocka_unit_test(working_lists_are_taken_apart),
        cmocka_unit_test(other_keys_are_refused),
    };
    return cmocka_run_group_tests_name("keys", tests, NULL, NULL);
}
