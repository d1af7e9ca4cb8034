/* The collaborators stage: when it runs, and which objects it schedules. GitHub, what schedules and what
 * follows are the spec's own. */
#include "importers/objects/collaborator.h"
#include "importers/stages/stages.h"
#include "protocol/json.h"
#include "protocol/log.h"
#include "spec/support/cmocka_glib.h"

#define SOURCE "repos/acme/rocket"

static struct {
    Project project;
    ImportData data;
    gboolean maps;
    const char *repository;          /* the answer to GET SOURCE */
    const char *direct[3];           /* pages, ended by NULL */
    const char *outside[3];          /* the same */
    GithubErrorCode outside_refusal; /* or 0: there is none */
    GString *steps;                  /* what happened, in order */
} now;

gboolean __wrap_stage_perform(Session *session, const Job *job, StageImport import, GError **error);
gboolean __wrap_stage_advance_to(Stage *stage, json_t *waiters, const char *next_stage, GError **error);
gboolean __wrap_people_mode_maps(const Session *session, const ImportData *data);
json_t *__wrap_github_get(GithubClient *client, const char *path, GError **error);
const char *__wrap_github_client_repository_path(const GithubClient *client);
GithubPages *__wrap_github_pages(GithubClient *client, const char *path, const char *query,
                                 const char *resume);
json_t *__wrap_github_pages_next(GithubPages *pages, GError **error);
void __wrap_github_pages_free(GithubPages *pages);
gboolean __wrap_session_check_stopping(const Session *session, GError **error);
gboolean __wrap_parallel_scheduling_run_objects(Stage *stage, const ObjectCollection *collection,
                                                const json_t *objects, json_t *waiters, GError **error);

gboolean __wrap_stage_perform(Session *session, G_GNUC_UNUSED const Job *job, StageImport import,
                              GError **error)
{
    Stage stage = {.session = session, .project = &now.project, .data = &now.data};
    return import(&stage, error);
}

gboolean __wrap_stage_advance_to(G_GNUC_UNUSED Stage *stage, json_t *waiters, const char *next_stage,
                                 G_GNUC_UNUSED GError **error)
{
    g_autoptr(json_t) owned = waiters;
    g_autofree char *text = json_dump(owned);
    g_string_append_printf(now.steps, "advance %s %s", text, next_stage);
    return TRUE;
}

gboolean __wrap_people_mode_maps(G_GNUC_UNUSED const Session *session, G_GNUC_UNUSED const ImportData *data)
{
    return now.maps;
}

json_t *__wrap_github_get(G_GNUC_UNUSED GithubClient *client, const char *path, G_GNUC_UNUSED GError **error)
{
    g_string_append_printf(now.steps, "get %s; ", path);
    return json_loads(now.repository, 0, NULL);
}

const char *__wrap_github_client_repository_path(G_GNUC_UNUSED const GithubClient *client)
{
    return SOURCE;
}

struct GithubPages {
    gboolean outside;
    guint next;
};

GithubPages *__wrap_github_pages(G_GNUC_UNUSED GithubClient *client, const char *path, const char *query,
                                 G_GNUC_UNUSED const char *resume)
{
    GithubPages *pages = g_new0(GithubPages, 1);
    assert_string_equal(path, SOURCE "/collaborators");
    pages->outside = g_str_equal(query, "affiliation=outside");
    g_string_append_printf(now.steps, "%s; ", query);
    return pages;
}

json_t *__wrap_github_pages_next(GithubPages *pages, GError **error)
{
    const char *page = pages->outside ? now.outside[pages->next++] : now.direct[pages->next++];
    if (!page && pages->outside && now.outside_refusal) {
        g_set_error_literal(error, GITHUB_ERROR, (int)now.outside_refusal, "refused");
        return NULL;
    }
    return page ? json_loads(page, 0, NULL) : NULL;
}

void __wrap_github_pages_free(GithubPages *pages)
{
    g_free(pages);
}

gboolean __wrap_session_check_stopping(G_GNUC_UNUSED const Session *session, G_GNUC_UNUSED GError **error)
{
    return TRUE;
}

gboolean __wrap_parallel_scheduling_run_objects(G_GNUC_UNUSED Stage *stage,
                                                const ObjectCollection *collection, const json_t *objects,
                                                json_t *waiters, G_GNUC_UNUSED GError **error)
{
    g_autofree char *text = json_dump(objects);
    assert_ptr_equal(collection, &collaborators_collection);
    g_string_append_printf(now.steps, "schedule %s; ", text);
    json_object_set_new(waiters, "w", json_integer((json_int_t)json_array_size(objects)));
    return TRUE;
}

static int set_up(G_GNUC_UNUSED void **state)
{
    log_configure(-1, LOG_FATAL);
    memset(&now, 0, sizeof now);
    now.data.collaborators_import = TRUE;
    now.maps = TRUE;
    now.repository = "{\"permissions\":{\"push\":true}}";
    now.steps = g_string_new(NULL);
    return 0;
}

static int tear_down(G_GNUC_UNUSED void **state)
{
    g_string_free(now.steps, TRUE);
    return 0;
}

static void perform(void)
{
    g_autoptr(GError) error = NULL;
    import_collaborators_perform(NULL, NULL, &error);
    assert_no_error(error);
}

#define ADVANCED "advance {} issues_and_diff_notes"

static void without_the_optional_stage_github_is_not_asked(G_GNUC_UNUSED void **state)
{
    now.data.collaborators_import = FALSE;
    perform();
    assert_string_equal(now.steps->str, ADVANCED);
}

/* An import of GitLab 15 to 17 without issue events: what the timelines would bring has stages of its own. */
static void without_issue_events_merges_and_reviews_come_next(G_GNUC_UNUSED void **state)
{
    now.data.collaborators_import = FALSE;
    now.data.issue_events_refused = TRUE;
    perform();
    assert_string_equal(now.steps->str, "advance {} pull_requests_merged_by");
}

static void in_a_personal_namespace_github_is_not_asked(G_GNUC_UNUSED void **state)
{
    now.project.root_is_user_namespace = TRUE;
    perform();
    assert_string_equal(now.steps->str, ADVANCED);
}

static void without_mapping_a_personal_namespace_has_members_too(G_GNUC_UNUSED void **state)
{
    now.project.root_is_user_namespace = TRUE;
    now.maps = FALSE;
    perform();
    assert_true(g_str_has_suffix(now.steps->str, "schedule []; advance {\"w\":0} issues_and_diff_notes"));
}

static void without_push_access_no_collaborators_are_asked_for(G_GNUC_UNUSED void **state)
{
    const char *const repositories[] = {"{\"permissions\":{\"push\":false}}", "{\"permissions\":null}", "{}"};
    for (guint i = 0; i < G_N_ELEMENTS(repositories); i++) {
        g_string_truncate(now.steps, 0);
        now.repository = repositories[i];
        perform();
        assert_string_equal(now.steps->str, "get " SOURCE "; " ADVANCED);
    }
}

static void those_who_are_outside_are_left_out_when_they_are_wholly_equal(G_GNUC_UNUSED void **state)
{
    now.direct[0] = "[{\"id\":1,\"role_name\":\"admin\"},{\"id\":2,\"role_name\":\"read\"}]";
    now.direct[1] = "[{\"id\":3,\"role_name\":\"read\"}]";
    now.outside[0] = "[{\"role_name\":\"read\",\"id\":2},{\"id\":3,\"role_name\":\"write\"}]";
    perform();
    assert_string_equal(now.steps->str, "get " SOURCE "; affiliation=direct; affiliation=outside; "
                                        "schedule [{\"id\":1,\"role_name\":\"admin\"},"
                                        "{\"id\":3,\"role_name\":\"read\"}]; "
                                        "advance {\"w\":2} issues_and_diff_notes");
}

static void what_is_no_object_is_compared_too(G_GNUC_UNUSED void **state)
{
    now.direct[0] = "[null,7,{\"id\":1}]";
    now.outside[0] = "[null]";
    perform();
    assert_non_null(strstr(now.steps->str, "schedule [7,{\"id\":1}]; "));
}

static void nothing_is_scheduled_before_both_lists_are_complete(G_GNUC_UNUSED void **state)
{
    g_autoptr(GError) error = NULL;
    now.direct[0] = "[{\"id\":1,\"role_name\":\"admin\"}]";
    now.outside_refusal = GITHUB_ERROR_BAD_GATEWAY;
    assert_false(import_collaborators_perform(NULL, NULL, &error));
    assert_error(error, GITHUB_ERROR, GITHUB_ERROR_BAD_GATEWAY);
    assert_string_equal(now.steps->str, "get " SOURCE "; affiliation=direct; affiliation=outside; ");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(without_the_optional_stage_github_is_not_asked),
        TEST(without_issue_events_merges_and_reviews_come_next),
        TEST(in_a_personal_namespace_github_is_not_asked),
        TEST(without_mapping_a_personal_namespace_has_members_too),
        TEST(without_push_access_no_collaborators_are_asked_for),
        TEST(those_who_are_outside_are_left_out_when_they_are_wholly_equal),
        TEST(what_is_no_object_is_compared_too),
        TEST(nothing_is_scheduled_before_both_lists_are_complete),
    };
    return cmocka_run_group_tests_name("import_collaborators", tests, NULL, NULL);
}
