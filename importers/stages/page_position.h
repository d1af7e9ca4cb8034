/*
 * How far the pages of a collection are read, in both generations' keys: the number of the last page
 * (lib/gitlab/import/page_counter.rb) and its URL (lib/gitlab/import/page_keyset.rb), for 24 hours. Each is
 * read from the other side and written for it.
 *
 * Ruby stores a page's number when it begins the page, we store number and URL when all its objects are
 * scheduled. Whoever resumes reads the stored page again, since it may be half done.
 */
#pragma once

#include "importers/gitlab/session.h"

typedef struct PagePosition {
    char *url;     /* of the last page; NULL: not known */
    gint64 number; /* of the last page; 0: none was read */
} PagePosition;

/* `collection` is "issues", or with parents "issues/12/issue_timeline". */
gboolean page_position_read(Session *session, gint64 project_id, const char *collection,
                            PagePosition *position, GError **error);
/* The number is only ever raised. */
gboolean page_position_write(Session *session, gint64 project_id, const char *collection,
                             const PagePosition *position, GError **error);
void page_position_clear(PagePosition *position);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PagePosition, page_position_clear)
