#include "importers/http/outbound_rules.h"

#include "importers/http/network.h"
#include "protocol/json.h"

#include <ifaddrs.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>

#define RULES_TTL (60 * G_USEC_PER_SEC)

static const struct {
    const char *network;
    const char *refusal;
} local_networks[] = {
    {"127.0.0.0/8", "Requests to localhost are not allowed"},
    {"0.0.0.0/8", "Requests to localhost are not allowed"},
    {"::1", "Requests to localhost are not allowed"},
    {"::", "Requests to localhost are not allowed"},
    {"10.0.0.0/8", "Requests to the local network are not allowed"},
    {"172.16.0.0/12", "Requests to the local network are not allowed"},
    {"192.168.0.0/16", "Requests to the local network are not allowed"},
    {"fc00::/7", "Requests to the local network are not allowed"},
    {"fec0::/10", "Requests to the local network are not allowed"},
    {"169.254.0.0/16", "Requests to the link local network are not allowed"},
    {"fe80::/10", "Requests to the link local network are not allowed"},
    {"255.255.255.255", "Requests to the limited broadcast address are not allowed"},
    {"100.64.0.0/10", "Requests to the shared address space are not allowed"},
};

/* Fields through JSON, so that a GitLab without one of the columns still answers. */
static const Statement outbound_rules_statement = {
    "outbound_rules",
    "SELECT row ->> 'allow_local_requests_from_web_hooks_and_services' AS allow_local,"
    " row ->> 'deny_all_requests_except_allowed' AS deny_unlisted,"
    " row ->> 'outbound_local_requests_whitelist' AS allow_list"
    " FROM (SELECT to_jsonb(application_settings) AS row FROM application_settings ORDER BY id DESC LIMIT 1) "
    "newest",
};

static GMutex lock;
static OutboundRules *cached;
static gint64 cached_until; /* monotonic, microseconds */

static char **parse_allow_list(const char *text, GError **error)
{
    g_autoptr(json_t) list = text ? json_parse(text, strlen(text), error) : json_array();
    if (!list)
        return NULL;
    g_autoptr(GStrvBuilder) entries = g_strv_builder_new();
    size_t index;
    json_t *entry;
    json_array_foreach (list, index, entry) {
        if (json_is_string(entry))
            g_strv_builder_add(entries, json_string_value(entry));
    }
    return g_strv_builder_end(entries);
}

static OutboundRules *read_rules(Session *session, GError **error)
{
    g_autoptr(PGresult) result =
        database_run(session_database(session), error, &outbound_rules_statement, DATABASE_END);
    if (!result)
        return NULL;
    g_autoptr(OutboundRules) rules = g_new0(OutboundRules, 1);
    gboolean found = PQntuples(result) > 0;
    rules->allow_local = found && g_strcmp0(database_value(result, 0, "allow_local"), "true") == 0;
    rules->deny_unlisted = found && g_strcmp0(database_value(result, 0, "deny_unlisted"), "true") == 0;
    rules->allow_list = parse_allow_list(found ? database_value(result, 0, "allow_list") : NULL, error);
    if (!rules->allow_list) {
        g_prefix_error(error, "outbound_local_requests_whitelist: ");
        return NULL;
    }
    return g_steal_pointer(&rules);
}

static OutboundRules *copy(const OutboundRules *rules)
{
    OutboundRules *copied = g_memdup2(rules, sizeof *rules);
    copied->allow_list = g_strdupv(rules->allow_list);
    return copied;
}

OutboundRules *outbound_rules_load(Session *session, GError **error)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&lock);
    if (cached && g_get_monotonic_time() < cached_until)
        return copy(cached);
    OutboundRules *fresh = read_rules(session, error);
    if (!fresh) {
        g_prefix_error(error, "Reading application_settings: ");
        return NULL;
    }
    g_clear_pointer(&cached, outbound_rules_free);
    cached = fresh;
    cached_until = g_get_monotonic_time() + RULES_TTL;
    return copy(cached);
}

void outbound_rules_free(OutboundRules *rules)
{
    g_strfreev(rules->allow_list);
    g_free(rules);
}

/* Splits "name:port" and "[::1]:port"; an address without brackets has no port. */
static char *split_port(const char *entry, guint *port)
{
    *port = 0;
    const char *colon = strrchr(entry, ':');
    gboolean bracketed = colon && colon > entry && colon[-1] == ']';
    guint64 number;
    if (!colon || (strchr(entry, ':') != colon && !bracketed) ||
        !g_ascii_string_to_unsigned(colon + 1, 10, 1, G_MAXUINT16, &number, NULL))
        return g_strdup(entry);
    *port = (guint)number;
    return g_strndup(entry, (gsize)(colon - entry));
}

static gboolean listed(const OutboundRules *rules, const char *host, guint port, const Network *address)
{
    for (char **entry = rules->allow_list; *entry; entry++) {
        guint entry_port;
        g_autofree char *name = split_port(*entry, &entry_port);
        Network network;
        gboolean same = network_parse(name, &network) ? network_contains(&network, address)
                                                      : g_ascii_strcasecmp(name, host) == 0;
        if (same && (entry_port == 0 || entry_port == port))
            return TRUE;
    }
    return FALSE;
}

static gboolean resolves_to(const char *proxy, const Network *address)
{
    g_autofree char *with_scheme =
        strstr(proxy, "://") ? g_strdup(proxy) : g_strconcat("http://", proxy, NULL);
    g_autoptr(GUri) uri = g_uri_parse(with_scheme, G_URI_FLAGS_NON_DNS | G_URI_FLAGS_ENCODED, NULL);
    struct addrinfo *found = NULL;
    if (!uri || !g_uri_get_host(uri) || getaddrinfo(g_uri_get_host(uri), NULL, NULL, &found) != 0)
        return FALSE;
    gboolean same = FALSE;
    for (struct addrinfo *info = found; info && !same; info = info->ai_next) {
        Network candidate;
        same = network_from_address(info->ai_addr, &candidate) && network_contains(&candidate, address);
    }
    freeaddrinfo(found);
    return same;
}

/* With a proxy it is the proxy that resolves the name and decides. */
static gboolean is_proxy(const Network *address)
{
    static const char *const variables[] = {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy",
                                            "ALL_PROXY"};
    for (gsize i = 0; i < G_N_ELEMENTS(variables); i++) {
        const char *proxy = g_getenv(variables[i]);
        if (proxy && *proxy && resolves_to(proxy, address))
            return TRUE;
    }
    return FALSE;
}

/* Whatever listens on this machine may take a caller from it for a friend. */
static gboolean is_own_address(const Network *address)
{
    struct ifaddrs *interfaces = NULL;
    gboolean own = FALSE;
    if (getifaddrs(&interfaces) != 0)
        return FALSE;
    for (struct ifaddrs *each = interfaces; each && !own; each = each->ifa_next) {
        Network candidate;
        own = each->ifa_addr && network_from_address(each->ifa_addr, &candidate) &&
              network_contains(&candidate, address);
    }
    freeifaddrs(interfaces);
    return own;
}

static const char *local_refusal(const Network *address)
{
    for (gsize i = 0; i < G_N_ELEMENTS(local_networks); i++) {
        Network local;
        if (network_parse(local_networks[i].network, &local) && network_contains(&local, address))
            return local_networks[i].refusal;
    }
    return is_own_address(address) ? "Requests to localhost are not allowed" : NULL;
}

const char *outbound_rules_refusal(const OutboundRules *rules, const char *host, guint port,
                                   const struct sockaddr *address)
{
    Network target;
    if (!network_from_address(address, &target))
        return "Requests to addresses other than IP are not allowed";
    if (listed(rules, host, port, &target) || is_proxy(&target))
        return NULL;
    if (rules->deny_unlisted)
        return "Requests to hosts and IP addresses not on the Allow List are denied";
    if (rules->allow_local)
        return NULL;
    Network embedded;
    const char *refusal = local_refusal(&target);
    return !refusal && network_embedded_ipv4(&target, &embedded) ? local_refusal(&embedded) : refusal;
}
