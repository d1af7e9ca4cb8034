/*
 * Ruby's `String#encode("UTF-8", undef: :replace, invalid: :replace, replace: "")` for the encodings that
 * ICU's detector tells of. ICU converts; where its tables know more than Ruby's, the surplus is dropped.
 * Thread-safe.
 */
#pragma once

#include <glib.h>

/* NULL when Ruby or ICU has no encoding of this name. Valid UTF-8 without NUL. (transfer full) */
char *ruby_transcode(const char *bytes, gsize length, const char *encoding);
/* The same from "UTF-8": what is not valid is dropped. (transfer full) */
char *ruby_clean_utf8(const char *bytes, gsize length);
