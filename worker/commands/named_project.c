#include "worker/commands/named_project.h"

gboolean named_project_find(Session *session, const char *name, Project **project, GError **error)
{
    gint64 id = 0;
    if (g_ascii_string_to_signed(name, 10, 1, G_MAXINT64, &id, NULL))
        return project_find(session, id, project, error);
    return project_find_by_full_path(session, name, project, error);
}
