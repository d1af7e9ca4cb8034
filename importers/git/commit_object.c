#include "importers/git/commit_object.h"

#include "importers/git/error.h"

#include <string.h>

#define LATEST_TIME  ((gint64)1 << 53) /* Gitaly's maxUnixCommitDate */
#define LONGEST_TIME 20                /* digits */

static GitBytes cut(const char *start, const char *end)
{
    return (GitBytes){start, (gsize)(end - start)};
}

/* The first `separator` of `bytes`, or its end. */
static const char *find(GitBytes bytes, char separator)
{
    const char *found = memchr(bytes.start, separator, bytes.length);
    return found ? found : bytes.start + bytes.length;
}

/* If `line` is "NAME VALUE", its value. */
static gboolean header_value(GitBytes line, const char *name, GitBytes *value)
{
    gsize length = strlen(name);
    if (line.length <= length || memcmp(line.start, name, length) != 0 || line.start[length] != ' ')
        return FALSE;
    *value = (GitBytes){line.start + length + 1, line.length - length - 1};
    return TRUE;
}

static gboolean parse_id(GitBytes hex, git_oid *id)
{
    return hex.length == GIT_OID_HEXSZ && git_oid_fromstrn(id, hex.start, hex.length) == 0;
}

static void read_header(GitCommitObject *commit, GitBytes line)
{
    GitBytes value;
    git_oid id;
    if (header_value(line, "tree", &value))
        parse_id(value, &commit->tree);
    else if (header_value(line, "parent", &value) && parse_id(value, &id))
        g_array_append_val(commit->parents, id);
    else if (header_value(line, "author", &value))
        commit->author = value;
    else if (header_value(line, "committer", &value))
        commit->committer = value;
}

/* A number that ends the bytes or is followed by white space. */
static gboolean parse_number(GitBytes bytes, guint64 *number)
{
    char digits[LONGEST_TIME + 1] = "";
    gsize length = 0;
    while (length < bytes.length && !g_ascii_isspace(bytes.start[length]))
        length++;
    if (!length || length > LONGEST_TIME)
        return FALSE;
    memcpy(digits, bytes.start, length);
    return g_ascii_string_to_unsigned(digits, 10, 0, G_MAXUINT64, number, NULL);
}

static GitBytes without_leading_space(GitBytes bytes)
{
    while (bytes.length && g_ascii_isspace(*bytes.start)) {
        bytes.start++;
        bytes.length--;
    }
    return bytes;
}

/* What follows the last ">", as git's parse_commit_date() has it. */
static guint64 sorting_date(GitBytes committer)
{
    gsize end = committer.length;
    while (end && committer.start[end - 1] != '>')
        end--;
    guint64 date;
    GitBytes rest = {committer.start + end, committer.length - end};
    return end && parse_number(without_leading_space(rest), &date) ? date : 0;
}

static void parse(GitCommitObject *commit)
{
    GitBytes rest = {git_odb_object_data(commit->object), git_odb_object_size(commit->object)};
    const char *end = rest.start + rest.length;
    while (rest.length) {
        const char *line_end = find(rest, '\n');
        GitBytes line = cut(rest.start, line_end);
        rest = cut(line_end < end ? line_end + 1 : end, end);
        if (!line.length)
            break;
        read_header(commit, line);
    }
    commit->message = rest;
    commit->date = sorting_date(commit->committer);
}

gboolean git_commit_object_read(git_repository *repository, const git_oid *id, GitCommitObject *commit,
                                GError **error)
{
    *commit = (GitCommitObject){.author = {"", 0}, .committer = {"", 0}};
    g_autoptr(git_odb) odb = NULL;
    int result = git_repository_odb(&odb, repository);
    if (result == 0)
        result = git_odb_read(&commit->object, odb, id);
    if (result != 0)
        return git_fail(GIT_ERROR, GIT_ERROR_DOMAIN_STORAGE, "reading a commit", error);
    if (git_odb_object_type(commit->object) != GIT_OBJECT_COMMIT) {
        g_set_error(error, GIT_ERROR_DOMAIN, GIT_ERROR_DOMAIN_STORAGE, "%s is no commit",
                    git_oid_tostr_s(id));
        git_commit_object_clear(commit);
        return FALSE;
    }
    commit->parents = g_array_new(FALSE, FALSE, sizeof(git_oid));
    parse(commit);
    return TRUE;
}

gboolean git_commit_object_tree(git_repository *repository, const git_oid *id, git_oid *tree, GError **error)
{
    g_auto(GitCommitObject) commit = {0};
    if (!git_commit_object_read(repository, id, &commit, error))
        return FALSE;
    *tree = commit.tree;
    return TRUE;
}

void git_commit_object_clear(GitCommitObject *commit)
{
    g_clear_pointer(&commit->object, git_odb_object_free);
    g_clear_pointer(&commit->parents, g_array_unref);
}

GitSignature git_signature_of(GitBytes line)
{
    const char *end = line.start + line.length, *open = find(line, '<');
    GitSignature signature = {cut(line.start, open), {"", 0}, GIT_COMMIT_TIME_FALLBACK};
    if (signature.name.length && signature.name.start[signature.name.length - 1] == ' ')
        signature.name.length--;
    if (open == end)
        return signature;
    const char *close = find(cut(open + 1, end), '>');
    if (close == end)
        return signature;
    signature.email = cut(open + 1, close);
    guint64 seconds;
    if (parse_number(without_leading_space(cut(close + 1, end)), &seconds) && seconds <= LATEST_TIME)
        signature.time = (gint64)seconds;
    return signature;
}
