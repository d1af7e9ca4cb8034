/*
 * The small part of Ruby's Marshal format 4.8 that GitLab's encrypted credentials are written in: a hash of
 * symbols to strings, nil, booleans, small integers and arrays of these. Every other type is refused, so
 * nothing but plain data is ever built from a dump.
 */
#pragma once

#include <glib.h>

#define RUBY_MARSHAL_ERROR (ruby_marshal_error_quark())
GQuark ruby_marshal_error_quark(void);
typedef enum {
    RUBY_MARSHAL_ERROR_FORMAT, /* truncated, or not Marshal 4.8: TypeError */
    RUBY_MARSHAL_ERROR_TYPE,   /* a type that is refused, or a value that is not what was asked for: TypeError
                                */
} RubyMarshalError;

/*
 * Looks up a symbol key in a dumped hash whose value is a string or nil. The whole dump is read, whatever the
 * key. *found: the key is there; *string points into `dump`, with *string_length bytes, and is NULL for nil.
 */
gboolean ruby_marshal_hash_string(const guint8 *dump, gsize length, const char *key, gboolean *found,
                                  const char **string, gsize *string_length, GError **error);

/* The dump of a hash of symbols to UTF-8 strings, NULL for nil: key, value, key, value, ... (transfer full)
 */
GByteArray *ruby_marshal_dump_hash(const char *const *pairs, guint n_pairs);
