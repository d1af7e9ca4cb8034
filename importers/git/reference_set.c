#include "importers/git/reference_set.h"

#include <string.h>

struct GitReferenceSet {
    GHashTable *names;
    GHashTable *directories; /* "refs/heads/a" of "refs/heads/a/b", and all above it */
};

GitReferenceSet *git_reference_set_new(void)
{
    GitReferenceSet *set = g_new(GitReferenceSet, 1);
    set->names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    set->directories = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return set;
}

void git_reference_set_free(GitReferenceSet *set)
{
    g_hash_table_unref(set->names);
    g_hash_table_unref(set->directories);
    g_free(set);
}

/* Cuts the last component off; FALSE: there is only one. */
static gboolean go_up(char *name)
{
    char *slash = strrchr(name, '/');
    if (slash)
        *slash = '\0';
    return slash != NULL;
}

/* What is above a known directory is known too. */
void git_reference_set_add(GitReferenceSet *set, const char *name)
{
    g_hash_table_add(set->names, g_strdup(name));
    g_autofree char *directory = g_strdup(name);
    while (go_up(directory) && !g_hash_table_contains(set->directories, directory))
        g_hash_table_add(set->directories, g_strdup(directory));
}

gboolean git_reference_set_contains(const GitReferenceSet *set, const char *name)
{
    return g_hash_table_contains(set->names, name);
}

gboolean git_reference_set_fits(const GitReferenceSet *set, const char *name)
{
    if (g_hash_table_contains(set->directories, name))
        return FALSE;
    g_autofree char *above = g_strdup(name);
    while (go_up(above))
        if (g_hash_table_contains(set->names, above))
            return FALSE;
    return TRUE;
}
