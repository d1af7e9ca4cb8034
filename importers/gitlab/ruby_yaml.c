#include "importers/gitlab/ruby_yaml.h"

#include <string.h>

/* YAML 1.1's other names for true, false and null. */
static gboolean is_keyword(const char *text)
{
    static const char *const keywords[] = {"y", "n", "yes", "no", "on", "off", "true", "false", "null", NULL};
    g_autofree char *lower = g_ascii_strdown(text, -1);
    return g_strv_contains(keywords, lower);
}

/* What begins with a letter is no number, no time and no mark of YAML; hexadecimal digits (commit ids) are no
 * number either, unless they are decimal ones throughout. */
static gboolean is_plain(const char *text)
{
    static const char *const letters = G_CSET_A_2_Z G_CSET_a_2_z "_";
    if (!*text || is_keyword(text))
        return FALSE;
    if (strspn(text, "0123456789abcdef") == strlen(text))
        return strpbrk(text, "abcdf") != NULL;
    return strchr(letters, *text) &&
           strspn(text, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_./-") == strlen(text);
}

/* Characters that YAML does not take as they are, or takes for a line break. */
static gboolean is_special(gunichar character)
{
    return character < 0x20 || (character >= 0x7f && character <= 0x9f) || character == 0x2028 ||
           character == 0x2029 || character == 0xfeff || character == 0xfffe || character == 0xffff;
}

static void append_quoted(GString *yaml, const char *text)
{
    g_string_append_c(yaml, '"');
    for (const char *at = text; *at; at = g_utf8_next_char(at)) {
        gunichar character = g_utf8_get_char(at);
        if (character == '"' || character == '\\')
            g_string_append_printf(yaml, "\\%c", (char)character);
        else if (is_special(character))
            g_string_append_printf(yaml, "\\u%04X", character);
        else
            g_string_append_unichar(yaml, character);
    }
    g_string_append_c(yaml, '"');
}

void ruby_yaml_append_string(GString *yaml, const char *text)
{
    if (is_plain(text))
        g_string_append(yaml, text);
    else
        append_quoted(yaml, text);
}
