#include "importers/git/compare.h"

#include "importers/git/encoding.h"
#include "importers/git/error.h"
#include "importers/git/object_id.h"
#include "importers/git/revision_list.h"

void git_commit_details_free(GitCommit *commit)
{
    g_free(commit->author_name);
    g_free(commit->author_email);
    g_free(commit->committer_name);
    g_free(commit->committer_email);
    g_free(commit->message);
    g_free(commit);
}

gboolean git_find_commit(git_repository *repository, const char *sha, git_oid *id)
{
    g_autoptr(git_odb) odb = NULL;
    size_t size;
    git_object_t type;
    return object_id_parse(sha, id) && git_repository_odb(&odb, repository) == 0 &&
           git_odb_read_header(&size, &type, odb, id) == 0 && type == GIT_OBJECT_COMMIT;
}

static char *text_of(GitBytes bytes)
{
    return encoding_text(bytes.start, bytes.length);
}

static GitCommit *read_commit(git_repository *repository, const git_oid *id, GError **error)
{
    g_auto(GitCommitObject) object = {0};
    if (!git_commit_object_read(repository, id, &object, error))
        return NULL;
    GitSignature author = git_signature_of(object.author), committer = git_signature_of(object.committer);
    GitCommit *commit = g_new(GitCommit, 1);
    *commit = (GitCommit){.id = *id,
                          .author_name = text_of(author.name),
                          .author_email = text_of(author.email),
                          .committer_name = text_of(committer.name),
                          .committer_email = text_of(committer.email),
                          .message = text_of(object.message),
                          .authored_at = author.time,
                          .committed_at = committer.time};
    return commit;
}

GPtrArray *git_commits_between(git_repository *repository, const git_oid *start, const git_oid *head,
                               GError **error)
{
    g_autoptr(GArray) ids = git_revision_list(repository, start, head, error);
    if (!ids)
        return NULL;
    g_autoptr(GPtrArray) commits = g_ptr_array_new_full(ids->len, (GDestroyNotify)git_commit_details_free);
    for (guint i = 0; i < ids->len; i++) {
        GitCommit *commit = read_commit(repository, &g_array_index(ids, git_oid, i), error);
        if (!commit)
            return NULL;
        g_ptr_array_add(commits, commit);
    }
    return g_steal_pointer(&commits);
}
