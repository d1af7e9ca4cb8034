/*
 * Directories and files that GitLab's processes share with hubferry get permissions and, through setgid, the
 * group of the folder that they are kept in, whatever the umask. Started as root, hubferry gives them to that
 * folder's owner.
 */
#pragma once

#include <glib.h>
#include <sys/stat.h>

/* Makes `path` and every directory between it and `folder` that is missing, with the folder's access. There
 * already: nothing to do. The folder itself is never made: where it is not mounted nobody would look for what
 * is in it. FALSE: errno says why. */
gboolean directory_create(const char *path, const char *folder);

/* The same access for an open file, without what only directories need. FALSE: errno says why. */
gboolean directory_share_file(int descriptor, const struct stat *folder);
