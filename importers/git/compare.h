/*
 * Gitlab::Git::Compare (lib/gitlab/git/compare.rb): the commits that a head has and a start has not, and the
 * commit that both grew from. Commits are read as Gitaly reads them: no date, name or encoding header stops
 * it, and the header that names an encoding is not looked at.
 */
#pragma once

#include "importers/git/commit_object.h"

typedef struct GitCommit {
    git_oid id;
    /* UTF-8 without NUL (importers/git/encoding.h), uncut; "" for none */
    char *author_name, *author_email, *committer_name, *committer_email, *message;
    gint64 authored_at, committed_at; /* seconds since 1970, not negative; GIT_COMMIT_TIME_FALLBACK: none */
} GitCommit;

void git_commit_details_free(GitCommit *commit);

/* Whether `sha` is the full id of a commit that the repository has. */
gboolean git_find_commit(git_repository *repository, const char *sha, git_oid *id);
/* `git merge-base ONE TWO`, the first one if there are several: the newest, of equal dates the one that a
 * walk from ONE and then TWO meets first; *found FALSE without error: none. */
gboolean git_merge_base_of(git_repository *repository, const git_oid *one, const git_oid *two, git_oid *base,
                           gboolean *found, GError **error);
/* `git rev-list START..HEAD`, the newest first. (transfer full; array of GitCommit) */
GPtrArray *git_commits_between(git_repository *repository, const git_oid *start, const git_oid *head,
                               GError **error);
