/*
 * A TCP port of 127.0.0.1 that nobody listens on. It is none of those that the kernel gives out by itself
 * (from 32768 on), so that nobody gets it by chance between now and its use.
 */
#pragma once

#include "spec/support/cmocka_glib.h"

#include <arpa/inet.h>
#include <unistd.h>

#define FREE_PORT_FIRST 10000
#define FREE_PORT_LAST  32767

static inline gboolean free_port_is_free(int port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((guint16)port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    gboolean bound = bind(fd, (struct sockaddr *)&address, sizeof address) == 0;
    close(fd);
    return bound;
}

static inline int free_port(void)
{
    int port;
    do
        port = g_random_int_range(FREE_PORT_FIRST, FREE_PORT_LAST + 1);
    while (!free_port_is_free(port));
    return port;
}
