#include "protocol/ruby_float.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Digits as d.ddde+XX, as few as tell `value` from its neighbours. 17 always do; 15 are kept by every normal
 * double, so that fewer need no attempt of their own (their trailing zeros go later). */
static void shortest_scientific(char buffer[RUBY_FLOAT_SIZE], double value)
{
    int fewest = fabs(value) < DBL_MIN ? 0 : 14;
    for (int decimals = fewest; decimals <= 16; decimals++) {
        char format[8];
        g_snprintf(format, sizeof format, "%%.%de", decimals);
        g_ascii_formatd(buffer, RUBY_FLOAT_SIZE, format, value);
        if (g_ascii_strtod(buffer, NULL) == value)
            return;
    }
}

/* The digits of d.ddde+XX without point and trailing zeros, at least one; returns XX. */
static int split_scientific(const char *scientific, char digits[RUBY_FLOAT_SIZE])
{
    gsize n = 0;
    const char *c = scientific;
    for (; *c != 'e'; c++)
        if (g_ascii_isdigit(*c))
            digits[n++] = *c;
    while (n > 1 && digits[n - 1] == '0')
        n--;
    digits[n] = '\0';
    return atoi(c + 1);
}

/* Times are microseconds since the epoch, and found faster by their six decimals: up to 4e9, the doubles are
 * closer to each other than such decimals are, so that these digits without trailing zeros are the shortest.
 */
static gboolean format_time(char buffer[RUBY_FLOAT_SIZE], double value)
{
    if (!(value >= 1 && value < 4e9))
        return FALSE;
    gint64 micros = llround(value * 1e6);
    if ((double)micros / 1e6 != value)
        return FALSE;
    int length = g_snprintf(buffer, RUBY_FLOAT_SIZE, "%" G_GINT64_FORMAT ".%06d", micros / 1000000,
                            (int)(micros % 1000000));
    while (buffer[length - 1] == '0' && buffer[length - 2] != '.')
        buffer[--length] = '\0';
    return TRUE;
}

const char *ruby_float_format(char buffer[RUBY_FLOAT_SIZE], double value)
{
    if (format_time(buffer, value))
        return buffer;
    char scientific[RUBY_FLOAT_SIZE], digits[RUBY_FLOAT_SIZE];
    shortest_scientific(scientific, value);
    const char *sign = scientific[0] == '-' ? "-" : "";
    int exponent = split_scientific(scientific, digits);
    int n = (int)strlen(digits);

    if (exponent < -4 || exponent >= 15) {
        g_snprintf(buffer, RUBY_FLOAT_SIZE, "%s%c.%se%c%02d", sign, digits[0], n > 1 ? digits + 1 : "0",
                   exponent < 0 ? '-' : '+', abs(exponent));
    } else if (exponent < 0) {
        g_snprintf(buffer, RUBY_FLOAT_SIZE, "%s0.%.*s%s", sign, -exponent - 1, "0000", digits);
    } else if (n > exponent + 1) {
        g_snprintf(buffer, RUBY_FLOAT_SIZE, "%s%.*s.%s", sign, exponent + 1, digits, digits + exponent + 1);
    } else {
        g_snprintf(buffer, RUBY_FLOAT_SIZE, "%s%s%.*s.0", sign, digits, exponent + 1 - n, "000000000000000");
    }
    return buffer;
}
