/*
 * The access levels of GitLab's roles that branches are protected with (lib/gitlab/access.rb).
 */
#pragma once

typedef enum {
    ACCESS_NONE = 0,
    ACCESS_DEVELOPER = 30,
    ACCESS_MAINTAINER = 40, /* GITLAB_DEFAULT_ACCESS_LEVEL of a protected branch */
    ACCESS_ADMIN = 60,
} AccessLevel;
