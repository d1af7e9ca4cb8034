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

static const char *const CLASSES[] = {
    [GITHUB_ERROR_RATE_LIMIT] = "Gitlab::GithubImport::RateLimitError",
    [GITHUB_ERROR_BAD_REQUEST] = "Octokit::BadRequest",
    [GITHUB_ERROR_UNAUTHORIZED] = "Octokit::Unauthorized",
    [GITHUB_ERROR_ONE_TIME_PASSWORD_REQUIRED] = "Octokit::OneTimePasswordRequired",
    [GITHUB_ERROR_FORBIDDEN] = "Octokit::Forbidden",
    [GITHUB_ERROR_TOO_MANY_LOGIN_ATTEMPTS] = "Octokit::TooManyLoginAttempts",
    [GITHUB_ERROR_TOO_LARGE_CONTENT] = "Octokit::TooLargeContent",
    [GITHUB_ERROR_REPOSITORY_UNAVAILABLE] = "Octokit::RepositoryUnavailable",
    [GITHUB_ERROR_UNVERIFIED_EMAIL] = "Octokit::UnverifiedEmail",
    [GITHUB_ERROR_ACCOUNT_SUSPENDED] = "Octokit::AccountSuspended",
    [GITHUB_ERROR_BILLING_ISSUE] = "Octokit::BillingIssue",
    [GITHUB_ERROR_SAML_PROTECTED] = "Octokit::SAMLProtected",
    [GITHUB_ERROR_INSTALLATION_SUSPENDED] = "Octokit::InstallationSuspended",
    [GITHUB_ERROR_NOT_FOUND] = "Octokit::NotFound",
    [GITHUB_ERROR_BRANCH_NOT_PROTECTED] = "Octokit::BranchNotProtected",
    [GITHUB_ERROR_METHOD_NOT_ALLOWED] = "Octokit::MethodNotAllowed",
    [GITHUB_ERROR_NOT_ACCEPTABLE] = "Octokit::NotAcceptable",
    [GITHUB_ERROR_CONFLICT] = "Octokit::Conflict",
    [GITHUB_ERROR_DEPRECATED] = "Octokit::Deprecated",
    [GITHUB_ERROR_UNSUPPORTED_MEDIA_TYPE] = "Octokit::UnsupportedMediaType",
    [GITHUB_ERROR_UNPROCESSABLE] = "Octokit::UnprocessableEntity",
    [GITHUB_ERROR_UNAVAILABLE_FOR_LEGAL_REASONS] = "Octokit::UnavailableForLegalReasons",
    [GITHUB_ERROR_CLIENT] = "Octokit::ClientError",
    [GITHUB_ERROR_INTERNAL_SERVER] = "Octokit::InternalServerError",
    [GITHUB_ERROR_NOT_IMPLEMENTED] = "Octokit::NotImplemented",
    [GITHUB_ERROR_BAD_GATEWAY] = "Octokit::BadGateway",
    [GITHUB_ERROR_SERVICE_UNAVAILABLE] = "Octokit::ServiceUnavailable",
    [GITHUB_ERROR_SERVER] = "Octokit::ServerError",
    [GITHUB_ERROR_CONNECTION] = "Faraday::ConnectionFailed",
    [GITHUB_ERROR_TIMEOUT] = "Faraday::TimeoutError",
    [GITHUB_ERROR_TLS] = "Faraday::SSLError",
    [GITHUB_ERROR_TOO_LARGE] = "Gitlab::Octokit::ResponseValidation::ResponseSizeTooLarge",
    [GITHUB_ERROR_BODY] = "JSON::ParserError",
    [GITHUB_ERROR_INVALID_URL] = "Gitlab::GithubImport::Client::InvalidURLError",
    [GITHUB_ERROR_NO_TOKEN] = "StandardError",
    [GITHUB_ERROR_INVALID_REPOSITORY] = "Octokit::InvalidRepository",
    [GITHUB_ERROR_BLOCKED_URL] = "Gitlab::HTTP_V2::UrlBlocker::BlockedUrlError",
    [GITHUB_ERROR_GRAPHQL] = "Octokit::ClientError",
};

static const char *github_error_class(int code)
{
    return CLASSES[code];
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

gboolean github_error_is_server_error(const GError *error)
{
    return error->domain == GITHUB_ERROR && error->code >= GITHUB_ERROR_INTERNAL_SERVER &&
           error->code <= GITHUB_ERROR_SERVER;
}
