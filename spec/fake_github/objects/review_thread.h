/*
 * Generated review comments: threads on the lines of a pull request's real diff.
 *
 * Of each six comments the first begins a thread and has two replies, the fourth is alone, the fifth has one
 * reply. Replies point to the first comment of their thread and share its place; some to one that was
 * deleted.
 *
 * The places take turns: one line, some lines, an old line, an outdated line, outdated lines, the whole file,
 * a line without a hunk, one line again. So do the texts; five of eleven contain a suggestion.
 */
#pragma once

#include "spec/fake_github/generator.h"

/* The description of a pull request's comment. (transfer full) */
json_t *review_thread_generate(const Generator *generator, guint64 pull_number, guint index);
