#include "importers/git/branches.h"

#include "importers/git/compare.h"
#include "importers/git/error.h"
#include "importers/git/push.h"
#include "importers/git/reader.h"
#include "importers/git/reference_set.h"
#include "importers/git/references.h"
#include "importers/git/storage.h"

typedef struct MissingBranch {
    GitNewBranch *branch; /* borrowed */
    char *name;           /* "refs/heads/github/fork/eve/fix" */
    char *source;         /* "refs/hubferry/SHA": libgit2 pushes only what has a ref */
    git_oid id;
    gboolean taken; /* GitLab has a branch of that name, with another commit */
} MissingBranch;

static MissingBranch *missing_branch_new(GitNewBranch *branch)
{
    MissingBranch *missing = g_new0(MissingBranch, 1);
    missing->branch = branch;
    missing->name = g_strconcat("refs/heads/", branch->name, NULL);
    missing->source = g_strconcat("refs/hubferry/", branch->sha, NULL);
    return missing;
}

static void missing_branch_free(MissingBranch *missing)
{
    g_free(missing->name);
    g_free(missing->source);
    g_free(missing);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(MissingBranch, missing_branch_free)

/* (transfer full) */
static GitReferenceSet *existing_branches(git_repository *repository, GError **error)
{
    g_autoptr(GPtrArray) names = git_reference_names(repository, "refs/heads/*", error);
    GitReferenceSet *set = names ? git_reference_set_new() : NULL;
    for (guint i = 0; names && i < names->len; i++)
        git_reference_set_add(set, names->pdata[i]);
    return set;
}

/* NULL: nothing speaks against the branch. */
static const char *reason_against(git_repository *repository, const GitReferenceSet *existing,
                                  MissingBranch *missing)
{
    int valid;
    if (git_branch_name_is_valid(&valid, missing->branch->name) < 0 || !valid)
        return "git allows no branch of this name";
    if (!git_reference_set_fits(existing, missing->name))
        return "git cannot have it beside another branch";
    if (!missing->branch->sha || !git_find_commit(repository, missing->branch->sha, &missing->id))
        return "its commit does not exist";
    return NULL;
}

/* Those that are neither there nor refused. (transfer full; array of MissingBranch) */
static GPtrArray *missing_branches(git_repository *repository, GArray *branches, GError **error)
{
    g_autoptr(GitReferenceSet) existing = existing_branches(repository, error);
    if (!existing)
        return NULL;
    GPtrArray *all = g_ptr_array_new_with_free_func((GDestroyNotify)missing_branch_free);
    for (guint i = 0; i < branches->len; i++) {
        g_autoptr(MissingBranch) missing = missing_branch_new(&g_array_index(branches, GitNewBranch, i));
        if (git_reference_set_contains(existing, missing->name))
            continue;
        missing->branch->refusal = g_strdup(reason_against(repository, existing, missing));
        if (missing->branch->refusal)
            continue;
        git_reference_set_add(existing, missing->name);
        g_ptr_array_add(all, g_steal_pointer(&missing));
    }
    return all;
}

/* One that has come into being meanwhile, by GitLab's own hand, stays as it is. */
static gboolean write_branches(git_repository *repository, const GPtrArray *all, GError **error)
{
    for (guint i = 0; i < all->len; i++) {
        const MissingBranch *missing = all->pdata[i];
        g_autoptr(git_reference) reference = NULL;
        if (missing->branch->refusal || missing->taken)
            continue;
        int result = git_reference_create(&reference, repository, missing->name, &missing->id, FALSE, NULL);
        if (result < 0 && result != GIT_EEXISTS)
            return git_fail(result, GIT_ERROR_DOMAIN_STORAGE, "writing a branch", error);
    }
    return TRUE;
}

static void plan(GitPush *push, MissingBranch *missing)
{
    const git_oid *there = g_hash_table_lookup(push->there, missing->name);
    missing->taken = there && !git_oid_equal(there, &missing->id);
    if (!there)
        git_push_plan_update(push, missing->source, missing->name);
}

static gboolean send_planned(GitPush *push, const GPtrArray *all, GError **error)
{
    if (!git_push_send(push, error))
        return FALSE;
    for (guint i = 0; i < all->len; i++) {
        const MissingBranch *missing = all->pdata[i];
        const char *refusal = g_hash_table_lookup(push->transfer->refusals, missing->name);
        if (refusal)
            missing->branch->refusal = g_strdup(refusal);
    }
    return TRUE;
}

static gboolean push_again(GitPush *push, const GPtrArray *all, MissingBranch *missing, GError **error)
{
    g_clear_pointer(&missing->branch->refusal, g_free);
    if (!git_push_connect(push, error))
        return FALSE;
    plan(push, missing);
    return send_planned(push, all, error);
}

/* GitLab refuses a push as a whole for the sake of one branch: each of the refused has a push of its own. */
static gboolean push_branches(GitPush *push, const GPtrArray *all, GError **error)
{
    for (guint i = 0; i < all->len; i++)
        plan(push, all->pdata[i]);
    if (!send_planned(push, all, error))
        return FALSE;
    for (guint i = 0; all->len > 1 && i < all->len; i++) {
        MissingBranch *missing = all->pdata[i];
        if (missing->branch->refusal && !push_again(push, all, missing, error))
            return FALSE;
    }
    return TRUE;
}

/* Not the branches themselves, as these are to be written only when GitLab has them. */
static gboolean write_sources(git_repository *repository, const GPtrArray *all, GError **error)
{
    for (guint i = 0; i < all->len; i++) {
        const MissingBranch *missing = all->pdata[i];
        g_autoptr(git_reference) reference = NULL;
        int result = git_reference_create(&reference, repository, missing->source, &missing->id, TRUE, NULL);
        if (result < 0)
            return git_fail(result, GIT_ERROR_DOMAIN_STORAGE, "writing a ref to push", error);
    }
    return TRUE;
}

/* One that stays does no harm in a private mirror. */
static void remove_sources(git_repository *repository, const GPtrArray *all)
{
    for (guint i = 0; i < all->len; i++) {
        const MissingBranch *missing = all->pdata[i];
        git_reference_remove(repository, missing->source);
    }
}

static gboolean push_to_gitlab(Session *session, const Project *project, git_repository *repository,
                               const GPtrArray *all, GError **error)
{
    if (session->configuration->repository_backend != REPOSITORY_HTTP || all->len == 0)
        return TRUE;
    g_autoptr(GitPush) push = git_push_begin(session, project, GIT_PROJECT, repository, error);
    gboolean pushed = push && write_sources(repository, all, error) && push_branches(push, all, error);
    remove_sources(repository, all);
    return pushed;
}

static gboolean branch_exists(git_repository *repository, const char *branch)
{
    g_autoptr(git_reference) reference = NULL;
    g_autofree char *name = g_strconcat("refs/heads/", branch, NULL);
    return git_reference_lookup(&reference, repository, name) == 0;
}

/* The usual case, a branch of GitHub's own repository: needs neither the right to write nor a list of all
 * branches. */
static gboolean all_exist(Session *session, const Project *project, const GArray *branches)
{
    git_repository *repository = git_reader_repository(session, project, NULL);
    for (guint i = 0; repository && i < branches->len; i++)
        if (!branch_exists(repository, g_array_index(branches, GitNewBranch, i).name))
            return FALSE;
    return repository != NULL;
}

gboolean git_create_branches(Session *session, const Project *project, GArray *branches, GError **error)
{
    if (branches->len == 0 || all_exist(session, project, branches))
        return TRUE;
    g_autoptr(GitStorage) storage = git_storage_begin_references(session, project, error);
    if (!storage)
        return FALSE;
    git_repository *repository = storage->repository;
    g_autoptr(GPtrArray) all = missing_branches(repository, branches, error);
    return all && push_to_gitlab(session, project, repository, all, error) &&
           write_branches(repository, all, error) && git_storage_finish(storage, error);
}
