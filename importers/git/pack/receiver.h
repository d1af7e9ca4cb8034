/*
 * Takes the packs that libgit2 fetches into a repository instead of libgit2's own indexer, whose memory grows
 * with the largest file (importers/git/pack/indexer.h). A pack is written to objects/pack first, indexed when
 * it is complete, and seen by others only then.
 */
#pragma once

#include "importers/git/autoptr_libgit2.h"

/* For all that is fetched with this `repository`. */
gboolean pack_receiver_install(git_repository *repository, GError **error);
