#include "protocol/identity.h"

#include "protocol/random_hex.h"

#include <unistd.h>

#define NONCE_BYTES 6

const char *process_hostname(void)
{
    static const char *hostname;
    if (g_once_init_enter(&hostname))
        g_once_init_leave(&hostname, g_strdelimit(g_strdup(g_get_host_name()), ":", '-'));
    return hostname;
}

static char *make_identity(void)
{
    g_autofree char *nonce = random_hex(NONCE_BYTES);
    return g_strdup_printf("%s:%d:%s", process_hostname(), getpid(), nonce);
}

const char *process_identity(void)
{
    static const char *identity;
    if (g_once_init_enter(&identity))
        g_once_init_leave(&identity, make_identity());
    return identity;
}
