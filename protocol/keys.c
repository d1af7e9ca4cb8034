#include "protocol/keys.h"

char *key_queue(const char *queue)
{
    return g_strconcat("queue:", queue, NULL);
}

char *key_working_list(const char *queue, const char *identity)
{
    return g_strconcat("working:queue:", queue, ":", identity, NULL);
}

char *key_fetcher_heartbeat(const char *identity)
{
    char *key = g_strconcat("reliable-fetcher-heartbeat-", identity, NULL);
    return g_strdelimit(key, ":", '-');
}

char *key_status(const char *jid)
{
    return g_strconcat("gitlab-sidekiq-status:", jid, NULL);
}

char *key_work(const char *identity)
{
    return g_strconcat(identity, ":work", NULL);
}

char *key_workers(const char *identity)
{
    return g_strconcat(identity, ":workers", NULL);
}

char *key_signals(const char *identity)
{
    return g_strconcat(identity, "-signals", NULL);
}

/* WORKING_QUEUE_REGEX and LEGACY_WORKING_QUEUE_REGEX of the fetcher. */
static const GRegex *working_list_form(void)
{
    static GRegex *form;
    if (g_once_init_enter(&form))
        g_once_init_leave(&form, g_regex_new("\\Aworking:queue:(.*):([^:]*:[0-9]*:[0-9a-f]*)\\z",
                                             G_REGEX_RAW | G_REGEX_DOTALL, 0, NULL));
    return form;
}

static const GRegex *legacy_working_list_form(void)
{
    static GRegex *form;
    if (g_once_init_enter(&form))
        g_once_init_leave(&form, g_regex_new("\\Aworking:queue:(.*):([^:]*:[0-9]*)\\z",
                                             G_REGEX_RAW | G_REGEX_DOTALL, 0, NULL));
    return form;
}

gboolean key_parse_working_list(const char *key, char **queue, char **identity)
{
    g_autoptr(GMatchInfo) match = NULL;
    if (!g_regex_match(working_list_form(), key, 0, &match)) {
        g_clear_pointer(&match, g_match_info_unref);
        if (!g_regex_match(legacy_working_list_form(), key, 0, &match))
            return FALSE;
    }
    *queue = g_match_info_fetch(match, 1);
    *identity = g_match_info_fetch(match, 2);
    return TRUE;
}
