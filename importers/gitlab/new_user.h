/*
 * The rows that saving a new User with a personal namespace writes (app/models/user.rb, namespace.rb,
 * route.rb). Only for users who never sign in: placeholder and import users have neither a password nor a
 * confirmed address. user_preferences has no row until somebody needs one.
 */
#pragma once

#include "importers/gitlab/session.h"
#include "importers/gitlab/table_columns.h"

/* app/models/concerns/has_user_type.rb */
typedef enum { USER_TYPE_GHOST = 5, USER_TYPE_PLACEHOLDER = 15, USER_TYPE_IMPORT_USER = 17 } UserType;

typedef struct NewUser {
    UserType type;
    const char *name, *username, *email;
    gint64 organization_id;
} NewUser;

/* Within a transaction of the caller's. */
gboolean new_user_insert(Session *session, const NewUser *user, gint64 *user_id, GError **error);

extern const TableColumns user_columns, user_setting_columns, user_namespace_columns,
    user_namespace_settings_columns, user_namespace_details_columns, user_route_columns, user_detail_columns,
    organization_user_columns, organization_user_detail_columns;
