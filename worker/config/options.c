#include "worker/config/options.h"

#include "worker/config/secret_file.h"
#include "worker/config/words.h"

#include <errno.h>
#include <string.h>

/* One option's place for what GOption finds. */
typedef struct OptionSlot {
    const OptionSpec *spec;
    char *long_name, *description; /* GOption borrows them */
    char *text;                    /* the flag's value: OPTION_TEXT, and OPTION_SECRET's file */
    char **list;
    gboolean set;
    char **environment_list; /* the variable's items, for OPTION_LIST */
} OptionSlot;

struct Options {
    GPtrArray *slots; /* of OptionSlot */
};

static void option_slot_free(gpointer data)
{
    OptionSlot *slot = data;
    g_free(slot->long_name);
    g_free(slot->description);
    g_free(slot->text);
    g_strfreev(slot->list);
    g_strfreev(slot->environment_list);
    g_free(slot);
}

void options_free(Options *options)
{
    if (!options)
        return;
    g_ptr_array_unref(options->slots);
    g_free(options);
}

static char *describe(const OptionSpec *spec)
{
    GString *text = g_string_new(spec->help);
    const char *separator = " [";
    if (spec->otherwise) {
        g_string_append_printf(text, "%sdefault: %s", separator, spec->otherwise);
        separator = "; ";
    }
    if (spec->environment) {
        g_string_append_printf(text, "%s%s", separator, spec->environment);
        if (spec->kind == OPTION_SECRET)
            g_string_append_printf(text, " or %s_FILE", spec->environment);
        separator = ", ";
    }
    if (spec->gitlab_environment) {
        g_string_append_printf(text, "%s%s", separator, spec->gitlab_environment);
        separator = ", ";
    }
    if (*separator != ' ')
        g_string_append_c(text, ']');
    return g_string_free(text, FALSE);
}

static OptionSlot *option_slot_new(const OptionSpec *spec)
{
    OptionSlot *slot = g_new0(OptionSlot, 1);
    slot->spec = spec;
    slot->long_name =
        spec->kind == OPTION_SECRET ? g_strconcat(spec->name, "-file", NULL) : g_strdup(spec->name);
    slot->description = describe(spec);
    return slot;
}

/* FILENAME rather than STRING: the bytes are taken as they are, whatever the locale. */
static GOptionEntry option_entry(OptionSlot *slot)
{
    GOptionEntry entry = {.long_name = slot->long_name,
                          .short_name = slot->spec->letter,
                          .description = slot->description,
                          .arg_description = slot->spec->argument};
    switch (slot->spec->kind) {
    case OPTION_SWITCH:
        entry.arg = G_OPTION_ARG_NONE;
        entry.arg_data = &slot->set;
        break;
    case OPTION_LIST:
        entry.arg = G_OPTION_ARG_FILENAME_ARRAY;
        entry.arg_data = &slot->list;
        break;
    case OPTION_TEXT:
    case OPTION_SECRET:
        entry.arg = G_OPTION_ARG_FILENAME;
        entry.arg_data = &slot->text;
        break;
    }
    return entry;
}

static const char *environment_value(const char *variable)
{
    const char *value = variable ? g_getenv(variable) : NULL;
    return value && *value ? value : NULL;
}

/* The variable that decides, and its value; NULL when none is set. */
static const char *environment_of(const OptionSpec *spec, const char **variable)
{
    const char *variables[] = {spec->environment, spec->gitlab_environment};
    for (guint i = 0; i < G_N_ELEMENTS(variables); i++) {
        const char *value = environment_value(variables[i]);
        if (value) {
            *variable = variables[i];
            return value;
        }
    }
    return NULL;
}

static void read_environment_list(OptionSlot *slot)
{
    const char *variable = NULL;
    const char *value = slot->spec->kind == OPTION_LIST ? environment_of(slot->spec, &variable) : NULL;
    if (!value && slot->spec->kind == OPTION_LIST)
        value = slot->spec->otherwise;
    if (value)
        slot->environment_list = words_of(value);
}

static Options *options_new(const OptionSpec *const *tables)
{
    Options *options = g_new0(Options, 1);
    options->slots = g_ptr_array_new_with_free_func(option_slot_free);
    for (; *tables; tables++)
        for (const OptionSpec *spec = *tables; spec->name; spec++) {
            OptionSlot *slot = option_slot_new(spec);
            read_environment_list(slot);
            g_ptr_array_add(options->slots, slot);
        }
    return options;
}

static gboolean help_wanted(const char *const *words)
{
    for (; *words && !g_str_equal(*words, "--"); words++)
        if (g_str_equal(*words, "--help") || g_str_equal(*words, "-h"))
            return TRUE;
    return FALSE;
}

static GOptionContext *context_new(Options *options, const OptionHelp *help)
{
    GOptionContext *context = g_option_context_new(help->usage);
    g_option_context_set_summary(context, help->summary);
    g_option_context_set_description(context, help->description);
    GArray *entries = g_array_new(TRUE, TRUE, sizeof(GOptionEntry));
    for (guint i = 0; i < options->slots->len; i++) {
        GOptionEntry entry = option_entry(g_ptr_array_index(options->slots, i));
        g_array_append_val(entries, entry);
    }
    g_option_context_add_main_entries(context, (const GOptionEntry *)(void *)entries->data, NULL);
    g_array_unref(entries);
    return context;
}

/* The words without the `--` that may stand before words which look like options. (transfer full) */
static char **without_separator(char **words)
{
    GPtrArray *arguments = g_ptr_array_new();
    gboolean separated = FALSE;
    for (; *words; words++) {
        if (!separated && g_str_equal(*words, "--"))
            separated = TRUE;
        else
            g_ptr_array_add(arguments, g_strdup(*words));
    }
    g_ptr_array_add(arguments, NULL);
    return (char **)g_ptr_array_free(arguments, FALSE);
}

Options *options_parse(const OptionSpec *const *tables, const OptionHelp *help, const char *const *words,
                       char ***arguments, char **help_text, GError **error)
{
    g_autoptr(Options) options = options_new(tables);
    g_autoptr(GOptionContext) context = context_new(options, help);
    if (help_wanted(words)) {
        g_set_prgname(words[0]);
        *help_text = g_option_context_get_help(context, TRUE, NULL);
        return g_steal_pointer(&options);
    }
    g_auto(GStrv) rest = g_strdupv((char **)words);
    g_autoptr(GError) wrong = NULL;
    if (!g_option_context_parse_strv(context, &rest, &wrong)) {
        g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_USAGE, "%s; see '%s --help'", wrong->message, words[0]);
        return NULL;
    }
    *arguments = without_separator(rest + 1);
    return g_steal_pointer(&options);
}

static const OptionSlot *find_slot(const Options *options, const char *name)
{
    for (guint i = 0; i < options->slots->len; i++) {
        const OptionSlot *slot = g_ptr_array_index(options->slots, i);
        if (g_str_equal(slot->spec->name, name))
            return slot;
    }
    g_error("option %s is not in the command's tables", name);
}

/* Where the value comes from, for messages: "--timeout" or "HUBFERRY_TIMEOUT". (transfer full) */
static char *origin(const OptionSlot *slot)
{
    const char *variable = NULL;
    if (slot->text || slot->list || !environment_of(slot->spec, &variable))
        return g_strconcat("--", slot->long_name, NULL);
    return g_strdup(variable);
}

const char *options_text(const Options *options, const char *name)
{
    const OptionSlot *slot = find_slot(options, name);
    const char *variable = NULL;
    if (slot->text)
        return slot->text;
    const char *value = environment_of(slot->spec, &variable);
    return value ? value : slot->spec->otherwise;
}

gboolean options_switch(const Options *options, const char *name)
{
    static const char *const off[] = {"0", "false", "no", "off", NULL};
    const OptionSlot *slot = find_slot(options, name);
    const char *variable = NULL;
    const char *value = environment_of(slot->spec, &variable);
    return slot->set || (value && !g_strv_contains(off, value));
}

const char *const *options_list(const Options *options, const char *name)
{
    static const char *const none[] = {NULL};
    const OptionSlot *slot = find_slot(options, name);
    if (slot->list)
        return (const char *const *)slot->list;
    return slot->environment_list ? (const char *const *)slot->environment_list : none;
}

gboolean options_given(const Options *options, const char *name)
{
    const OptionSlot *slot = find_slot(options, name);
    const char *variable = NULL;
    return slot->text || slot->list || slot->set || environment_of(slot->spec, &variable);
}

gboolean options_unsigned(const Options *options, const char *name, guint min, guint max, guint *value,
                          GError **error)
{
    const char *text = options_text(options, name);
    guint64 number = 0;
    if (text && g_ascii_string_to_unsigned(text, 10, min, max, &number, NULL)) {
        *value = (guint)number;
        return TRUE;
    }
    g_autofree char *from = origin(find_slot(options, name));
    g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_VALUE, "%s must be a whole number from %u to %u, not '%s'",
                from, min, max, text ? text : "");
    return FALSE;
}

gboolean options_seconds(const Options *options, const char *name, double *value, GError **error)
{
    const char *text = options_text(options, name);
    char *end = NULL;
    errno = 0;
    double number = text ? g_ascii_strtod(text, &end) : 0;
    if (text && end != text && !*end && errno == 0 && number >= 0 && number < 1e9) {
        *value = number;
        return TRUE;
    }
    g_autofree char *from = origin(find_slot(options, name));
    g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_VALUE, "%s must be a number of seconds, not '%s'", from,
                text ? text : "");
    return FALSE;
}

gboolean options_choice(const Options *options, const char *name, const char *const *choices, guint *index,
                        GError **error)
{
    const char *text = options_text(options, name);
    for (guint i = 0; text && choices[i]; i++)
        if (g_str_equal(choices[i], text)) {
            *index = i;
            return TRUE;
        }
    g_autofree char *from = origin(find_slot(options, name));
    g_autofree char *list = g_strjoinv(", ", (char **)choices);
    g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_VALUE, "%s must be one of %s, not '%s'", from, list,
                text ? text : "");
    return FALSE;
}

gboolean options_secret(const Options *options, const char *name, char **value, GError **error)
{
    const OptionSlot *slot = find_slot(options, name);
    *value = NULL;
    if (slot->text) {
        *value = secret_file_read(slot->text, error);
        return *value != NULL;
    }
    const char *variable = NULL;
    const char *direct = environment_of(slot->spec, &variable);
    if (direct) {
        *value = g_strdup(direct);
        return TRUE;
    }
    g_autofree char *file_variable =
        slot->spec->environment ? g_strconcat(slot->spec->environment, "_FILE", NULL) : NULL;
    const char *path = environment_value(file_variable);
    if (!path)
        return TRUE;
    *value = secret_file_read(path, error);
    return *value != NULL;
}
