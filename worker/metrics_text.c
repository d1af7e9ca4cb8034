#include "worker/metrics_text.h"

void metrics_text_family(GString *text, const char *name, const char *type, const char *help)
{
    g_string_append_printf(text, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

void metrics_text_label(GString *labels, const char *name, const char *value)
{
    if (labels->len > 0)
        g_string_append_c(labels, ',');
    g_string_append_printf(labels, "%s=\"", name);
    for (const char *c = value; *c; c++)
        switch (*c) {
        case '\\':
            g_string_append(labels, "\\\\");
            break;
        case '"':
            g_string_append(labels, "\\\"");
            break;
        case '\n':
            g_string_append(labels, "\\n");
            break;
        default:
            g_string_append_c(labels, *c);
        }
    g_string_append_c(labels, '"');
}

void metrics_text_sample(GString *text, const char *name, const char *suffix, const char *labels,
                         double value)
{
    char number[G_ASCII_DTOSTR_BUF_SIZE];
    g_ascii_formatd(number, sizeof number, "%.15g", value);
    g_string_append(text, name);
    g_string_append(text, suffix);
    if (*labels)
        g_string_append_printf(text, "{%s}", labels);
    g_string_append_printf(text, " %s\n", number);
}
