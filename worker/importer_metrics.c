#include "worker/importer_metrics.h"

#include "importers/github/github_metrics.h"
#include "importers/import_metrics.h"
#include "worker/metrics_text.h"

static void single(GString *text, const char *name, const char *type, const char *help, double value)
{
    metrics_text_family(text, name, type, help);
    metrics_text_sample(text, name, "", "", value);
}

void importer_metrics_render(GString *text)
{
    import_metrics_render(text);
    GithubMetrics github;
    github_metrics_read(&github);
    single(text, "github_importer_request_count", "counter", "Requests sent to GitHub",
           (double)github.requests);
    single(text, "github_importer_rate_limit_hits", "counter", "Calls refused because of GitHub's rate limit",
           (double)github.rate_limit_hits);
    single(text, "hubferry_github_not_modified_total", "counter", "Answers 304, which cost nothing",
           (double)github.not_modified);
    if (github.limit < 0)
        return;
    single(text, "hubferry_github_rate_limit", "gauge", "Requests that GitHub allows in the current window",
           (double)github.limit);
    single(text, "hubferry_github_rate_limit_remaining", "gauge", "Requests left in it",
           (double)github.remaining);
    single(text, "hubferry_github_rate_limit_reset_timestamp_seconds", "gauge", "When it ends",
           (double)github.reset);
}
