/* Commits that make_repository kept back (late=N): they get into the repository when a test wants them. */
#pragma once

#include <glib.h>

/* FALSE: nothing was kept back, or Git failed. git_root: NULL is an error */
gboolean late_commits_publish(const char *git_root, const char *full_name, GError **error);
