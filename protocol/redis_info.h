/*
 * What a server says of itself with INFO, and which servers Sidekiq 7 takes (lib/sidekiq/redis_connection.rb,
 * cli.rb).
 */
#pragma once

#include <glib.h>

/* The value of one line NAME:VALUE of INFO; NULL when there is none. (transfer full) */
char *redis_info_field(const char *info, const char *name);
/* 6.2 or later. A server that does not tell its version is taken for new enough, as Sidekiq does. */
gboolean redis_version_supported(const char *version);
