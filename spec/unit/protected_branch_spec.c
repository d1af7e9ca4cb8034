/* Protected branches: every rule of ProtectedBranchImporter. Which branch is the default one is the spec's
 * own. */
#include "importers/objects/protected_branch.h"

#include "importers/git/default_branch.h"
#include "spec/support/object_import.h"

#define CLASS  "Gitlab::GithubImport::ImportProtectedBranchWorker"
#define NOBODY "\"allowed_to_push_users\":[]"
/* GitHub's protection of branches of these names. */
#define PLAIN(name)    "{\"id\":\"" name "\"," NOBODY "}"
#define FORCED(name)   "{\"id\":\"" name "\",\"allow_force_pushes\":true," NOBODY "}"
#define REVIEWED(name) "{\"id\":\"" name "\",\"required_pull_request_reviews\":true," NOBODY "}"
#define RESOLVED(name) "{\"id\":\"" name "\",\"required_conversation_resolution\":true," NOBODY "}"

static const char *default_branch; /* NULL: there is none */

gboolean __wrap_git_default_branch(Session *session, const Project *project, char **branch, GError **error);
gboolean __wrap_git_default_branch(G_GNUC_UNUSED Session *session, G_GNUC_UNUSED const Project *project,
                                   char **branch, G_GNUC_UNUSED GError **error)
{
    *branch = g_strdup(default_branch);
    return TRUE;
}

static int set_up(void **state)
{
    default_branch = "main";
    private_gitlab_configuration()->repository_backend = REPOSITORY_STORAGE;
    *state = object_import_new(CLASS, &protected_branch_importer, NULL, "{}");
    return 0;
}

/* `settings` is JSON. */
static void set_instance_protection(const char *settings)
{
    g_autofree char *sql = g_strdup_printf(
        "UPDATE application_settings SET default_branch_protection_defaults = '%s'", settings);
    g_autofree char *changed = private_gitlab_sql(sql);
}

static void set_group_protection(const char *settings)
{
    g_autofree char *sql =
        g_strdup_printf("UPDATE namespace_settings SET default_branch_protection_defaults = '%s'"
                        " WHERE namespace_id = (SELECT id FROM namespaces WHERE path = 'imports')",
                        settings);
    g_autofree char *changed = private_gitlab_sql(sql);
}

/* A rule that the project has before. */
static gint64 add_rule(const ObjectImport *import, const char *name, gboolean allow_force_push)
{
    return private_gitlab_integer(
        "INSERT INTO protected_branches (project_id, name, allow_force_push, created_at, updated_at)"
        " VALUES (%" G_GINT64_FORMAT ", '%s', %s, now(), now()) RETURNING id",
        import->project->id, name, allow_force_push ? "true" : "false");
}

/* `columns` and `values`: of what the entry is for besides its access level. */
static void add_level(const char *kind, gint64 rule, int access_level, const char *columns,
                      const char *values)
{
    private_gitlab_integer("INSERT INTO protected_branch_%s_access_levels (protected_branch_id, access_level,"
                           " created_at, updated_at%s) VALUES (%" G_GINT64_FORMAT ", %d, now(), now()%s)"
                           " RETURNING id",
                           kind, columns, rule, access_level, values);
}

static void add_levels(gint64 rule, int push_level, int merge_level)
{
    add_level("push", rule, push_level, "", "");
    add_level("merge", rule, merge_level, "", "");
}

/* "NAME PUSH MERGE FORCE" of the rules behind the first `n_own`. */
static void assert_rules_after(int n_own, const char *expected)
{
    g_autofree char *sql = g_strdup_printf(
        "SELECT coalesce(string_agg(concat_ws(' ', name, push, merge, force), ', ' ORDER BY id), '') FROM"
        " (SELECT b.id, b.name, b.allow_force_push AS force,"
        "   (SELECT string_agg(access_level::text, '/') FROM protected_branch_push_access_levels"
        "    WHERE protected_branch_id = b.id) AS push,"
        "   (SELECT string_agg(access_level::text, '/') FROM protected_branch_merge_access_levels"
        "    WHERE protected_branch_id = b.id) AS merge"
        "  FROM protected_branches b ORDER BY b.id OFFSET %d) AS rules",
        n_own);
    assert_sql(sql, expected);
}

static void assert_rules(const char *expected)
{
    assert_rules_after(0, expected);
}

static void assert_failure(const char *class_name, const char *message)
{
    g_autofree char *expected = g_strdup_printf(
        "%s|%s|{\"id\": \"main\", \"object_type\": \"protected_branch\"}", class_name, message);
    assert_sql("SELECT exception_class, exception_message, external_identifiers FROM import_failures",
               expected);
    assert_redis("1", "LLEN", OBJECT_WAITER);
}

/* --- rows --- */

static void a_rule_has_every_column(void **state)
{
    const ObjectImport *import = *state;
    object_import_succeeds(*state, PLAIN("rel/1"));
    g_autofree char *id = g_strdup_printf("%" G_GINT64_FORMAT, import->project->id);
    g_autofree char *rule = g_strdup_printf("%s|rel/1|f|f||t|t", id);
    g_autofree char *level = g_strdup_printf("rel/1|40|||%s||t", id);
    assert_sql("SELECT project_id, name, allow_force_push, code_owner_approval_required, namespace_id,"
               " created_at = updated_at, created_at > now() - interval '1 minute' FROM protected_branches",
               rule);
    assert_sql("SELECT name, access_level, user_id, group_id, protected_branch_project_id,"
               " protected_branch_namespace_id, l.created_at = b.created_at"
               " FROM protected_branch_push_access_levels l"
               " JOIN protected_branches b ON b.id = protected_branch_id WHERE deploy_key_id IS NULL",
               level);
    assert_sql("SELECT name, access_level, user_id, group_id, protected_branch_project_id,"
               " protected_branch_namespace_id, l.created_at = b.created_at"
               " FROM protected_branch_merge_access_levels l"
               " JOIN protected_branches b ON b.id = protected_branch_id",
               level);
    object_import_assert_counted(import, "protected_branch", "1");
    assert_redis("1", "LLEN", OBJECT_WAITER);
}

static void a_new_rule_touches_its_project(void **state)
{
    g_autofree char *aged = private_gitlab_sql("UPDATE projects SET updated_at = '2020-01-01'");
    object_import_succeeds(*state, PLAIN("rel/1"));
    assert_sql("SELECT updated_at > now() - interval '1 minute' FROM projects", "t");
}

static void many_branches_are_imported_together(void **state)
{
    const char *const jobs[] = {PLAIN("a"), REVIEWED("b"), FORCED("c"), NULL};
    g_autoptr(GPtrArray) errors = object_import_perform_batch(*state, jobs);
    for (guint i = 0; i < errors->len; i++)
        assert_null(errors->pdata[i]);
    assert_rules("a 40 40 f, b 0 40 f, c 40 40 t");
}

static void a_branch_is_imported_once_however_often_its_job_is_executed(void **state)
{
    object_import_succeeds(*state, PLAIN("main"));
    object_import_succeeds(*state, PLAIN("main"));
    assert_rules("main 40 40 f");
    assert_sql("SELECT count(*) FROM import_failures", "0");
}

static void code_owners_signatures_and_users_who_may_push_are_of_gitlab_ee(void **state)
{
    object_import_succeeds(
        *state, "{\"id\":\"main\",\"require_code_owner_reviews\":true,\"required_signatures\":true,"
                "\"allowed_to_push_users\":[{\"id\":1042,\"login\":\"mira\"}]}");
    assert_rules("main 40 40 f");
    assert_sql("SELECT code_owner_approval_required FROM protected_branches", "f");
    assert_sql("SELECT count(*) FROM import_source_users", "0");
}

/* --- branches that GitLab says nothing of --- */

static void where_reviews_are_required_nobody_may_push(void **state)
{
    object_import_succeeds(*state, REVIEWED("rel/1"));
    object_import_succeeds(*state, REVIEWED("main"));
    assert_rules("rel/1 0 40 f, main 0 40 f");
}

static void without_a_rule_of_gitlab_maintainers_push_and_merge(void **state)
{
    object_import_succeeds(*state, PLAIN("rel/1"));
    assert_rules("rel/1 40 40 f");
}

static void without_a_rule_of_gitlab_github_decides_about_force(void **state)
{
    object_import_succeeds(*state, FORCED("rel/1"));
    object_import_succeeds(*state, PLAIN("rel/2"));
    object_import_succeeds(*state, "{\"id\":\"rel/3\",\"allow_force_pushes\":null," NOBODY "}");
    assert_rules("rel/1 40 40 t, rel/2 40 40 f, rel/3 40 40 f");
}

/* --- the default branch --- */

#define DEVELOPERS  "[{\"access_level\":30}]"
#define MAINTAINERS "[{\"access_level\":40}]"
#define PROTECTION(push, merge, force)                                                                       \
    "{\"allowed_to_push\":" push ",\"allowed_to_merge\":" merge ",\"allow_force_push\":" force "}"

static void the_default_branch_is_for_maintainers_unless_gitlab_says_otherwise(void **state)
{
    object_import_succeeds(*state, FORCED("main"));
    assert_rules("main 40 40 f");
}

static void developers_push_to_the_default_branch_where_gitlab_lets_them(void **state)
{
    set_instance_protection(PROTECTION(DEVELOPERS, MAINTAINERS, "false"));
    object_import_succeeds(*state, PLAIN("main"));
    object_import_succeeds(*state, PLAIN("rel/1"));
    assert_rules("main 30 40 f, rel/1 40 40 f");
}

static void developers_merge_into_the_default_branch_where_gitlab_lets_them(void **state)
{
    set_instance_protection(
        PROTECTION(MAINTAINERS, "[{\"access_level\":40},{\"access_level\":30}]", "false"));
    object_import_succeeds(*state, FORCED("main"));
    assert_rules("main 40 30 f");
}

static void an_unprotected_default_branch_may_be_forced_and_is_for_maintainers(void **state)
{
    set_instance_protection(PROTECTION(DEVELOPERS, DEVELOPERS, "true"));
    object_import_succeeds(*state, FORCED("main"));
    assert_rules("main 40 40 t");
}

static void force_on_the_default_branch_needs_github_s_consent_too(void **state)
{
    set_instance_protection(PROTECTION(DEVELOPERS, DEVELOPERS, "true"));
    object_import_succeeds(*state, PLAIN("main"));
    assert_rules("main 40 40 f");
}

static void one_entry_that_is_not_for_developers_protects_the_default_branch(void **state)
{
    set_instance_protection(PROTECTION(DEVELOPERS, MAINTAINERS, "true"));
    object_import_succeeds(*state, FORCED("main"));
    assert_rules("main 30 40 f");
}

static void the_group_s_setting_comes_before_the_instance_s(void **state)
{
    set_instance_protection(PROTECTION(MAINTAINERS, MAINTAINERS, "false"));
    set_group_protection(PROTECTION(DEVELOPERS, DEVELOPERS, "false"));
    object_import_succeeds(*state, PLAIN("main"));
    assert_rules("main 30 30 f");
}

static void a_group_without_setting_has_the_instance_s(void **state)
{
    set_instance_protection(PROTECTION(DEVELOPERS, DEVELOPERS, "false"));
    set_group_protection("{}");
    object_import_succeeds(*state, PLAIN("main"));
    assert_rules("main 30 30 f");
}

static void a_personal_namespace_has_the_instance_s_setting(void **state)
{
    set_instance_protection(PROTECTION(DEVELOPERS, MAINTAINERS, "false"));
    set_group_protection(PROTECTION(MAINTAINERS, DEVELOPERS, "false"));
    g_autofree char *changed =
        private_gitlab_sql("UPDATE namespaces SET type = 'User' WHERE path = 'imports'");
    object_import_succeeds(*state, PLAIN("main"));
    assert_rules("main 30 40 f");
}

static void a_repository_without_default_branch_has_ordinary_ones(void **state)
{
    default_branch = NULL;
    object_import_succeeds(*state, FORCED("main"));
    assert_rules("main 40 40 t");
}

/* --- branches that a rule of GitLab's matches --- */

static void a_matching_rule_gives_its_levels(void **state)
{
    add_levels(add_rule(*state, "rel/*", FALSE), 0, 30);
    object_import_succeeds(*state, PLAIN("rel/1"));
    assert_rules_after(1, "rel/1 0 30 f");
}

static void a_rule_that_lets_nobody_merge_stays_so(void **state)
{
    add_levels(add_rule(*state, "rel/*", FALSE), 30, 0);
    object_import_succeeds(*state, PLAIN("rel/1"));
    assert_rules_after(1, "rel/1 30 0 f");
}

static void whoever_merges_is_a_developer_at_least(void **state)
{
    add_levels(add_rule(*state, "rel/*", FALSE), 10, 10);
    object_import_succeeds(*state, PLAIN("rel/1"));
    assert_rules_after(1, "rel/1 10 30 f");
}

static void required_reviews_are_stricter_than_a_matching_rule(void **state)
{
    add_levels(add_rule(*state, "rel/*", FALSE), 30, 30);
    object_import_succeeds(*state, REVIEWED("rel/1"));
    assert_rules_after(1, "rel/1 0 30 f");
}

static void of_matching_rules_the_first_entry_for_a_role_counts(void **state)
{
    gint64 user = private_gitlab_integer("SELECT spec.create_user('mira', 'Mira')");
    g_autofree char *value = g_strdup_printf(", %" G_GINT64_FORMAT, user);
    gint64 first = add_rule(*state, "rel/*", FALSE), second = add_rule(*state, "r*1", FALSE);
    add_level("push", first, 40, ", user_id", value);
    add_level("merge", first, 40, ", user_id", value);
    add_levels(second, 0, 30);
    add_levels(second, 30, 40);
    object_import_succeeds(*state, PLAIN("rel/1"));
    assert_rules_after(2, "rel/1 0 30 f");
}

static void a_rule_without_entry_for_a_role_is_for_maintainers(void **state)
{
    add_rule(*state, "rel/*", FALSE);
    object_import_succeeds(*state, PLAIN("rel/1"));
    assert_rules_after(1, "rel/1 40 40 f");
}

static void force_needs_github_s_and_a_matching_rule_s_consent(void **state)
{
    add_rule(*state, "rel/*", FALSE);
    add_rule(*state, "*/2", TRUE);
    object_import_succeeds(*state, FORCED("rel/1"));
    object_import_succeeds(*state, FORCED("rel/2"));
    object_import_succeeds(*state, PLAIN("fix/2"));
    assert_rules_after(2, "rel/1 40 40 f, rel/2 40 40 t, fix/2 40 40 f");
}

static void a_matching_rule_decides_about_force_on_the_default_branch_too(void **state)
{
    add_levels(add_rule(*state, "m*", TRUE), 0, 0);
    object_import_succeeds(*state, FORCED("main"));
    assert_rules_after(1, "main 40 40 t");
}

static void only_the_star_is_a_wildcard(void **state)
{
    const char *const jobs[] = {PLAIN("a_b/1"), PLAIN("a-b/1"), PLAIN("cd/1"), PLAIN("e_1"), NULL};
    add_levels(add_rule(*state, "a_b/*", FALSE), 0, 0);
    add_levels(add_rule(*state, "c%/*", FALSE), 0, 0);
    add_levels(add_rule(*state, "e\\_*", FALSE), 0, 0);
    g_autoptr(GPtrArray) errors = object_import_perform_batch(*state, jobs);
    assert_int_equal(errors->len, 4);
    assert_rules_after(3, "a_b/1 0 0 f, a-b/1 40 40 f, cd/1 40 40 f, e_1 40 40 f");
}

static void a_rule_of_the_root_group_matches_too(void **state)
{
    const ObjectImport *import = *state;
    add_levels(private_gitlab_integer("INSERT INTO protected_branches (namespace_id, name, created_at, "
                                      "updated_at) VALUES (%" G_GINT64_FORMAT ", 'rel/*', now(), now())"
                                      " RETURNING id",
                                      import->project->root_namespace_id),
               0, 0);
    object_import_succeeds(*state, PLAIN("rel/1"));
    assert_rules_after(1, "rel/1 0 0 f");
}

static void rules_of_other_projects_count_for_nothing(void **state)
{
    gint64 other = private_gitlab_integer("SELECT spec.create_project('imports', 'other', 'acme/other',"
                                          " 'https://github.com/acme/other.git', '{}', '', '', '')");
    const Project project = {.id = other};
    const ObjectImport elsewhere = {.project = (Project *)&project};
    add_levels(add_rule(&elsewhere, "main", FALSE), 0, 0);
    add_levels(add_rule(&elsewhere, "rel/*", FALSE), 0, 0);
    object_import_succeeds(*state, FORCED("rel/1"));
    object_import_succeeds(*state, PLAIN("main"));
    assert_rules_after(2, "rel/1 40 40 t, main 40 40 f");
}

/* --- what is refused --- */

static void a_name_that_is_protected_already_is_a_recorded_failure(void **state)
{
    add_levels(add_rule(*state, "main", TRUE), 30, 30);
    object_import_succeeds(*state, REVIEWED("main"));
    assert_rules("main 30 30 t");
    assert_failure("ActiveRecord::RecordInvalid", "Validation failed: Name has already been taken");
}

/* --- the rule that GitLab makes when the repository is pushed --- */

static void over_http_gitlab_s_own_rule_gives_way_to_github_s(void **state)
{
    const ObjectImport *import = *state;
    private_gitlab_configuration()->repository_backend = REPOSITORY_HTTP;
    add_levels(add_rule(import, "main", FALSE), 40, 40);
    object_import_succeeds(*state, REVIEWED("main"));
    assert_rules("main 0 40 f");
    assert_sql("SELECT count(*) FROM import_failures", "0");
}

static void over_http_gitlab_s_own_rule_is_that_of_its_settings(void **state)
{
    const ObjectImport *import = *state;
    private_gitlab_configuration()->repository_backend = REPOSITORY_HTTP;
    set_instance_protection(
        "{\"allowed_to_push\":[{\"access_level\":30}],\"allowed_to_merge\":[{\"access_level\":0}]}");
    add_levels(add_rule(import, "main", FALSE), 30, 0);
    object_import_succeeds(*state, REVIEWED("main"));
    assert_rules("main 0 40 f");
}

static void over_http_a_rule_that_somebody_has_changed_stays(void **state)
{
    const ObjectImport *import = *state;
    private_gitlab_configuration()->repository_backend = REPOSITORY_HTTP;
    add_levels(add_rule(import, "main", FALSE), 0, 40);
    object_import_succeeds(*state, PLAIN("main"));
    assert_rules("main 0 40 f");
    assert_failure("ActiveRecord::RecordInvalid", "Validation failed: Name has already been taken");
}

static void over_http_rules_of_other_branches_stay(void **state)
{
    const ObjectImport *import = *state;
    private_gitlab_configuration()->repository_backend = REPOSITORY_HTTP;
    default_branch = "trunk";
    add_levels(add_rule(import, "main", FALSE), 40, 40);
    object_import_succeeds(*state, REVIEWED("main"));
    assert_rules("main 40 40 f");
}

static void in_mounted_storage_no_rule_gives_way(void **state)
{
    const ObjectImport *import = *state;
    add_levels(add_rule(import, "main", FALSE), 40, 40);
    object_import_succeeds(*state, REVIEWED("main"));
    assert_rules("main 40 40 f");
}

static void a_refused_branch_leaves_its_batch_alone(void **state)
{
    const char *const jobs[] = {PLAIN("a"), PLAIN("main"), PLAIN("b"), NULL};
    add_rule(*state, "main", FALSE);
    g_autoptr(GPtrArray) errors = object_import_perform_batch(*state, jobs);
    for (guint i = 0; i < errors->len; i++)
        assert_null(errors->pdata[i]);
    assert_rules_after(1, "a 40 40 f, b 40 40 f");
    assert_sql("SELECT count(*) FROM import_failures", "1");
}

static void without_receipts_the_name_alone_keeps_a_branch_from_being_imported_twice(void **state)
{
    const char *const jobs[] = {PLAIN("main"), PLAIN("main"), NULL};
    private_gitlab_configuration()->receipts = FALSE;
    g_autoptr(GPtrArray) errors = object_import_perform_batch(*state, jobs);
    assert_null(errors->pdata[0]);
    assert_null(errors->pdata[1]);
    assert_rules("main 40 40 f");
    assert_sql("SELECT exception_message FROM import_failures",
               "Validation failed: Name has already been taken");
}

static void a_branch_without_name_is_a_recorded_failure(void **state)
{
    object_import_succeeds(*state, "{\"id\":null," NOBODY "}");
    assert_sql("SELECT exception_class, exception_message, external_identifiers FROM import_failures",
               "ActiveRecord::RecordInvalid|Validation failed: Name can't be blank|"
               "{\"id\": null, \"object_type\": \"protected_branch\"}");
    assert_rules("");
}

static void a_representation_without_users_is_a_recorded_failure(void **state)
{
    object_import_succeeds(*state, "{\"id\":\"main\",\"required_conversation_resolution\":true}");
    assert_failure("NoMethodError", "the representation of a protected branch has no allowed_to_push_users");
    assert_sql("SELECT only_allow_merge_if_all_discussions_are_resolved FROM projects", "");
    assert_rules("");
}

/* --- the project's setting --- */

#define SETTING "SELECT only_allow_merge_if_all_discussions_are_resolved FROM projects"

static void resolved_discussions_on_the_default_branch_become_the_project_s_rule(void **state)
{
    g_autofree char *aged = private_gitlab_sql("UPDATE projects SET updated_at = '2020-01-01'");
    object_import_succeeds(*state, RESOLVED("main"));
    assert_sql(SETTING " WHERE updated_at > now() - interval '1 minute'", "t");
}

static void other_branches_do_not_change_the_project(void **state)
{
    object_import_succeeds(*state, RESOLVED("rel/1"));
    assert_sql(SETTING, "");
}

static void the_project_s_rule_is_never_taken_back(void **state)
{
    g_autofree char *set =
        private_gitlab_sql("UPDATE projects SET only_allow_merge_if_all_discussions_are_resolved = true");
    object_import_succeeds(*state, "{\"id\":\"main\",\"required_conversation_resolution\":false," NOBODY "}");
    assert_sql(SETTING, "t");
}

static void a_refused_branch_changes_the_project_all_the_same(void **state)
{
    add_rule(*state, "main", FALSE);
    object_import_succeeds(*state, RESOLVED("main"));
    assert_sql(SETTING, "t");
    assert_failure("ActiveRecord::RecordInvalid", "Validation failed: Name has already been taken");
}

/* --- Ruby's cache --- */

/* The keys of three generations of GitLab. (transfer full) */
static GPtrArray *cache_keys(const ObjectImport *import)
{
    GPtrArray *keys = g_ptr_array_new_with_free_func(g_free);
    const char *const scopes[] = {"project:", "Project:", ""};
    for (guint i = 0; i < G_N_ELEMENTS(scopes); i++)
        g_ptr_array_add(keys, g_strdup_printf("cache:gitlab:protected_branch:%s%" G_GINT64_FORMAT, scopes[i],
                                              import->project->id));
    return keys;
}

static void remember_in_cache(const GPtrArray *keys)
{
    for (guint i = 0; i < keys->len; i++)
        g_free(private_gitlab_redis("HSET", keys->pdata[i], "a branch's digest", "0", NULL));
}

static void assert_forgotten(const GPtrArray *keys)
{
    for (guint i = 0; i < keys->len; i++)
        assert_redis("0", "EXISTS", keys->pdata[i]);
}

static void ruby_s_cached_answers_are_forgotten(void **state)
{
    g_autoptr(GPtrArray) keys = cache_keys(*state);
    remember_in_cache(keys);
    object_import_succeeds(*state, PLAIN("main"));
    assert_forgotten(keys);
}

static void cached_answers_are_forgotten_after_a_kill_between_commit_and_cache(void **state)
{
    g_autoptr(GPtrArray) keys = cache_keys(*state);
    object_import_succeeds(*state, PLAIN("main"));
    remember_in_cache(keys);
    object_import_succeeds(*state, PLAIN("main"));
    assert_forgotten(keys);
}

static void cached_answers_of_other_projects_stay(void **state)
{
    g_autofree char *kept =
        private_gitlab_redis("HSET", "cache:gitlab:protected_branch:project:999999", "digest", "0", NULL);
    object_import_succeeds(*state, PLAIN("main"));
    assert_redis("1", "EXISTS", "cache:gitlab:protected_branch:project:999999");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, object_import_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_rule_has_every_column),
        TEST(a_new_rule_touches_its_project),
        TEST(many_branches_are_imported_together),
        TEST(a_branch_is_imported_once_however_often_its_job_is_executed),
        TEST(code_owners_signatures_and_users_who_may_push_are_of_gitlab_ee),
        TEST(where_reviews_are_required_nobody_may_push),
        TEST(without_a_rule_of_gitlab_maintainers_push_and_merge),
        TEST(without_a_rule_of_gitlab_github_decides_about_force),
        TEST(the_default_branch_is_for_maintainers_unless_gitlab_says_otherwise),
        TEST(developers_push_to_the_default_branch_where_gitlab_lets_them),
        TEST(developers_merge_into_the_default_branch_where_gitlab_lets_them),
        TEST(an_unprotected_default_branch_may_be_forced_and_is_for_maintainers),
        TEST(force_on_the_default_branch_needs_github_s_consent_too),
        TEST(one_entry_that_is_not_for_developers_protects_the_default_branch),
        TEST(the_group_s_setting_comes_before_the_instance_s),
        TEST(a_group_without_setting_has_the_instance_s),
        TEST(a_personal_namespace_has_the_instance_s_setting),
        TEST(a_repository_without_default_branch_has_ordinary_ones),
        TEST(a_matching_rule_gives_its_levels),
        TEST(a_rule_that_lets_nobody_merge_stays_so),
        TEST(whoever_merges_is_a_developer_at_least),
        TEST(required_reviews_are_stricter_than_a_matching_rule),
        TEST(of_matching_rules_the_first_entry_for_a_role_counts),
        TEST(a_rule_without_entry_for_a_role_is_for_maintainers),
        TEST(force_needs_github_s_and_a_matching_rule_s_consent),
        TEST(a_matching_rule_decides_about_force_on_the_default_branch_too),
        TEST(only_the_star_is_a_wildcard),
        TEST(a_rule_of_the_root_group_matches_too),
        TEST(rules_of_other_projects_count_for_nothing),
        TEST(a_name_that_is_protected_already_is_a_recorded_failure),
        TEST(over_http_gitlab_s_own_rule_gives_way_to_github_s),
        TEST(over_http_gitlab_s_own_rule_is_that_of_its_settings),
        TEST(over_http_a_rule_that_somebody_has_changed_stays),
        TEST(over_http_rules_of_other_branches_stay),
        TEST(in_mounted_storage_no_rule_gives_way),
        TEST(a_refused_branch_leaves_its_batch_alone),
        TEST(without_receipts_the_name_alone_keeps_a_branch_from_being_imported_twice),
        TEST(a_branch_without_name_is_a_recorded_failure),
        TEST(a_representation_without_users_is_a_recorded_failure),
        TEST(resolved_discussions_on_the_default_branch_become_the_project_s_rule),
        TEST(other_branches_do_not_change_the_project),
        TEST(the_project_s_rule_is_never_taken_back),
        TEST(a_refused_branch_changes_the_project_all_the_same),
        TEST(ruby_s_cached_answers_are_forgotten),
        TEST(cached_answers_are_forgotten_after_a_kill_between_commit_and_cache),
        TEST(cached_answers_of_other_projects_stay),
    };
    return cmocka_run_group_tests_name("protected_branch", tests, NULL, NULL);
}
