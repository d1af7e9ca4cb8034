/*
 * The options that every command shares: where GitLab's files, Redis and PostgreSQL are, and what the
 * importers are to do. Filled into a Configuration; flags win, then the environment, then GitLab's files.
 */
#pragma once

#include "importers/configuration.h"
#include "protocol/log.h"
#include "worker/config/options.h"

extern const OptionSpec configuration_options[];

/* (transfer full) */
Configuration *configuration_load(const Options *options, GError **error);
/* For commands that can do nothing without GitLab's database. */
gboolean configuration_check_database(const Configuration *configuration, GError **error);
/* --verbose and --log-level; GitLab's numbers 0 to 5 are understood. */
gboolean configuration_log_level(const Options *options, LogLevel *level, GError **error);
