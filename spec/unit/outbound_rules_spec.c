#include "importers/http/outbound_rules.h"
#include "spec/support/cmocka_glib.h"
#include "spec/support/private_gitlab.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>

static const char *refusal(const OutboundRules *rules, const char *host, guint port, const char *ip)
{
    struct sockaddr_in ipv4 = {.sin_family = AF_INET};
    struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, ip, &ipv4.sin_addr) == 1)
        return outbound_rules_refusal(rules, host, port, (const struct sockaddr *)&ipv4);
    assert_int_equal(inet_pton(AF_INET6, ip, &ipv6.sin6_addr), 1);
    return outbound_rules_refusal(rules, host, port, (const struct sockaddr *)&ipv6);
}

static char *no_entries[] = {NULL};

static void local_addresses_are_refused_in_gitlab_s_words(void **state)
{
    (void)state;
    const OutboundRules rules = {.allow_list = no_entries};
    static const struct {
        const char *ip, *text;
    } cases[] = {
        {"127.0.0.1", "Requests to localhost are not allowed"},
        {"127.8.9.10", "Requests to localhost are not allowed"},
        {"0.0.0.0", "Requests to localhost are not allowed"},
        {"::1", "Requests to localhost are not allowed"},
        {"::ffff:127.0.0.1", "Requests to localhost are not allowed"},
        {"10.1.2.3", "Requests to the local network are not allowed"},
        {"172.31.255.255", "Requests to the local network are not allowed"},
        {"192.168.0.1", "Requests to the local network are not allowed"},
        {"::ffff:10.0.0.1", "Requests to the local network are not allowed"},
        {"fd12::1", "Requests to the local network are not allowed"},
        {"169.254.169.254", "Requests to the link local network are not allowed"},
        {"fe80::1", "Requests to the link local network are not allowed"},
        {"255.255.255.255", "Requests to the limited broadcast address are not allowed"},
        {"100.100.0.1", "Requests to the shared address space are not allowed"},
        {"64:ff9b::7f00:1", "Requests to localhost are not allowed"},
        {"64:ff9b::a9fe:a9fe", "Requests to the link local network are not allowed"},
        {"2002:a01:203::1", "Requests to the local network are not allowed"},
        {"::10.1.2.3", "Requests to the local network are not allowed"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
        assert_string_equal(refusal(&rules, "ghe.test", 443, cases[i].ip), cases[i].text);
}

static void public_addresses_are_allowed(void **state)
{
    (void)state;
    const OutboundRules rules = {.allow_list = no_entries};
    static const char *const ips[] = {"140.82.121.6", "172.32.0.1",          "100.128.0.1",
                                      "11.0.0.1",     "2606:50c0:8000::153", "64:ff9b::8c52:7906"};
    for (gsize i = 0; i < G_N_ELEMENTS(ips); i++)
        assert_null(refusal(&rules, "api.github.com", 443, ips[i]));
}

static void the_machine_s_own_addresses_are_localhost(void **state)
{
    (void)state;
    const OutboundRules rules = {.allow_list = no_entries};
    struct ifaddrs *interfaces = NULL;
    assert_int_equal(getifaddrs(&interfaces), 0);
    for (struct ifaddrs *each = interfaces; each; each = each->ifa_next)
        if (each->ifa_addr && (each->ifa_addr->sa_family == AF_INET || each->ifa_addr->sa_family == AF_INET6))
            assert_non_null(outbound_rules_refusal(&rules, "own.test", 80, each->ifa_addr));
    freeifaddrs(interfaces);
}

static void local_addresses_may_be_allowed_as_a_whole(void **state)
{
    (void)state;
    const OutboundRules rules = {.allow_local = TRUE, .allow_list = no_entries};
    assert_null(refusal(&rules, "ghe.test", 443, "127.0.0.1"));
    assert_null(refusal(&rules, "ghe.test", 443, "fd12::1"));
}

static void the_allow_list_names_hosts_networks_and_ports(void **state)
{
    (void)state;
    char *entries[] = {(char *)"ghe.test",   (char *)"10.1.0.0/16", (char *)"127.0.0.1:8080",
                       (char *)"[::1]:8443", (char *)"fd12::1",     NULL};
    const OutboundRules rules = {.allow_list = entries};
    assert_null(refusal(&rules, "GHE.test", 443, "192.168.1.1"));
    assert_null(refusal(&rules, "other.test", 443, "10.1.200.3"));
    assert_null(refusal(&rules, "other.test", 8080, "127.0.0.1"));
    assert_null(refusal(&rules, "other.test", 8443, "::1"));
    assert_null(refusal(&rules, "other.test", 443, "fd12::1"));
    assert_non_null(refusal(&rules, "other.test", 443, "10.2.0.1"));
    assert_non_null(refusal(&rules, "other.test", 8081, "127.0.0.1"));
    assert_non_null(refusal(&rules, "sub.ghe.test", 443, "192.168.1.1"));
}

static void everything_unlisted_may_be_denied(void **state)
{
    (void)state;
    char *entries[] = {(char *)"api.github.com", NULL};
    const OutboundRules rules = {.allow_local = TRUE, .deny_unlisted = TRUE, .allow_list = entries};
    assert_null(refusal(&rules, "api.github.com", 443, "140.82.121.6"));
    assert_string_equal(refusal(&rules, "github.com", 443, "140.82.121.3"),
                        "Requests to hosts and IP addresses not on the Allow List are denied");
}

static void the_proxy_of_the_environment_is_allowed(void **state)
{
    (void)state;
    const OutboundRules rules = {.deny_unlisted = TRUE, .allow_list = no_entries};
    g_setenv("https_proxy", "http://127.0.0.1:3128", TRUE);
    assert_null(refusal(&rules, "api.github.com", 443, "127.0.0.1"));
    assert_non_null(refusal(&rules, "api.github.com", 443, "127.0.0.2"));
    g_unsetenv("https_proxy");
}

static void assert_rules(Session *session, gboolean allow_local, const char *allow_list)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(OutboundRules) rules = outbound_rules_load(session, &error);
    assert_no_error(error);
    assert_int_equal(rules->allow_local, allow_local);
    assert_false(rules->deny_unlisted);
    assert_text(g_strjoinv(" ", rules->allow_list), allow_list);
}

static void the_newest_settings_are_read_once_a_minute(void **state)
{
    (void)state;
    private_gitlab_reset();
    g_autoptr(Session) session = session_new(private_gitlab_configuration(), NULL, NULL, NULL);
    g_autofree char *first =
        private_gitlab_sql("UPDATE application_settings SET "
                           "allow_local_requests_from_web_hooks_and_services = true,"
                           " outbound_local_requests_whitelist = '{ghe.test,\"10.0.0.0/8\"}'");
    assert_rules(session, TRUE, "ghe.test 10.0.0.0/8");
    g_autofree char *second = private_gitlab_sql("UPDATE application_settings SET "
                                                 "allow_local_requests_from_web_hooks_and_services = false");
    assert_rules(session, TRUE, "ghe.test 10.0.0.0/8");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(local_addresses_are_refused_in_gitlab_s_words),
        cmocka_unit_test(public_addresses_are_allowed),
        cmocka_unit_test(the_machine_s_own_addresses_are_localhost),
        cmocka_unit_test(local_addresses_may_be_allowed_as_a_whole),
        cmocka_unit_test(the_allow_list_names_hosts_networks_and_ports),
        cmocka_unit_test(everything_unlisted_may_be_denied),
        cmocka_unit_test(the_newest_settings_are_read_once_a_minute),
        cmocka_unit_test(the_proxy_of_the_environment_is_allowed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
