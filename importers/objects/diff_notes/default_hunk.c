#include "importers/objects/diff_notes/default_hunk.h"

#include "importers/objects/diff_notes/blob_at.h"
#include "protocol/json.h"

#include <string.h>

#define NO_CONTEXT "context not found"

static gint64 line_number(const json_t *note)
{
    return json_integer_field(note, "end_line", json_integer_field(note, "original_end_line", 1));
}

/* Line `number` of the text, counted from one, without line end; NULL: there is none. (transfer full) */
static char *line_of(const char *text, gint64 number)
{
    for (gint64 i = 1; text && i < number; i++) {
        text = strchr(text, '\n');
        text = text ? text + 1 : NULL;
    }
    if (!text || !*text || number < 1)
        return NULL;
    const char *feed = strchr(text, '\n');
    gsize length = feed ? (gsize)(feed - text) : strlen(text);
    if (length > 0 && text[length - 1] == '\r')
        length--;
    return g_strndup(text, length);
}

/* (transfer full) */
static char *context(Session *session, const Project *project, const json_t *note, GError **error)
{
    const char *commit_id = json_string_field(note, "original_commit_id");
    const char *path = json_string_field(note, "file_path");
    g_autofree char *text = NULL;
    if (commit_id && path && !blob_at_text(session, project, commit_id, path, &text, error))
        return NULL;
    char *line = line_of(text, line_number(note));
    return line ? line : g_strdup(NO_CONTEXT);
}

char *default_hunk(Session *session, const Project *project, const json_t *note, GError **error)
{
    g_autofree char *line = context(session, project, note, error);
    gint64 number = line_number(note);
    return line ? g_strdup_printf("@@ -%" G_GINT64_FORMAT ",1 +%" G_GINT64_FORMAT ",1 @@\n%s", number, number,
                                  line)
                : NULL;
}
