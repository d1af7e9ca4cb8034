/*
 * Whether the import that a job works for still runs. It is ended from outside: canceled by a person, failed
 * by another job or by the search for stuck imports (app/models/project_import_state.rb), or deleted with its
 * project. Ruby's workers look when they begin (app/workers/concerns/gitlab/github_import/stage_methods.rb,
 * object_importer.rb) and then go on to their end; here long work asks again on its way, through
 * session_check_stopping(), and ends with JOB_ERROR_OBSOLETE. That is no failure: whoever began the watch
 * lets the job end as done.
 *
 * A look is one SELECT, made at most every two seconds and never within a transaction, so that a short job
 * pays nothing. A look that fails says nothing: the work goes on, and meets the database's trouble itself.
 *
 * A watch belongs to the thread of its session. It may be asked in callbacks of libcurl and libgit2, which
 * are never called while a statement is executed.
 */
#pragma once

#include "importers/gitlab/session.h"

/* On the stack of the job's handler, which has just seen the import running: `g_auto(ImportWatch) watch =
 * {0};`. */
typedef struct ImportWatch {
    Session *session; /* borrowed; NULL: not begun */
    gint64 project_id;
    gint64 next_look; /* monotonic, microseconds */
    gboolean ended;
} ImportWatch;

/* From here on session_check_stopping() also asks for this import, until the watch is cleared. */
void import_watch_begin(ImportWatch *watch, Session *session, gint64 project_id);
void import_watch_clear(ImportWatch *watch);

/* For session_stopping(): looks if it is time to. */
gboolean import_watch_ended(ImportWatch *watch);
/* Looks now: for the moment before something is enqueued. FALSE with JOB_ERROR_OBSOLETE. TRUE when nothing is
 * watched. */
gboolean import_watch_check(Session *session, GError **error);
/* Whether work that failed was obsolete: it says so itself, or the import has ended meanwhile and its token,
 * rows or project are gone. Looks now. */
gboolean import_watch_explains(Session *session, const GError *failure);
/* The job ends the import itself, and what follows is a part of that. */
void import_watch_release(Session *session);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ImportWatch, import_watch_clear)
