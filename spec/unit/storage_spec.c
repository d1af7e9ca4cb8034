#include "importers/git/storage.h"
#include "spec/support/git_context.h"

static void disk_paths_are_gitlab_s(void **state)
{
    (void)state;
    const Project hashed = {.id = 42, .full_path = (char *)"acme-group/rocket", .hashed_storage = TRUE};
    const Project legacy = {.id = 42, .full_path = (char *)"acme-group/rocket"};
    assert_text(git_disk_path(&hashed, GIT_PROJECT), DISK_PATH);
    assert_text(git_disk_path(&hashed, GIT_WIKI), DISK_PATH ".wiki");
    assert_text(git_disk_path(&legacy, GIT_PROJECT), "acme-group/rocket");
    assert_text(git_disk_path(&legacy, GIT_WIKI), "acme-group/rocket.wiki");
}

static void a_repository_is_unfinished_until_it_is_finished(void **state)
{
    GitContext *context = *state;
    g_autoptr(GError) error = NULL;
    for (int repetition = 0; repetition < 2; repetition++) {
        g_autoptr(GitStorage) storage =
            git_storage_begin(context->session, &context->project, GIT_PROJECT, &error);
        assert_no_error(error);
        assert_string_equal(storage->path, context->mirror);
        assert_true(git_storage_unfinished(context->mirror));
        assert_true(git_storage_finish(storage, &error));
        assert_false(git_storage_unfinished(context->mirror));
    }
}

static void what_was_not_finished_stays_unfinished(void **state)
{
    GitContext *context = *state;
    git_storage_free(git_storage_begin(context->session, &context->project, GIT_WIKI, NULL));
    g_autofree char *path = git_storage_path(context->session, &context->project, GIT_WIKI, NULL);
    assert_true(git_storage_unfinished(path));
}

static void half_created_repositories_are_created_anew(void **state)
{
    GitContext *context = *state;
    g_autofree char *script =
        g_strdup_printf("mkdir -p '%s/objects'; : > '%s/config'", context->mirror, context->mirror);
    run(context, script);
    g_autoptr(GError) error = NULL;
    g_autoptr(GitStorage) storage =
        git_storage_begin(context->session, &context->project, GIT_PROJECT, &error);
    assert_no_error(error);
    assert_true(git_repository_is_bare(storage->repository));
}

static void a_waiting_worker_stops_with_the_process(void **state)
{
    GitContext *context = *state;
    g_autoptr(GitStorage) owner = git_storage_begin(context->session, &context->project, GIT_PROJECT, NULL);
    assert_non_null(owner);
    context->stopping = 1;
    g_autoptr(GError) error = NULL;
    assert_null(git_storage_begin(context->session, &context->project, GIT_PROJECT, &error));
    assert_error(error, JOB_ERROR, JOB_ERROR_INTERRUPTED);
}

static GitStorage *begin_references(GitContext *context)
{
    g_autoptr(GError) error = NULL;
    GitStorage *storage = git_storage_begin_references(context->session, &context->project, &error);
    assert_no_error(error);
    return storage;
}

static void writing_refs_does_not_make_a_mirror_unfinished(void **state)
{
    GitContext *context = *state;
    assert_mirrored(context, context->url);
    g_autoptr(GitStorage) storage = begin_references(context);
    assert_false(git_storage_unfinished(context->mirror));
    assert_false(is_empty(context));
    assert_true(git_storage_finish(storage, NULL));
    assert_false(git_storage_unfinished(context->mirror));
}

static void writing_refs_does_not_finish_a_mirror(void **state)
{
    GitContext *context = *state;
    git_storage_free(git_storage_begin(context->session, &context->project, GIT_PROJECT, NULL));
    g_autoptr(GitStorage) storage = begin_references(context);
    assert_true(git_storage_finish(storage, NULL));
    assert_true(git_storage_unfinished(context->mirror));
}

static void what_a_killed_writer_of_refs_leaves_is_removed(void **state)
{
    GitContext *context = *state;
    assert_mirrored(context, context->url);
    git_storage_free(begin_references(context));
    g_autofree char *lock = g_strconcat(context->mirror, "/refs/heads/x.lock", NULL);
    assert_true(g_file_set_contents(lock, "", 0, NULL));
    g_autoptr(GitStorage) storage = begin_references(context);
    assert_false(g_file_test(lock, G_FILE_TEST_EXISTS));
    assert_true(git_storage_finish(storage, NULL));
}

static void refs_are_written_only_into_a_repository_that_exists(void **state)
{
    GitContext *context = *state;
    g_autoptr(GError) error = NULL;
    assert_null(git_storage_begin_references(context->session, &context->project, &error));
    assert_error(error, GIT_ERROR_DOMAIN, GIT_ERROR_DOMAIN_STORAGE);
    assert_false(g_file_test(context->mirror, G_FILE_TEST_EXISTS));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(disk_paths_are_gitlab_s),
        WITH_CONTEXT(a_repository_is_unfinished_until_it_is_finished),
        WITH_CONTEXT(what_was_not_finished_stays_unfinished),
        WITH_CONTEXT(writing_refs_does_not_make_a_mirror_unfinished),
        WITH_CONTEXT(writing_refs_does_not_finish_a_mirror),
        WITH_CONTEXT(what_a_killed_writer_of_refs_leaves_is_removed),
        WITH_CONTEXT(refs_are_written_only_into_a_repository_that_exists),
        WITH_CONTEXT(half_created_repositories_are_created_anew),
        WITH_CONTEXT(a_waiting_worker_stops_with_the_process),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
