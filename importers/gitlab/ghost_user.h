/*
 * The ghost user (app/models/users/internal.rb), who stands for deleted GitHub accounts: one for each
 * organization; before the newest generation (people_mode.h) one for the instance. GitLab makes it when it is
 * first needed; where there is none yet the job is handed over to Ruby, which makes it.
 */
#pragma once

#include "importers/gitlab/project.h"

gboolean ghost_user_find(Session *session, const Project *project, gint64 *user_id, GError **error);
