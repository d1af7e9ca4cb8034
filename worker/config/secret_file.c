#include "worker/config/secret_file.h"

char *secret_file_read(const char *path, GError **error)
{
    g_autofree char *text = NULL;
    g_autoptr(GError) unreadable = NULL;
    if (!g_file_get_contents(path, &text, NULL, &unreadable)) {
        g_set_error_literal(error, CONFIG_ERROR, CONFIG_ERROR_FILE, unreadable->message);
        return NULL;
    }
    g_strchomp(text);
    if (!*text) {
        g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_FILE, "%s is empty; write the secret into it", path);
        return NULL;
    }
    return g_steal_pointer(&text);
}
