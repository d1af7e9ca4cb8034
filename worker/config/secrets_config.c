#include "worker/config/secrets_config.h"

static char **keys_of(const json_t *value)
{
    GPtrArray *keys = g_ptr_array_new();
    if (json_is_string(value))
        g_ptr_array_add(keys, g_strdup(json_string_value(value)));
    for (gsize i = 0; i < json_array_size(value); i++)
        if (json_is_string(json_array_get(value, i)))
            g_ptr_array_add(keys, g_strdup(json_string_value(json_array_get(value, i))));
    g_ptr_array_add(keys, NULL);
    return (char **)g_ptr_array_free(keys, FALSE);
}

gboolean secrets_config_load(const ConfigDirectory *directory, char ***keys, GError **error)
{
    g_autoptr(json_t) section = NULL;
    *keys = NULL;
    if (!config_file_section(directory, "secrets.yml", &section, error))
        return FALSE;
    if (!section)
        return TRUE;
    g_auto(GStrv) found = keys_of(json_object_get(section, "db_key_base"));
    if (!*found) {
        g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_FILE,
                    "secrets.yml has no db_key_base in its section '%s'", directory->environment);
        return FALSE;
    }
    *keys = g_steal_pointer(&found);
    return TRUE;
}
