#include <string.h>

#include "spec/fake_github/objects/object.h"

/* The first kind whose path fits answers: those below an object stand before the object itself. */
const ObjectKind *const OBJECT_KINDS[] = {
    &LABEL_KIND,
    &MILESTONE_KIND,
    &RELEASE_KIND,
    &COMMENT_KIND,
    &TIMELINE_KIND,
    &ISSUE_KIND,
    &REVIEW_KIND,
    &REVIEW_COMMENT_KIND,
    &REQUESTED_REVIEWERS_KIND,
    &PULL_KIND,
    &BRANCH_PROTECTION_KIND,
    &BRANCH_KIND,
    &COLLABORATOR_KIND,
    NULL,
};

const ObjectKind *object_kind(const char *name)
{
    for (gsize i = 0; OBJECT_KINDS[i] != NULL; i++) {
        if (strcmp(OBJECT_KINDS[i]->name, name) == 0) {
            return OBJECT_KINDS[i];
        }
    }
    return NULL;
}
