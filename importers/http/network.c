#include "importers/http/network.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

static const guint8 mapped_prefix[12] = {[10] = 0xff, [11] = 0xff};

static void set_ipv4(Network *network, const void *bytes)
{
    memcpy(network->bytes, mapped_prefix, sizeof mapped_prefix);
    memcpy(network->bytes + sizeof mapped_prefix, bytes, 4);
    network->prefix = 128;
}

static gboolean parse_address(const char *text, Network *network, guint *family_offset)
{
    guint8 ipv4[4];
    if (inet_pton(AF_INET, text, ipv4) == 1) {
        set_ipv4(network, ipv4);
        *family_offset = 96;
        return TRUE;
    }
    network->prefix = 128;
    *family_offset = 0;
    return inet_pton(AF_INET6, text, network->bytes) == 1;
}

gboolean network_parse(const char *text, Network *network)
{
    g_autofree char *bare = g_strdup(text);
    gsize length = strlen(bare);
    if (length > 2 && bare[0] == '[' && bare[length - 1] == ']') {
        bare[length - 1] = '\0';
        memmove(bare, bare + 1, length - 1);
    }
    char *slash = strchr(bare, '/');
    if (slash)
        *slash = '\0';
    guint offset;
    if (!parse_address(bare, network, &offset))
        return FALSE;
    guint64 bits;
    if (!slash)
        return TRUE;
    if (!g_ascii_string_to_unsigned(slash + 1, 10, 0, 128 - offset, &bits, NULL))
        return FALSE;
    network->prefix = offset + (guint)bits;
    return TRUE;
}

gboolean network_from_address(const struct sockaddr *address, Network *network)
{
    if (address->sa_family == AF_INET) {
        set_ipv4(network, &((const struct sockaddr_in *)address)->sin_addr);
        return TRUE;
    }
    if (address->sa_family != AF_INET6)
        return FALSE;
    memcpy(network->bytes, &((const struct sockaddr_in6 *)address)->sin6_addr, sizeof network->bytes);
    network->prefix = 128;
    return TRUE;
}

gboolean network_embedded_ipv4(const Network *address, Network *embedded)
{
    static const struct {
        const char *network;
        guint offset; /* bytes */
    } translated[] = {{"64:ff9b::/96", 12}, {"2002::/16", 2}, {"::/96", 12}};
    for (gsize i = 0; i < G_N_ELEMENTS(translated); i++) {
        Network network;
        if (network_parse(translated[i].network, &network) && network_contains(&network, address)) {
            set_ipv4(embedded, address->bytes + translated[i].offset);
            return TRUE;
        }
    }
    return FALSE;
}

gboolean network_contains(const Network *network, const Network *address)
{
    guint whole = network->prefix / 8, rest = network->prefix % 8;
    if (memcmp(network->bytes, address->bytes, whole) != 0)
        return FALSE;
    return rest == 0 || ((network->bytes[whole] ^ address->bytes[whole]) >> (8 - rest)) == 0;
}
