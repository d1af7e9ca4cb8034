/*
 * Branches and tags of a private mirror pushed to GitLab over HTTP (Configuration.git_push_url), where its
 * storage is not mounted. GitLab takes the branch that comes first into an empty repository as the default
 * branch. It does not take refs/merge-requests from outside.
 */
#pragma once

#include "importers/git/autoptr_libgit2.h"
#include "importers/git/reference_set.h"
#include "importers/git/repository.h"

/* Forced; what is not among `names` is deleted. GIT_ERROR_DOMAIN_PUSH names the refs that GitLab refused; a
 * refused deletion is only logged. */
gboolean git_push_mirror(Session *session, const Project *project, GitRepositoryKind kind,
                         git_repository *repository, const GitReferenceSet *names, GError **error);
