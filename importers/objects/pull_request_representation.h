/*
 * Gitlab::GithubImport::Representation::PullRequest
 * (lib/gitlab/github_import/representation/pull_request.rb).
 */
#pragma once

#include "importers/objects/representation.h"

/* From GitHub's answer, the list's or the single one's (which alone has merged_by). (transfer full) */
json_t *pull_request_representation(const json_t *object);

/* "opened", "closed" or "merged". */
const char *pull_request_state(const json_t *representation);
/* At most 255 characters; NULL: there is none. (transfer full) */
char *pull_request_truncated_title(const json_t *representation);
/* formatted_source_branch: "github/fork/OWNER/BRANCH", "BRANCH-IID" or "BRANCH"; NULL: none. (transfer full)
 */
char *pull_request_source_branch(const json_t *representation);
/* github_identifiers. (transfer full) */
json_t *pull_request_identifiers(const json_t *representation);
