/*
 * One of GitLab's YAML files in its config directory, and what all of them share: the section of the Rails
 * environment, `config_command`, `secret_file`. hubferry runs no Ruby: a file with ERB tags is refused in a
 * sentence that says what to do. (lib/gitlab/redis/wrapper.rb, lib/gitlab/redis/config_generator.rb,
 * lib/gitlab/patch/database_config.rb)
 */
#pragma once

#include "protocol/autoptr_jansson.h"
#include "worker/config/config_error.h"

typedef struct ConfigDirectory {
    const char *path;        /* NULL: there are no files */
    const char *environment; /* "production" */
} ConfigDirectory;

gboolean config_file_exists(const ConfigDirectory *directory, const char *name);
/* The environment's section of file NAME; *section is NULL, without error, when file or section is missing.
 * (transfer full) */
gboolean config_file_section(const ConfigDirectory *directory, const char *name, json_t **section,
                             GError **error);

/* Runs the mapping's `config_command` (split on blanks, no shell), if it has one, and merges the YAML mapping
 * that it prints over `settings`. Refuses `secret_file`. `name` is the file's, for messages. */
gboolean config_file_extend(json_t *settings, const char *name, GError **error);

/* A text or number as text; NULL when absent, null or something else. (transfer full) */
char *config_text(const json_t *mapping, const char *key);
/* The nested mapping; NULL when absent. Borrowed. */
const json_t *config_mapping(const json_t *mapping, const char *key);
