/*
 * Gitlab::EtagCaching::Store (lib/gitlab/etag_caching/store.rb): browsers that poll a page get 304 until its
 * key is touched.
 */
#pragma once

#include "importers/gitlab/session.h"

/* The page that lists running GitHub imports, /import/github/realtime_changes.json: counters or states have
 * changed. */
gboolean etag_cache_touch_import(Session *session, GError **error);
