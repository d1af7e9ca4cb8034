#include "importers/objects/title_diff.h"

#include "importers/objects/edit_script.h"

static void append_marked(GString *text, const char *opening, Text title, guint from, guint length,
                          const char *closing)
{
    if (length == 0)
        return;
    g_string_append(text, opening);
    for (guint i = from; i < from + length; i++)
        g_string_append_unichar(text, title.chars[i]);
    g_string_append(text, closing);
}

typedef enum { OLD, NEW } Side;

/* One of the two titles with its marks. (transfer full) */
static char *mark(const GArray *script, Text title, Side side)
{
    GString *text = g_string_new(NULL);
    guint position = 0;
    for (guint i = 0; i < script->len; i++) {
        const Hunk *hunk = &g_array_index(script, Hunk, i);
        guint changed = side == OLD ? hunk->deleted : hunk->inserted;
        append_marked(text, side == OLD ? "{-" : "{+", title, position, changed, side == OLD ? "-}" : "+}");
        append_marked(text, "", title, position + changed, hunk->equal, "");
        position += changed + hunk->equal;
    }
    return g_string_free(text, FALSE);
}

char *title_diff_text(const char *old_title, const char *new_title)
{
    glong old_length, new_length;
    g_autofree gunichar *old_chars = g_utf8_to_ucs4_fast(old_title, -1, &old_length);
    g_autofree gunichar *new_chars = g_utf8_to_ucs4_fast(new_title, -1, &new_length);
    if (old_length == 0) /* no marks then */
        return g_strdup_printf("changed title from **%s** to **%s**", old_title, new_title);
    Text old = {old_chars, (guint)old_length}, new = {new_chars, (guint)new_length};
    g_autoptr(GArray) script = edit_script_new(old, new);
    g_autofree char *marked_old = mark(script, old, OLD);
    g_autofree char *marked_new = mark(script, new, NEW);
    return g_strdup_printf("changed title from **%s** to **%s**", marked_old, marked_new);
}
