/* The command line. */
#pragma once

#include <glib.h>

typedef struct {
    char *address; /* IPv4 */
    int port;      /* 0: any free port */
    char *port_file;
    char *certificate_file;
    char *key_file;
    char *data_file;
    char **generate; /* NULL-terminated, or NULL */
    char **tokens;   /* NULL-terminated, or NULL: every token is good */
    gboolean require_auth;
    gint64 rate_limit;
    char *git_root;
    char *push_root;
    char *push_credentials; /* USER:PASSWORD; NULL: any */
    gboolean push_create;
    int storage_expires; /* seconds */
    int lfs_batch_limit;
    gboolean dump;
    gboolean verbose;
} Options;

/* arguments: changed in place. (transfer full) */
Options *options_parse(int *count, char ***arguments, GError **error);
void options_free(Options *options);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Options, options_free)
