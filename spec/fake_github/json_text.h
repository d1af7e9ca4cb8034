/* Compact JSON text, several times quicker than json_dumps(): list pages have a megabyte and more. Half of a
 * surrogate pair becomes an escape, other bytes that are not UTF-8 stay as they are. */
#pragma once

#include <glib.h>
#include <jansson.h>

/* (transfer full) */
GString *json_text(const json_t *json);

/* Makes the text of an object once, because it occurs again and again: nobody may change the object from now
 * on. */
void json_text_keep(json_t *object);
