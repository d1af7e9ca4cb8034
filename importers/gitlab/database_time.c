#include "importers/gitlab/database.h"

#include <string.h>

static char *time_text(GDateTime *time)
{
    g_autoptr(GDateTime) utc = g_date_time_to_utc(time);
    g_autofree char *seconds = g_date_time_format(utc, "%Y-%m-%d %H:%M:%S");
    return g_strdup_printf("%s.%06d", seconds, g_date_time_get_microsecond(utc));
}

char *database_now(void)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_utc();
    return time_text(now);
}

/* Ruby's Time#to_s, "2017-10-10 16:00:00 +0200" or "... UTC", differs from ISO 8601 by a space and by the
 * name of the zone. */
static char *iso8601(const char *text)
{
    g_autofree char *trimmed = g_strstrip(g_strdup(text));
    g_auto(GStrv) words = g_strsplit(trimmed, " ", 3);
    guint n_words = g_strv_length(words);
    if (n_words == 3)
        return g_strdup_printf("%sT%s%s", words[0], words[1], g_str_equal(words[2], "UTC") ? "Z" : words[2]);
    return n_words == 2 ? g_strdup_printf("%sT%s", words[0], words[1]) : g_strdup(trimmed);
}

/* Two digits as a number; -1: they are none. */
static int two_digits(const char *text)
{
    return g_ascii_isdigit(text[0]) && g_ascii_isdigit(text[1]) ? (text[0] - '0') * 10 + text[1] - '0' : -1;
}

static gboolean between(int number, int lowest, int highest)
{
    return lowest <= number && number <= highest;
}

/* Nearly all times are "2017-10-10 16:00:00 UTC" or "2017-10-10T16:00:00Z", of which no calendar has to be
 * asked but for a month's last days. NULL: another text. (transfer full) */
static char *plain_time(const char *text)
{
    gsize length = strlen(text);
    gboolean is_ruby =
        length == strlen("2017-10-10 16:00:00 UTC") && text[10] == ' ' && g_str_equal(text + 19, " UTC");
    gboolean is_iso = length == strlen("2017-10-10T16:00:00Z") && text[10] == 'T' && text[19] == 'Z';
    if (!(is_ruby || is_iso) || text[4] != '-' || text[7] != '-' || text[13] != ':' || text[16] != ':')
        return NULL;
    if (two_digits(text) < 1 || two_digits(text + 2) < 0 || !between(two_digits(text + 5), 1, 12) ||
        !between(two_digits(text + 8), 1, 28) || !between(two_digits(text + 11), 0, 23) ||
        !between(two_digits(text + 14), 0, 59) || !between(two_digits(text + 17), 0, 59))
        return NULL;
    return g_strdup_printf("%.10s %.8s.000000", text, text + 11);
}

char *database_time(const char *text)
{
    if (!text)
        return NULL;
    char *plain = plain_time(text);
    if (plain)
        return plain;
    g_autofree char *iso = iso8601(text);
    g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
    g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(iso, utc);
    return time ? time_text(time) : NULL;
}
