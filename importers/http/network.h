/* IP addresses and networks, IPv4 in its IPv6-mapped form. Pure functions; thread-safe. */
#pragma once

#include <glib.h>
#include <sys/socket.h>

typedef struct Network {
    guint8 bytes[16];
    guint prefix; /* bits */
} Network;

/* "10.0.0.0/8", "127.0.0.1", "fd00::/8", "[::1]". FALSE: it is none of these. */
gboolean network_parse(const char *text, Network *network);
/* FALSE for a family other than IPv4 and IPv6. */
gboolean network_from_address(const struct sockaddr *address, Network *network);
/* The IPv4 address that an IPv6 address is another spelling of, where routers translate (NAT64: RFC 6052,
 * 6to4: RFC 3056, and the "IPv4-compatible" ones of RFC 4291). FALSE: there is none. */
gboolean network_embedded_ipv4(const Network *address, Network *embedded);
gboolean network_contains(const Network *network, const Network *address);
