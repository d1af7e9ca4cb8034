/*
 * Makes the private GitLab one of the generation before the newest (importers/gitlab/people_mode.h) for one
 * test.
 */
#pragma once

#include "spec/support/gitlab_context.h"

static inline void read_schema_again(GitlabContext *context)
{
    schema_free(context->schema);
    context->schema = schema_read(session_database(context->session), NULL);
    context->session->schema = context->schema;
}

static inline int older_gitlab_setup(void **state)
{
    gitlab_context_setup(state);
    g_autofree char *created =
        private_gitlab_sql("CREATE TABLE work_item_types (id bigint, base_type smallint)");
    read_schema_again(*state);
    return 0;
}

static inline int older_gitlab_teardown(void **state)
{
    g_autofree char *dropped = private_gitlab_sql("DROP TABLE work_item_types");
    return gitlab_context_teardown(state);
}
