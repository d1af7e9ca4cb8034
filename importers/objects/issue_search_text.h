/*
 * What of an issue's text goes into its search vector (app/models/concerns/pg_full_text_searchable.rb,
 * tsvector_arel_node): without words that no one searches for, in ASCII, so that accents do not matter.
 *
 * Letters are transliterated as ActiveSupport does it (ActiveSupport::Inflector.transliterate with I18n's
 * default table); what is not in the table becomes a question mark. Thread-safe.
 */
#pragma once

#include <glib.h>

/* `text` is valid UTF-8 or NULL. NULL for a blank text. (transfer full) */
char *issue_search_text(const char *text);
