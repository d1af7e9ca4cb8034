/*
 * Where GitHub keeps files: "/_storage/..." under another name of this server's host (localhost for 127.0.0.1
 * and the other way round). Its addresses are signed and expire. Like S3 it refuses requests that bring
 * credentials of another kind, such as a token that was meant for GitHub.
 *
 *   /_storage/attachments/OWNER/NAME/K/FILE   the K-th attached file; K mod 4: 1 without Content-Length, 2
 * gzip
 *   /_storage/lfs/OWNER/NAME/OID              an LFS object that make_repository made
 */
#pragma once

#include "spec/fake_github/fake_github.h"

/* path: below /_storage/, may need escapes. (transfer full) */
char *storage_url(const FakeGithub *fake, const Request *request, const char *path);

/* The LFS object; NULL: the repository has none with this digest. (transfer full) */
GBytes *storage_lfs_object(const FakeGithub *fake, const Repository *repository, const char *oid);
/* (bytes: transfer full; transfer full) */
Response *storage_response(const char *content_type, GBytes *bytes);
