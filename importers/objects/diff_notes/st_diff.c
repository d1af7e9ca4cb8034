#include "importers/objects/diff_notes/st_diff.h"

#include "importers/gitlab/ruby_yaml.h"

static void append_text(GString *yaml, const char *key, const char *text)
{
    g_string_append_printf(yaml, ":%s: ", key);
    ruby_yaml_append_string(yaml, text);
    g_string_append_c(yaml, '\n');
}

/* Modes and new_file show nowhere; they are Ruby's. */
char *st_diff_yaml(const char *hunk, const char *path)
{
    GString *yaml = g_string_new("---\n");
    append_text(yaml, "diff", hunk);
    append_text(yaml, "new_path", path);
    append_text(yaml, "old_path", path);
    append_text(yaml, "a_mode", "100644");
    append_text(yaml, "b_mode", "100644");
    g_string_append(yaml, ":new_file: false\n");
    return g_string_free(yaml, FALSE);
}
