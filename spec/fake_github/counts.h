/* How many objects of each kind a repository has, without making answers of them. */
#pragma once

#include "spec/fake_github/repository.h"

/* {"labels": 7, "issues": 30, "pulls": 20, ..., "comments": 90, "timeline": {"labeled": 12, ...}}; what
 * belongs to pull requests is counted too. (transfer full) */
json_t *counts_of_repository(const Repository *repository);
