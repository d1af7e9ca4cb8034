/*
 * For the specs of what is read from git: the folder of spec/support/git_context.h with a repository
 * "objects" in it, which git's own commands fill and libgit2 reads.
 */
#pragma once

#include "importers/git/autoptr_libgit2.h"
#include "importers/git/library.h"
#include "spec/support/git_context.h"

/* The repository, made by a shell script that runs in it. (transfer full) */
static inline git_repository *make_repository(const GitContext *context, const char *script)
{
    g_autofree char *path = g_build_filename(context->folder, "objects", NULL);
    g_autofree char *whole =
        g_strconcat("git init -q -b trunk objects 2>/dev/null; cd objects\n", script, NULL);
    git_repository *repository = NULL;
    run(context, whole);
    git_library_start();
    assert_int_equal(git_repository_open(&repository, path), 0);
    return repository;
}

/* What a shell script prints in the repository, without the last line end. (transfer full) */
static inline char *in_repository(const GitContext *context, const char *script)
{
    g_autofree char *whole = g_strconcat("cd objects\n", script, NULL);
    char *output = shell(context, whole);
    return g_strchomp(output);
}

static inline git_oid object_id(const GitContext *context, const char *revision)
{
    git_oid id;
    g_autofree char *script = g_strdup_printf("git rev-parse '%s'", revision);
    g_autofree char *sha = in_repository(context, script);
    assert_int_equal(git_oid_fromstr(&id, sha), 0);
    return id;
}
