#include "importers/git/push_mirror.h"

#include "importers/git/error.h"
#include "importers/git/push.h"
#include "importers/git/references.h"
#include "protocol/log.h"

static gboolean plan_update(GitPush *push, const char *name, GError **error)
{
    git_oid id;
    int result = git_reference_name_to_id(&id, push->repository, name);
    if (result < 0)
        return git_fail(result, GIT_ERROR_DOMAIN_STORAGE, name, error);
    const git_oid *there = g_hash_table_lookup(push->there, name);
    if (!there || !git_oid_equal(there, &id))
        git_push_plan_update(push, name, name);
    return TRUE;
}

static gboolean plan_updates(GitPush *push, const GPtrArray *names, GError **error)
{
    int left_out = 0;
    for (guint i = 0; i < names->len; i++) {
        const char *name = g_ptr_array_index(names, i);
        left_out += g_str_has_prefix(name, "refs/merge-requests/");
        if (git_push_takes(name) && !plan_update(push, name, error))
            return FALSE;
    }
    if (left_out)
        log_info("Heads of merge requests were not pushed: GitLab accepts these refs from nobody", "{s:i}",
                 "refs", left_out);
    return TRUE;
}

static void plan_deletions(GitPush *push, const GitReferenceSet *names)
{
    GHashTableIter iterator;
    gpointer name;
    g_hash_table_iter_init(&iterator, push->there);
    while (g_hash_table_iter_next(&iterator, &name, NULL))
        if (!git_reference_set_contains(names, name))
            git_push_plan_deletion(push, name);
}

/* "hook declined" alone does not tell what to do; what the hook has printed does, git's own progress does
 * not. (transfer full) */
static char *reason_of(const GitPush *push, const char *refusal)
{
    g_autofree char *said = g_utf8_make_valid(push->transfer->said->str, (gssize)push->transfer->said->len);
    g_autoptr(GRegex) progress_or_spaces =
        g_regex_new("^.*\\d% \\(\\d+/\\d+\\).*$|[\\s[:cntrl:]]+", G_REGEX_MULTILINE, 0, NULL);
    g_autofree char *line = g_regex_replace_literal(progress_or_spaces, said, -1, 0, " ", 0, NULL);
    g_strstrip(line);
    return *line ? g_strdup_printf("%s (%s)", refusal, line) : g_strdup(refusal);
}

/* A refused deletion fails no import: a default branch that has gone from GitHub is a protected one in
 * GitLab. */
static gboolean check_refusals(const GitPush *push, GError **error)
{
    GHashTableIter iterator;
    gpointer name, reason;
    g_hash_table_iter_init(&iterator, push->transfer->refusals);
    while (g_hash_table_iter_next(&iterator, &name, &reason)) {
        git_oid id;
        if (git_reference_name_to_id(&id, push->repository, name) == 0) {
            g_autofree char *told = reason_of(push, reason);
            g_set_error(error, GIT_ERROR_DOMAIN, GIT_ERROR_DOMAIN_PUSH, "GitLab refused %s: %s",
                        (const char *)name, told);
            return FALSE;
        }
        log_warn("GitLab refused to delete a ref", "{s:s, s:s}", "ref", name, "reason", reason);
    }
    return TRUE;
}

static gboolean send_planned(GitPush *push, GError **error)
{
    return git_push_send(push, error) && check_refusals(push, error);
}

/* What is planned, and a new connection for what comes next. */
static gboolean push_round(GitPush *push, GError **error)
{
    return push->refspecs->len == 0 || (send_planned(push, error) && git_push_connect(push, error));
}

/* Into an empty repository it goes alone, because GitLab makes the first branch that arrives the default one.
 */
static gboolean push_default_branch(GitPush *push, GError **error)
{
    g_autoptr(git_reference) head = NULL;
    if (g_hash_table_size(push->there) > 0 || git_repository_head(&head, push->repository) < 0)
        return TRUE;
    return plan_update(push, git_reference_name(head), error) && push_round(push, error);
}

/* Before the updates: a branch `a/b` cannot arrive while a deleted branch `a` is still there. */
static gboolean push_deletions(GitPush *push, const GitReferenceSet *names, GError **error)
{
    plan_deletions(push, names);
    return push_round(push, error);
}

gboolean git_push_mirror(Session *session, const Project *project, GitRepositoryKind kind,
                         git_repository *repository, const GitReferenceSet *names, GError **error)
{
    g_autoptr(GitPush) push = git_push_begin(session, project, kind, repository, error);
    g_autoptr(GPtrArray) here = push ? git_reference_names(repository, "refs/*", error) : NULL;
    return here && push_default_branch(push, error) && push_deletions(push, names, error) &&
           plan_updates(push, here, error) && send_planned(push, error);
}
