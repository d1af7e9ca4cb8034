/*
 * Where a project's LFS objects are asked for: the batch API beside GitHub's repository, or at the address
 * that .lfsconfig names (app/services/projects/lfs_pointers/lfs_object_download_list_service.rb). Another
 * host than GitHub's switches LFS off for the project, as in Ruby.
 *
 * Unlike in Ruby, where the host alone decides, the import's token is sent only to the very server of the
 * import URL: same scheme, host and port. What a repository says in .lfsconfig cannot lead it elsewhere.
 */
#pragma once

#include "importers/github/client.h"
#include "importers/http/url_parts.h"

typedef struct LfsEndpoint {
    char *url;             /* without credentials */
    char *user, *password; /* not encoded, secrets; each may be NULL */
} LfsEndpoint;

/* gitlab.yml's lfs.enabled, and the setting of the project, else of its group (Project#lfs_enabled?). */
gboolean lfs_enabled(Session *session, const Project *project, gboolean *enabled, GError **error);

/* *endpoint is NULL, without error, when the project has no LFS. LFS_ERROR_LIST when .lfsconfig makes no
 * sense. (transfer full) */
gboolean lfs_endpoint_find(Session *session, const Project *project, const GithubClient *github,
                           LfsEndpoint **endpoint, GError **error);
void lfs_endpoint_free(LfsEndpoint *endpoint);

/* The URL in the text of a .lfsconfig; NULL: it names none. Pure function. (transfer full) */
char *lfs_config_url(const char *text);
/* "Authorization: Basic ..."; NULL where both are NULL or empty. Pure function. (transfer full) */
char *lfs_basic_authorization(const char *user, const char *password);
/* A download link as it goes into a job: at the endpoint's own server with the endpoint's credentials, which
 * are a secret then. NULL: no http(s) URL. Pure function. (transfer full) */
char *lfs_endpoint_link(const LfsEndpoint *endpoint, const char *link);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(LfsEndpoint, lfs_endpoint_free)
