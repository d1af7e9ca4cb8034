#include "importers/git/object_id.h"

#include <string.h>

guint object_id_hash(gconstpointer id)
{
    guint hash;
    memcpy(&hash, ((const git_oid *)id)->id, sizeof(hash));
    return hash;
}

gboolean object_id_equal(gconstpointer a, gconstpointer b)
{
    return git_oid_equal(a, b);
}

gboolean object_id_parse(const char *sha, git_oid *id)
{
    return sha && strlen(sha) == GIT_OID_HEXSZ && git_oid_fromstr(id, sha) == 0;
}
