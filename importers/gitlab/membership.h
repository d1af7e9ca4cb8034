/*
 * MembersFinder (app/finders/members_finder.rb), as far as the importers ask it: whether a user is a member
 * of a project already, directly or through a group. Access levels are those of lib/gitlab/access.rb; 0: no
 * member.
 *
 * Other than Ruby's, it does not ask whether the project's creator may see an invited group.
 */
#pragma once

#include "importers/gitlab/session.h"
#include "importers/gitlab/table_columns.h"

typedef struct Membership {
    gboolean is_project_bot; /* not allowed to be a member elsewhere */
    gint64 direct;           /* a member, or asks to be one */
    gint64 through_groups;   /* groups above the project, groups that it or one of these was shared with */
} Membership;

/* A user who does not exist has no membership. */
gboolean membership_find(Session *session, gint64 project_id, gint64 user_id, Membership *membership,
                         GError **error);

extern const TableColumns member_columns, project_group_link_columns, group_group_link_columns;
