/*
 * Gitlab::CurrentSettings.max_attachment_size: how large a file may be that is uploaded, or brought over as
 * an attachment. From the newest row of application_settings, read at most once a minute in the whole
 * process. Thread-safe.
 */
#pragma once

#include "importers/gitlab/session.h"

#define DEFAULT_MAX_ATTACHMENT_SIZE 100 /* MiB; of an installation whose settings were never saved */

gboolean max_attachment_size(Session *session, guint64 *bytes, GError **error);
