/* Cleanup functions for libcmark-gfm. */
#pragma once

#include <cmark-gfm.h>
#include <glib.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(cmark_node, cmark_node_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(cmark_iter, cmark_iter_free)
