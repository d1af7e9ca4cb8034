/*
 * Name servers that change their mind: names below .test mean, look-up by look-up, the addresses that the
 * spec has written down, separated by blanks. In a header, because only the programs that include it look up
 * names so.
 */
#pragma once

#include <dlfcn.h>
#include <glib.h>
#include <netdb.h>

static GMutex meanings_lock;
static GQueue meanings = G_QUEUE_INIT; /* of char * */

static inline void next_name_means(const char *addresses)
{
    g_mutex_lock(&meanings_lock);
    g_queue_push_tail(&meanings, g_strdup(addresses));
    g_mutex_unlock(&meanings_lock);
}

static inline void forget_names(void)
{
    g_queue_clear_full(&meanings, g_free);
}

typedef int (*Lookup)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

static inline int look_up_each(Lookup look_up, const char *addresses, const char *service,
                               const struct addrinfo *hints, struct addrinfo **found)
{
    g_auto(GStrv) list = g_strsplit(addresses, " ", -1);
    struct addrinfo **next = found;
    for (char **address = list; *address; address++) {
        int result = look_up(*address, service, hints, next);
        if (result != 0)
            return result;
        while (*next)
            next = &(*next)->ai_next;
    }
    return 0;
}

/* libcurl's look-ups and everybody else's. */
int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **found)
{
    Lookup look_up = (Lookup)dlsym(RTLD_NEXT, "getaddrinfo");
    if (!name || !g_str_has_suffix(name, ".test"))
        return look_up(name, service, hints, found);
    g_mutex_lock(&meanings_lock);
    g_autofree char *addresses = g_queue_pop_head(&meanings);
    g_mutex_unlock(&meanings_lock);
    return addresses ? look_up_each(look_up, addresses, service, hints, found) : EAI_NONAME;
}
