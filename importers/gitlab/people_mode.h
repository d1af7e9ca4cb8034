/*
 * Which of GitLab's two ways of dealing with people an import uses: user contribution mapping (source users
 * and placeholder users), or the older look-up of existing users by account and e-mail address.
 *
 * The newest GitLab always maps (app/models/project_import_data.rb, user_mapping_enabled?, which ignores what
 * is stored). Before, the import's own setting decided (lib/gitlab/github_import/settings.rb,
 * user_contribution_mapping_enabled), and before that there was no mapping. Which of the three is connected
 * shows in the schema: the table work_item_types went away with the newest, import_source_users came with the
 * setting.
 */
#pragma once

#include "importers/gitlab/import_data.h"

/* TRUE: the newest generation of GitLab is connected. */
gboolean people_mode_is_newest(const Session *session);
/* TRUE: contributions are mapped to source users. `data` may be NULL. */
gboolean people_mode_maps(const Session *session, const ImportData *data);

/* Read only to see whether they exist. */
extern const TableColumns work_item_type_columns;
