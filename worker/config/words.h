/* Words between blanks (spaces, tabs, line ends), as Ruby's String#split gives them. Thread-safe. */
#pragma once

#include <glib.h>

/* Ended by NULL; none of them is empty. (transfer full) */
char **words_of(const char *text);
