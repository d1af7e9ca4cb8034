#include "importers/github/client.h"
#include "importers/gitlab/import_state.h"
#include "worker/commands/checks.h"
#include "worker/commands/named_project.h"

#include <time.h>

/* GET /rate_limit costs nothing and needs no scope. */
static void try_token(Findings *findings, Session *session, const Project *project, const ImportData *data)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GithubClient) client = github_client_new(session, project, data, &error);
    g_autoptr(json_t) answer = client ? github_get(client, "rate_limit", &error) : NULL;
    if (!answer) {
        findings_error(findings, "check the token, its scope and the way to GitHub (proxy, firewall)",
                       "GitHub: %s", error->message);
        return;
    }
    const json_t *core = json_object_get(json_object_get(answer, "resources"), "core");
    gint64 reset = json_integer_value(json_object_get(core, "reset")) - (gint64)time(NULL);
    findings_ok(findings,
                "GitHub takes the token: %" JSON_INTEGER_FORMAT " of %" JSON_INTEGER_FORMAT
                " requests left for %" G_GINT64_FORMAT " s",
                json_integer_value(json_object_get(core, "remaining")),
                json_integer_value(json_object_get(core, "limit")), MAX(reset, 0));
}

static void check_credentials(Findings *findings, Session *session, const Project *project)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(ImportData) data = NULL;
    if (!import_data_find(session, project->id, &data, &error)) {
        findings_error(findings, "compare db_key_base with the secrets.yml that GitLab uses",
                       "stored token: %s", error->message);
        return;
    }
    if (!data || !data->token) {
        findings_warning(findings, "an import that has ended keeps none; start a new one",
                         "no token is stored");
        return;
    }
    findings_ok(findings, "stored token: can be decrypted");
    try_token(findings, session, project, data);
}

static void check_state(Findings *findings, Session *session, const Project *project)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(ImportState) state = NULL;
    if (!import_state_find(session, project->id, &state, &error))
        findings_error(findings, NULL, "import state: %s", error->message);
    else
        findings_ok(findings, "project %" G_GINT64_FORMAT " (%s): import of %s, state %s", project->id,
                    project->full_path, project->import_source ? project->import_source : "nothing",
                    state ? state->status : "none");
}

void check_project(Findings *findings, Session *session, const char *name)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Project) project = NULL;
    if (!named_project_find(session, name, &project, &error)) {
        findings_error(findings, NULL, "project %s: %s", name, error->message);
        return;
    }
    if (!project) {
        findings_error(findings, "name it by its id or by GROUP/PATH", "there is no project %s", name);
        return;
    }
    check_state(findings, session, project);
    if (g_strcmp0(project->import_type, "github") != 0)
        findings_warning(findings, "hubferry only imports from GitHub", "its import type is %s",
                         project->import_type ? project->import_type : "none");
    check_credentials(findings, session, project);
}
