/*
 * What a killed process leaves in a bare repository: lock files that would block every later change of a ref,
 * and temporary packs that nobody removes.
 */
#pragma once

#include <glib.h>
#include <time.h>

/* Removes those not older than `since`. To be called under the repository's lock only. What cannot be removed
 * is logged and left. */
void git_remove_leftovers(const char *repository_path, time_t since);
