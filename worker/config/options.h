/*
 * Options of a command, each of which may come from a flag, from an environment variable or from its default,
 * in this order of preference. A table of OptionSpec is all that a command writes; parsing, --help and the
 * messages follow from it.
 *
 * Secrets never come from a flag's value, where every user of the machine could read them: an OPTION_SECRET
 * named `key` gives the flag --key-file FILE, the variable VAR and the variable VAR_FILE.
 *
 * Immutable after parsing. Strings that are handed out are borrowed from the Options.
 */
#pragma once

#include "worker/config/config_error.h"

typedef enum {
    OPTION_TEXT,
    OPTION_SWITCH, /* on when given; a variable turns it on unless it is empty, 0, false, no or off */
    OPTION_LIST,   /* may be repeated; the variable's items are separated by blanks */
    OPTION_SECRET, /* read from a file or a variable */
} OptionKind;

typedef struct OptionSpec {
    const char *name; /* long name without dashes; NULL ends a table */
    char letter;      /* short name, or 0 */
    OptionKind kind;
    const char *argument;           /* what --help calls the value; NULL for a switch */
    const char *environment;        /* HUBFERRY_...; or NULL */
    const char *gitlab_environment; /* GitLab's or Sidekiq's own variable, asked after ours; or NULL */
    const char *otherwise;          /* the default; NULL: none */
    const char *help;
} OptionSpec;

typedef struct Options Options;

typedef struct OptionHelp {
    const char *usage;       /* what follows the options: "OWNER/REPO"; or NULL */
    const char *summary;     /* before the options */
    const char *description; /* after them */
} OptionHelp;

/* Parses the words of a command line, the command's name first. `tables` is ended by NULL and borrowed.
 * *arguments (transfer full) are the words that are no options. *help_text (transfer full) is set, and
 * nothing else done, when --help is among them. (transfer full) */
Options *options_parse(const OptionSpec *const *tables, const OptionHelp *help, const char *const *words,
                       char ***arguments, char **help_text, GError **error);
void options_free(Options *options);

/* NULL: neither given nor a default. */
const char *options_text(const Options *options, const char *name);
gboolean options_switch(const Options *options, const char *name);
/* Ended by NULL; an empty list when nothing was given. */
const char *const *options_list(const Options *options, const char *name);
/* TRUE when a flag or a variable says it. */
gboolean options_given(const Options *options, const char *name);

gboolean options_unsigned(const Options *options, const char *name, guint min, guint max, guint *value,
                          GError **error);
gboolean options_seconds(const Options *options, const char *name, double *value, GError **error);
/* *index of the value in `choices` (ended by NULL). */
gboolean options_choice(const Options *options, const char *name, const char *const *choices, guint *index,
                        GError **error);
/* *value is NULL when none is given; the file's last line end is not part of it. (transfer full) */
gboolean options_secret(const Options *options, const char *name, char **value, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Options, options_free)
