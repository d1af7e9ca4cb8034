#include "importers/git/error.h"

#include "protocol/error_class.h"

#include <git2.h>
#include <string.h>

static const char *git_error_domain_class(int code)
{
    return code == GIT_ERROR_DOMAIN_NOT_FOUND ? "Gitlab::Git::Repository::NoRepository"
                                              : "Gitlab::Git::CommandError";
}

DEFINE_ERROR_DOMAIN(git_error_domain, git_error_domain_class)

static GitErrorDomain code_of(int result, const char *message, GitErrorDomain otherwise)
{
    /* "not exported" is what GitHub answers for a wiki without pages. */
    if (result == GIT_ENOTFOUND || strstr(message, "status code: 404") ||
        strstr(message, "repository not exported"))
        return GIT_ERROR_DOMAIN_NOT_FOUND;
    if (result == GIT_EAUTH || strstr(message, "status code: 401"))
        return GIT_ERROR_DOMAIN_AUTHENTICATION;
    return otherwise;
}

gboolean git_fail(int result, GitErrorDomain otherwise, const char *action, GError **error)
{
    const git_error *last = git_error_last();
    const char *message = last && last->message ? last->message : "unknown error";
    g_autofree char *valid = g_utf8_make_valid(message, -1);
    g_set_error(error, GIT_ERROR_DOMAIN, code_of(result, valid, otherwise), "%s: %s", action, valid);
    return FALSE;
}
