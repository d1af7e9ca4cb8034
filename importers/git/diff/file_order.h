/*
 * The order of a merge request's files (lib/gitlab/diff/file_collection_sorter.rb): in every directory the
 * sub-directories come first, names are compared as bytes.
 */
#pragma once

/* As strcmp(). 0 only for equal paths. */
int compare_file_order(const char *a, const char *b);
