/*
 * Texts that importers stumble over, at fixed positions: in issues and pull requests by number, in comments,
 * reviews and review comments by the number of the issue or pull request that they belong to. By position
 * modulo 50:
 *
 *   3   mentions at line starts, CR LF, code spans and fences
 *   5   emoji, combining marks, right-to-left text
 *   7   NUL
 *   11  half of a surrogate pair (nasty=2)
 *   13  links to this and other repositories
 *   17  bytes that are not UTF-8 (nasty=2)
 *   19  blank
 *   23  a million characters, at position 23 only; in issues with mentions
 *   27  one character more than a million, at position 27 only (comments)
 *   31  a title of 300 emoji
 *   33  a title of exactly 255 characters
 */
#pragma once

#include "spec/fake_github/generator.h"

/* NULL: the position has an ordinary text. (transfer full) */
json_t *nasty_issue_body(const Generator *generator, guint64 number);
json_t *nasty_issue_title(const Generator *generator, guint64 number);
/* The first comment of an issue, the first review and review comment of a pull request may be nasty. */
json_t *nasty_comment_body(const Generator *generator, guint64 number, guint index);
