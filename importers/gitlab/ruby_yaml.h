/*
 * Texts in the YAML that Ruby's ActiveRecord loads from serialized columns (notes.position, notes.st_diff).
 * Thread-safe.
 */
#pragma once

#include <glib.h>

/* A scalar that Ruby loads as the string `text` (UTF-8), on one line: plain where it cannot be mistaken for
 * anything else, as Psych writes it, otherwise in double quotes. */
void ruby_yaml_append_string(GString *yaml, const char *text);
