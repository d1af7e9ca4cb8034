/*
 * Names of files that come from addresses, which anybody may have written
 * (lib/gitlab/github_import/attachments_downloader.rb, lib/gitlab/path_traversal.rb,
 * lib/bulk_imports/file_downloads/filename_fetch.rb). Pure functions; thread-safe.
 */
#pragma once

#include <glib.h>

#define FILE_NAME_STEM 255 /* characters before the extension */

/* The last segment of the address, percent-decoded: letters, digits, dashes, dots and underscores, what else
 * there is became an underscore; without leading dots; "attachment" when nothing is left. NULL when it tries
 * to leave its folder, or has a line break. (transfer full) */
char *attachment_file_name(const char *url);

/* ".mov", ".mp4" or ".webm" when the address ends with it; or NULL. Static. */
const char *attachment_video_extension(const char *url);
/* That of a content type; or NULL. Static. */
const char *attachment_video_extension_of_type(const char *content_type);
