#include "importers/github/error.h"

#include "protocol/error_class.h"

/* GLib's extended errors carry the wait through g_propagate_error(), g_prefix_error() and g_error_copy(). */
typedef struct {
    double reset_in;
} GithubErrorDetailPrivate;

static void github_error_detail_private_init(GithubErrorDetailPrivate *detail)
{
    detail->reset_in = 1;
}

static void github_error_detail_private_copy(const GithubErrorDetailPrivate *from,
                                             GithubErrorDetailPrivate *to)
{
    *to = *from;
}

static void github_error_detail_private_clear(G_GNUC_UNUSED GithubErrorDetailPrivate *detail)
{
}

GQuark github_error_detail_quark(void);
G_DEFINE_EXTENDED_ERROR(GithubErrorDetail, github_error_detail)

static const char *github_error_class(int code)
{
    switch ((GithubErrorCode)code) {
    case GITHUB_ERROR_RATE_LIMIT:
        return "Gitlab::GithubImport::RateLimitError";
    case GITHUB_ERROR_UNAUTHORIZED:
        return "Octokit::Unauthorized";
    case GITHUB_ERROR_FORBIDDEN:
        return "Octokit::Forbidden";
    case GITHUB_ERROR_NOT_FOUND:
        return "Octokit::NotFound";
    case GITHUB_ERROR_GONE:
        return "Octokit::Deprecated";
    case GITHUB_ERROR_UNPROCESSABLE:
        return "Octokit::UnprocessableEntity";
    case GITHUB_ERROR_CLIENT:
        return "Octokit::ClientError";
    case GITHUB_ERROR_SERVER:
        return "Octokit::ServerError";
    case GITHUB_ERROR_CONNECTION:
        return "Faraday::ConnectionFailed";
    case GITHUB_ERROR_TIMEOUT:
        return "Faraday::TimeoutError";
    case GITHUB_ERROR_TLS:
        return "Faraday::SSLError";
    case GITHUB_ERROR_TOO_LARGE:
        return "Gitlab::Octokit::ResponseValidation::ResponseSizeTooLarge";
    case GITHUB_ERROR_BODY:
        return "JSON::ParserError";
    case GITHUB_ERROR_INVALID_URL:
        return "Gitlab::GithubImport::Client::InvalidURLError";
    case GITHUB_ERROR_INVALID_REPOSITORY:
        return "Octokit::InvalidRepository";
    case GITHUB_ERROR_BLOCKED_URL:
        return "Gitlab::HTTP_V2::UrlBlocker::BlockedUrlError";
    case GITHUB_ERROR_NO_TOKEN:
        return "StandardError";
    }
    return "StandardError";
}

GQuark github_error_quark(void)
{
    static gsize quark;
    if (g_once_init_enter(&quark)) {
        const char *name = g_quark_to_string(github_error_detail_quark());
        g_once_init_leave(&quark, error_domain_register(name, github_error_class));
    }
    return (GQuark)quark;
}

void github_set_rate_limit_error(GError **error, double reset_in, const char *message)
{
    g_autoptr(GError) limited = g_error_new_literal(GITHUB_ERROR, GITHUB_ERROR_RATE_LIMIT, message);
    github_error_detail_get_private(limited)->reset_in = MAX(reset_in, 1);
    g_propagate_error(error, g_steal_pointer(&limited));
}

double github_error_reset_in(const GError *error)
{
    if (error->domain != GITHUB_ERROR)
        return 1;
    return github_error_detail_get_private(error)->reset_in;
}
