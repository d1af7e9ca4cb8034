#include <string.h>

#include "spec/fake_github/objects/object.h"

const ObjectKind *const OBJECT_KINDS[] = {
    &LABEL_KIND, &MILESTONE_KIND, &RELEASE_KIND, &ISSUE_KIND, &PULL_KIND, &BRANCH_KIND, NULL,
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
