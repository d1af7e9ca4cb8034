/*
 * JSON as Ruby's JSON.generate writes it and JSON.parse reads it: compact, UTF-8 unescaped, `/` unescaped,
 * keys in the order they were set, reals in the shortest form that reads back as the same double and always
 * with a decimal point or exponent (Sidekiq 8 tells seconds from milliseconds by the JSON type).
 *
 * What Ruby reads and this parser refuses, with JSON_ERROR_UNREPRESENTABLE: integers beyond 64 bits, reals
 * beyond a double, strings that are not UTF-8, NUL in keys, unknown escapes, comments. What both refuse is
 * JSON_ERROR_SYNTAX. Duplicate keys: the last wins, as in Ruby. Thread-safe.
 */
#pragma once

#include "protocol/autoptr_jansson.h"

#define JSON_ERROR (json_error_quark())
GQuark json_error_quark(void);
typedef enum {
    JSON_ERROR_SYNTAX,          /* not JSON: JSON::ParserError */
    JSON_ERROR_UNREPRESENTABLE, /* JSON that Ruby reads but jansson cannot hold */
    JSON_ERROR_SHAPE,           /* JSON of another shape than asked for: TypeError */
} JsonError;

/* (transfer full) */
json_t *json_parse(const char *text, gsize length, GError **error);
/* The same for texts of others' making: bytes of strings and keys that are not UTF-8, and halves of surrogate
 * pairs, are left out. (transfer full) */
json_t *json_parse_lenient(const char *text, gsize length, GError **error);
/* (transfer full) */
char *json_dump(const json_t *value);

/* Fields of an object, NULL or the given default when absent, null or of another type. Borrowed. */
const char *json_string_field(const json_t *object, const char *key);
gint64 json_integer_field(const json_t *object, const char *key, gint64 otherwise);
gboolean json_true_field(const json_t *object, const char *key);
