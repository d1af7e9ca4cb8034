#include "worker/config/config_file.h"

#include "worker/config/words.h"
#include "worker/config/yaml.h"

#include <string.h>

static char *file_path(const ConfigDirectory *directory, const char *name)
{
    return g_build_filename(directory->path, name, NULL);
}

gboolean config_file_exists(const ConfigDirectory *directory, const char *name)
{
    if (!directory->path)
        return FALSE;
    g_autofree char *path = file_path(directory, name);
    return g_file_test(path, G_FILE_TEST_EXISTS);
}

/* `<%` outside of comment lines; `<%%` is ERB's way to write a plain `<%`. */
static gboolean has_erb(const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++) {
        const char *tag = *g_strchug(*line) == '#' ? NULL : strstr(*line, "<%");
        if (tag && tag[2] != '%')
            return TRUE;
    }
    return FALSE;
}

static json_t *parse_file(const char *path, GError **error)
{
    g_autofree char *text = NULL;
    gsize length = 0;
    g_autoptr(GError) wrong = NULL;
    if (!g_file_get_contents(path, &text, &length, &wrong)) {
        g_set_error_literal(error, CONFIG_ERROR, CONFIG_ERROR_FILE, wrong->message);
        return NULL;
    }
    if (has_erb(text)) {
        g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_UNSUPPORTED,
                    "%s contains ERB tags (<%%), which hubferry cannot execute; render the file first "
                    "(erb %s > DIR/FILE, with --gitlab-config DIR) or say the same by HUBFERRY_ variables",
                    path, path);
        return NULL;
    }
    json_t *document = yaml_load(text, length, &wrong);
    if (!document)
        g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_FILE, "%s is not readable as YAML: %s", path,
                    wrong->message);
    return document;
}

gboolean config_file_section(const ConfigDirectory *directory, const char *name, json_t **section,
                             GError **error)
{
    *section = NULL;
    if (!config_file_exists(directory, name))
        return TRUE;
    g_autofree char *path = file_path(directory, name);
    g_autoptr(json_t) document = parse_file(path, error);
    if (!document)
        return FALSE;
    if (!json_is_object(document) && !json_is_null(document)) {
        g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_FILE, "%s must be a mapping with a section '%s'", path,
                    directory->environment);
        return FALSE;
    }
    json_t *found = json_object_get(document, directory->environment);
    *section = json_is_null(found) ? NULL : json_incref(found);
    return TRUE;
}

static json_t *run_command(const char *command, const char *name, GError **error)
{
    g_auto(GStrv) words = words_of(command);
    g_autofree char *output = NULL;
    g_autoptr(GError) wrong = NULL;
    int status = 0;
    if (!words[0]) {
        g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_FILE,
                    "config_command of %s is empty; name a command, or leave the key out", name);
        return NULL;
    }
    if (!g_spawn_sync(NULL, words, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &output, NULL, &status, &wrong) ||
        !g_spawn_check_wait_status(status, &wrong)) {
        g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_FILE, "config_command of %s ('%s') failed: %s", name,
                    words[0], wrong->message);
        return NULL;
    }
    g_autoptr(json_t) extension = yaml_load(output, strlen(output), NULL);
    if (!json_is_object(extension)) {
        g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_FILE,
                    "config_command of %s ('%s') must print a YAML mapping, and printed something else", name,
                    words[0]);
        return NULL;
    }
    return g_steal_pointer(&extension);
}

gboolean config_file_extend(json_t *settings, const char *name, GError **error)
{
    const char *command = json_string_value(json_object_get(settings, "config_command"));
    if (command) {
        g_autoptr(json_t) extension = run_command(command, name, error);
        if (!extension)
            return FALSE;
        json_object_update_recursive(settings, extension);
    }
    if (json_is_string(json_object_get(settings, "secret_file"))) {
        g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_UNSUPPORTED,
                    "%s names a secret_file, which only Rails can decrypt; give the whole URL in a file "
                    "(--redis-url-file FILE) or use config_command instead",
                    name);
        return FALSE;
    }
    return TRUE;
}

char *config_text(const json_t *mapping, const char *key)
{
    const json_t *value = json_object_get(mapping, key);
    if (json_is_string(value))
        return g_strdup(json_string_value(value));
    if (json_is_integer(value))
        return g_strdup_printf("%" JSON_INTEGER_FORMAT, json_integer_value(value));
    if (json_is_boolean(value))
        return g_strdup(json_is_true(value) ? "true" : "false");
    return NULL;
}

const json_t *config_mapping(const json_t *mapping, const char *key)
{
    const json_t *value = json_object_get(mapping, key);
    return json_is_object(value) ? value : NULL;
}
