/*
 * What can be wrong with the command line, the environment and GitLab's configuration files. Every message
 * names the flag, variable or file and says what to do.
 */
#pragma once

#include <glib.h>

#define CONFIG_ERROR (config_error_quark())
GQuark config_error_quark(void);
typedef enum {
    CONFIG_ERROR_USAGE,       /* the command line itself: unknown option, wrong number of arguments */
    CONFIG_ERROR_VALUE,       /* a value that a flag or variable cannot have */
    CONFIG_ERROR_FILE,        /* a file that cannot be read, or is not what it should be */
    CONFIG_ERROR_UNSUPPORTED, /* a feature of GitLab's configuration that hubferry does not have */
} ConfigError;
