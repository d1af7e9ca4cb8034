/*
 * Float#to_s of Ruby: the shortest decimal form that reads back as the same double, always with a decimal
 * point ("1732199999.0", "0.0001", "1.0e+20"). Independent of the locale. Thread-safe.
 */
#pragma once

#include <glib.h>

#define RUBY_FLOAT_SIZE 48 /* bytes; enough for every finite double */

/* Writes the text of a finite `value` and returns `buffer`. */
const char *ruby_float_format(char buffer[RUBY_FLOAT_SIZE], double value);
