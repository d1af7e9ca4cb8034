/*
 * YAML as GitLab's configuration files use it, read into JSON values: mappings, sequences, scalars, aliases
 * and merge keys (`<<`).
 *
 * Plain scalars become null, booleans and decimal integers as in YAML 1.1; everything else, and everything in
 * quotes, stays text (a password like 0123 keeps its zero). Keys are texts, Ruby's symbol keys (`:host:`)
 * lose their first colon. Tags are ignored. Documents that refer to themselves, or that grow beyond 100,000
 * values through aliases, are refused.
 */
#pragma once

#include "protocol/autoptr_jansson.h"

#define YAML_ERROR (yaml_error_quark())
GQuark yaml_error_quark(void);
typedef enum {
    YAML_ERROR_SYNTAX,
    YAML_ERROR_SIZE,
} YamlError;

/* The first document; JSON null when there is none. (transfer full) */
json_t *yaml_load(const char *text, gsize length, GError **error);
