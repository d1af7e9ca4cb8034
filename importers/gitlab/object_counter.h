/*
 * Gitlab::GithubImport::ObjectCounter (lib/gitlab/github_import/object_counter.rb): how many objects of a
 * type were fetched and imported. In the shared-state Redis, two weeks. Each counted object has a token, so
 * that work that is done twice is counted once.
 */
#pragma once

#include "importers/gitlab/session.h"

/* `operation` is "fetched" or "imported"; tokens of char *, unique per object within the type. */
gboolean object_counter_increment(Session *session, gint64 project_id, const char *operation,
                                  const char *object_type, const GPtrArray *tokens, GError **error);
/* For whoever counts in a step of its own: the list of an operation's counters, and one counter, as raw keys,
 * which is also how the list holds them. (transfer full) */
#define OBJECT_COUNTER_TTL 1209600 /* two weeks */
char *object_counter_list_key(gint64 project_id, const char *operation);
char *object_counter_key(gint64 project_id, const char *operation, const char *object_type);
/* {"fetched": {"issue": 1, ...}, "imported": {...}}. (transfer full) */
json_t *object_counter_summary(Session *session, gint64 project_id, GError **error);
/* After the import: what kept its objects from being counted twice. The counters stay. */
gboolean object_counter_forget_tokens(Session *session, gint64 project_id, GError **error);
