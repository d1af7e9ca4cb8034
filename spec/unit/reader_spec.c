/* The repository that jobs read: opened once for the jobs of one import. */
#include "importers/git/reader.h"

#include "importers/git/repository.h"
#include "spec/support/git_context.h"

static git_repository *open_repository(const GitContext *context)
{
    g_autoptr(GError) error = NULL;
    git_repository *repository = git_reader_repository(context->session, &context->project, &error);
    assert_no_error(error);
    return repository;
}

static void create_repository(const GitContext *context)
{
    g_autofree char *script = g_strdup_printf("git init -q --bare '%s'", context->mirror);
    run(context, script);
}

static void a_repository_that_is_not_there_is_not_found(void **state)
{
    GitContext *context = *state;
    g_autoptr(GError) error = NULL;
    assert_null(git_reader_repository(context->session, &context->project, &error));
    assert_error(error, GIT_ERROR_DOMAIN, GIT_ERROR_DOMAIN_NOT_FOUND);
}

static void it_is_found_once_it_is_there(void **state)
{
    g_autoptr(GError) error = NULL;
    GitContext *context = *state;
    git_reader_repository(context->session, &context->project, &error);
    create_repository(context);
    assert_true(git_repository_is_bare(open_repository(context)));
}

static void it_stays_open_for_the_next_job(void **state)
{
    GitContext *context = *state;
    create_repository(context);
    assert_ptr_equal(open_repository(context), open_repository(context));
}

static void another_project_has_its_own(void **state)
{
    GitContext *context = *state;
    create_repository(context);
    open_repository(context);
    context->project.id++;
    g_autoptr(GError) error = NULL;
    assert_null(git_reader_repository(context->session, &context->project, &error));
    assert_error(error, GIT_ERROR_DOMAIN, GIT_ERROR_DOMAIN_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_CONTEXT(a_repository_that_is_not_there_is_not_found),
        WITH_CONTEXT(it_is_found_once_it_is_there),
        WITH_CONTEXT(it_stays_open_for_the_next_job),
        WITH_CONTEXT(another_project_has_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
