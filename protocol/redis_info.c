#include "protocol/redis_info.h"

#include <stdio.h>
#include <string.h>

char *redis_info_field(const char *info, const char *name)
{
    g_autofree char *start = g_strconcat(name, ":", NULL);
    g_auto(GStrv) lines = g_strsplit(info, "\r\n", -1);
    for (char **line = lines; *line; line++)
        if (g_str_has_prefix(*line, start))
            return g_strdup(*line + strlen(start));
    return NULL;
}

gboolean redis_version_supported(const char *version)
{
    int major = 0, minor = 0;
    return !version || sscanf(version, "%d.%d", &major, &minor) != 2 || major > 6 ||
           (major == 6 && minor >= 2);
}
