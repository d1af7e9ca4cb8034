#include "protocol/random_hex.h"

#include <errno.h>
#include <sys/random.h>

char *random_hex(guint n_bytes)
{
    g_autofree guchar *bytes = g_malloc(n_bytes);
    if (getrandom(bytes, n_bytes, 0) != (gssize)n_bytes)
        g_error("getrandom: %s", g_strerror(errno));

    char *text = g_malloc(2 * n_bytes + 1);
    for (guint i = 0; i < n_bytes; i++) {
        text[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
        text[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
    }
    text[2 * n_bytes] = '\0';
    return text;
}
