/*
 * Representations: objects of GitHub in the form in which they travel in job arguments
 * (lib/gitlab/github_import/representation/, representation/to_hash.rb). Times are written as Ruby prints
 * them, "2024-03-01 10:00:00 UTC"; ISO 8601 is read too. Users are {"id":..,"login":..} or null.
 */
#pragma once

#include "protocol/autoptr_jansson.h"

#include <glib.h>

/* A field of GitHub's object; JSON null when it is absent. (transfer full) */
json_t *representation_value(const json_t *object, const char *field);
/* The same for a time, in Ruby's print; a text that is no time stays as it is. (transfer full) */
json_t *representation_time(const json_t *object, const char *field);
/* {"id":..,"login":..} of a user object, or null. (transfer full) */
json_t *representation_user(const json_t *user);
/* An array of these; anything but an array gives []. (transfer full) */
json_t *representation_users(const json_t *users);

/* An id or a number, "11", as receipts, finders and sets name objects; "0" when it is absent. (transfer full)
 */
char *representation_id(const json_t *object, const char *field);
/* Reading back: a time as PostgreSQL takes it; NULL: absent or no time. (transfer full) */
char *representation_timestamp(const json_t *representation, const char *field);
/* A text as PostgreSQL can store it, without NUL characters; NULL: absent or null. (transfer full) */
char *representation_text(const json_t *representation, const char *field);
/* ActiveSupport's truncate: at most `max` characters, the last three being dots when cut. (transfer full) */
char *representation_truncate(const char *text, glong max);
