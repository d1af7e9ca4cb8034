#include "importers/lfs/lfs_pointers.h"

#include "importers/git/error.h"

#include <string.h>

#define MAX_POINTER                                                                                          \
    200 /* bytes; lfsPointerMaxSize in Gitaly's internal/gitaly/service/blob/lfs_pointers.go */
#define VERSION    "version https://git-lfs.github.com/spec"
#define OID        "oid sha256:"
#define SIZE       "size "
#define OID_DIGITS 64

/* --- one blob; internal/git/lfs.go --- */

static gboolean parse_oid(const char *line, char *oid)
{
    const char *digits = line + strlen(OID);
    if (!g_str_has_prefix(line, OID) || strspn(digits, "0123456789abcdef") != OID_DIGITS ||
        strlen(digits) != OID_DIGITS)
        return FALSE;
    g_strlcpy(oid, digits, OID_DIGITS + 1);
    return TRUE;
}

/* No server, and no bigint of PostgreSQL, has a larger number. */
static gboolean parse_size(const char *line, guint64 *size)
{
    return g_str_has_prefix(line, SIZE) &&
           g_ascii_string_to_unsigned(line + strlen(SIZE), 10, 0, G_MAXINT64, size, NULL);
}

gboolean lfs_pointer_parse(const char *blob, gsize length, LfsPointer *pointer)
{
    gboolean has_oid = FALSE, has_size = FALSE;
    if (length > MAX_POINTER)
        return FALSE;
    g_autofree char *text = g_strndup(blob, length);
    if (!g_str_has_prefix(text, VERSION))
        return FALSE;
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++) {
        has_oid = has_oid || parse_oid(*line, pointer->oid);
        has_size = has_size || parse_size(*line, &pointer->size);
    }
    return has_oid && has_size;
}

/* --- all blobs of a repository --- */

typedef struct Scan {
    Session *session;
    git_odb *odb;
    GArray *pointers;
    GError *error;
} Scan;

/* An object that git has packed away or pruned meanwhile is met elsewhere, or nowhere. */
static int fail(Scan *scan, int result)
{
    if (result == GIT_ENOTFOUND)
        return 0;
    git_fail(result, GIT_ERROR_DOMAIN_STORAGE, "looking for LFS pointers", &scan->error);
    return GIT_EUSER;
}

static int visit(const git_oid *id, void *data)
{
    Scan *scan = data;
    g_autoptr(git_odb_object) object = NULL;
    git_object_t type;
    size_t size;
    LfsPointer pointer = {0};
    if (!session_check_stopping(scan->session, &scan->error))
        return GIT_EUSER;
    int result = git_odb_read_header(&size, &type, scan->odb, id);
    if (result < 0)
        return fail(scan, result);
    if (type != GIT_OBJECT_BLOB || size > MAX_POINTER)
        return 0;
    result = git_odb_read(&object, scan->odb, id);
    if (result < 0)
        return fail(scan, result);
    if (lfs_pointer_parse(git_odb_object_data(object), git_odb_object_size(object), &pointer))
        g_array_append_val(scan->pointers, pointer);
    return 0;
}

static int compare(gconstpointer a, gconstpointer b)
{
    const LfsPointer *one = a, *other = b;
    int by_oid = strcmp(one->oid, other->oid);
    return by_oid ? by_oid : (one->size > other->size) - (one->size < other->size);
}

/* Of two pointers that disagree about an object's size the same one always wins. */
static void sort_and_unite(GArray *pointers)
{
    guint kept = 0;
    g_array_sort(pointers, compare);
    for (guint i = 0; i < pointers->len; i++) {
        const LfsPointer *pointer = &g_array_index(pointers, LfsPointer, i);
        if (kept == 0 || strcmp(g_array_index(pointers, LfsPointer, kept - 1).oid, pointer->oid) != 0)
            g_array_index(pointers, LfsPointer, kept++) = *pointer;
    }
    g_array_set_size(pointers, kept);
}

GArray *lfs_pointers_list(Session *session, git_repository *repository, GError **error)
{
    g_autoptr(GArray) pointers = g_array_new(FALSE, FALSE, sizeof(LfsPointer));
    g_autoptr(git_odb) odb = NULL;
    Scan scan = {.session = session, .pointers = pointers};
    int result = git_repository_odb(&odb, repository);
    scan.odb = odb;
    if (result == 0)
        result = git_odb_foreach(odb, visit, &scan);
    if (result < 0 && !scan.error)
        git_fail(result, GIT_ERROR_DOMAIN_STORAGE, "looking for LFS pointers", &scan.error);
    if (scan.error) {
        g_propagate_error(error, scan.error);
        return NULL;
    }
    sort_and_unite(pointers);
    return g_steal_pointer(&pointers);
}
