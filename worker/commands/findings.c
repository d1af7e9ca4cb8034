#include "worker/commands/findings.h"

#include <stdio.h>

static void print_finding(const char *kind, const char *advice, const char *format, va_list values)
{
    g_autofree char *what = g_strdelimit(g_strdup_vprintf(format, values), "\n\t", ' ');
    printf("%-8s %s%s%s\n", kind, what, advice ? "  -> " : "", advice ? advice : "");
}

void findings_ok(G_GNUC_UNUSED Findings *findings, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    print_finding("ok", NULL, format, values);
    va_end(values);
}

void findings_warning(Findings *findings, const char *advice, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    print_finding("warning", advice, format, values);
    va_end(values);
    findings->warnings++;
}

void findings_error(Findings *findings, const char *advice, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    print_finding("error", advice, format, values);
    va_end(values);
    findings->errors++;
}
