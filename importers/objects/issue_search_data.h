/*
 * Table issue_search_data (app/models/concerns/pg_full_text_searchable.rb, app/models/issues/search_data.rb):
 * the search vectors of issues. No trigger fills it; GitLab writes it after the commit of the issue, because
 * a text can be too long for a vector: such an issue is kept, and is not found by its text.
 */
#pragma once

#include "importers/gitlab/session.h"
#include "importers/gitlab/table_columns.h"

/* Brings the rows of these issues (array of gint64 ids) up to what the issues hold now. Issues that are gone
 * are passed over. May be repeated. */
gboolean issue_search_data_update(Session *session, const GArray *issue_ids, GError **error);

extern const TableColumns issue_search_data_columns;
