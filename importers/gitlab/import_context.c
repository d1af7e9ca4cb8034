#include "importers/gitlab/import_context.h"

#define KEPT_FOR (5 * G_TIME_SPAN_SECOND)

void import_context_free(ImportContext *context)
{
    g_clear_pointer(&context->github, github_client_free);
    g_clear_pointer(&context->data, import_data_free);
    g_clear_pointer(&context->project, project_free);
    g_free(context);
}

static gboolean is_current(const ImportContext *context, gint64 project_id)
{
    return context && context->project->id == project_id &&
           g_get_monotonic_time() - context->read_at < KEPT_FOR;
}

/* *context stays NULL when there is no such project. */
static gboolean read_context(Session *session, gint64 project_id, ImportContext **context, GError **error)
{
    g_autoptr(ImportContext) fresh = g_new0(ImportContext, 1);
    fresh->read_at = g_get_monotonic_time();
    if (!project_find(session, project_id, &fresh->project, error))
        return FALSE;
    if (!fresh->project)
        return TRUE;
    if (!import_data_find(session, project_id, &fresh->data, error))
        return FALSE;
    if (fresh->data && fresh->data->token) {
        fresh->github = github_client_new(session, fresh->project, fresh->data, error);
        if (!fresh->github)
            return FALSE;
    }
    *context = g_steal_pointer(&fresh);
    return TRUE;
}

gboolean import_context_find(Session *session, gint64 project_id, const ImportContext **context,
                             GError **error)
{
    if (!is_current(session->import_context, project_id)) {
        g_clear_pointer(&session->import_context, import_context_free);
        if (!read_context(session, project_id, &session->import_context, error))
            return FALSE;
    }
    *context = session->import_context;
    return TRUE;
}
