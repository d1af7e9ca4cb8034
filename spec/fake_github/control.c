/* The control API: what a test sets and reads while the server runs. */

#include <string.h>

#include "spec/fake_github/attached_files.h"
#include "spec/fake_github/counts.h"
#include "spec/fake_github/dump.h"
#include "spec/fake_github/fake_github.h"
#include "spec/fake_github/late_commits.h"

typedef Response *(*ControlHandler)(FakeGithub *fake, Request *request, const json_t *body);

typedef struct {
    const char *method;
    const char *path;
    ControlHandler handle;
} ControlEntry;

static Response *refuse(const char *message)
{
    return response_new_json(MHD_HTTP_BAD_REQUEST, json_pack("{s:s}", "message", message));
}

static Response *done(void)
{
    return response_new_json(MHD_HTTP_OK, json_pack("{s:b}", "ok", TRUE));
}

static Response *add_faults(FakeGithub *fake, Request *request, const json_t *body)
{
    (void)request;
    g_autoptr(GError) error = NULL;
    return faults_add(fake->faults, body, &error) ? done() : refuse(error->message);
}

static Response *list_faults(FakeGithub *fake, Request *request, const json_t *body)
{
    (void)request;
    (void)body;
    return response_new_json(MHD_HTTP_OK, faults_list(fake->faults));
}

static Response *remove_faults(FakeGithub *fake, Request *request, const json_t *body)
{
    (void)request;
    (void)body;
    faults_remove_all(fake->faults);
    return done();
}

static Response *show_counters(FakeGithub *fake, Request *request, const json_t *body)
{
    (void)request;
    (void)body;
    return response_new_json(MHD_HTTP_OK, journal_counters(fake->journal));
}

static Response *show_requests(FakeGithub *fake, Request *request, const json_t *body)
{
    (void)body;
    guint count = request_positive_parameter(request, "last", G_MAXUINT);
    return response_new_json(MHD_HTTP_OK, journal_requests(fake->journal, count));
}

static Response *show_files(FakeGithub *fake, Request *request, const json_t *body)
{
    (void)request;
    (void)body;
    return response_new_json(MHD_HTTP_OK, journal_files(fake->journal));
}

static Response *show_rate_limit(FakeGithub *fake, Request *request, const json_t *body)
{
    (void)request;
    (void)body;
    return response_new_json(MHD_HTTP_OK, rate_limit_overview(fake->rate_limit));
}

static Response *set_rate_limit(FakeGithub *fake, Request *request, const json_t *body)
{
    (void)request;
    rate_limit_set(fake->rate_limit, body);
    return done();
}

/* (transfer full) NULL: the query names none that there is. */
static Repository *repository_of_query(FakeGithub *fake, const Request *request)
{
    gboolean renamed = FALSE;
    const char *full_name = request_parameter(request, "repository");
    return full_name != NULL ? data_set_repository(fake->data, full_name, &renamed) : NULL;
}

static Response *show_counts(FakeGithub *fake, Request *request, const json_t *body)
{
    (void)body;
    g_autoptr(Repository) repository = repository_of_query(fake, request);
    return repository != NULL ? response_new_json(MHD_HTTP_OK, counts_of_repository(repository))
                              : refuse("there is no such repository");
}

static Response *show_dump(FakeGithub *fake, Request *request, const json_t *body)
{
    (void)body;
    g_autoptr(Repository) repository = repository_of_query(fake, request);
    return response_new_json(MHD_HTTP_OK,
                             repository != NULL ? dump_repository(repository) : data_set_dump(fake->data));
}

static json_t *describe_attachment(const Repository *repository, guint ordinal)
{
    const Generator *generator = repository_generator(repository);
    g_autoptr(AttachedFile) file = attached_file_new(generator, ordinal);
    g_autofree char *path = attached_file_path(file, repository_full_name(repository));
    g_autoptr(GBytes) content = g_string_free_to_bytes(attached_file_content(generator, file));
    g_autofree char *digest = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, content);
    return json_pack("{s:s, s:s, s:s, s:I, s:s}", "path", path, "stored_name", file->stored_name,
                     "content_type", file->content_type, "size", (json_int_t)g_bytes_get_size(content),
                     "sha256", digest);
}

static Response *show_attachments(FakeGithub *fake, Request *request, const json_t *body)
{
    (void)body;
    g_autoptr(Repository) repository = repository_of_query(fake, request);
    const Generator *generator = repository != NULL ? repository_generator(repository) : NULL;
    if (generator == NULL) {
        return refuse("there is no such repository");
    }
    json_t *attachments = json_array();
    for (guint ordinal = 1; ordinal <= generator->attachments; ordinal++) {
        json_array_append_new(attachments, describe_attachment(repository, ordinal));
    }
    return response_new_json(MHD_HTTP_OK, attachments);
}

static Response *put_repository(FakeGithub *fake, Request *request, const json_t *body)
{
    (void)request;
    g_autoptr(GError) error = NULL;
    return data_set_put(fake->data, body, &error) ? done() : refuse(error->message);
}

/* (transfer full) NULL: the body names none that there is. */
static Repository *named_repository(FakeGithub *fake, const json_t *body)
{
    gboolean renamed = FALSE;
    const char *full_name = json_string_value(json_object_get(body, "repository"));
    return full_name != NULL ? data_set_repository(fake->data, full_name, &renamed) : NULL;
}

static Response *publish(FakeGithub *fake, Request *request, const json_t *body)
{
    (void)request;
    g_autoptr(GError) error = NULL;
    g_autoptr(Repository) repository = named_repository(fake, body);
    if (repository == NULL) {
        return refuse("there is no such repository");
    }
    return late_commits_publish(fake->options->git_root, repository_full_name(repository), &error)
               ? done()
               : refuse(error->message);
}

static Response *set_status(FakeGithub *fake, Request *request, const json_t *body)
{
    (void)request;
    g_autoptr(Repository) repository = named_repository(fake, body);
    if (repository == NULL) {
        return refuse("there is no such repository");
    }
    repository_set_status(repository, (guint)json_integer_value(json_object_get(body, "status")));
    return done();
}

static Response *reset(FakeGithub *fake, Request *request, const json_t *body)
{
    (void)request;
    (void)body;
    faults_remove_all(fake->faults);
    journal_reset(fake->journal);
    rate_limit_reset(fake->rate_limit);
    data_set_reset_statuses(fake->data);
    return done();
}

static const ControlEntry ENTRIES[] = {
    {"POST", "faults", add_faults},
    {"GET", "faults", list_faults},
    {"DELETE", "faults", remove_faults},
    {"GET", "counters", show_counters},
    {"GET", "requests", show_requests},
    {"GET", "rate_limit", show_rate_limit},
    {"POST", "rate_limit", set_rate_limit},
    {"POST", "repositories", put_repository},
    {"POST", "status", set_status},
    {"POST", "reset", reset},
    {"GET", "counts", show_counts},
    {"GET", "dump", show_dump},
    {"POST", "publish", publish},
    {"GET", "files", show_files},
    {"GET", "attachments", show_attachments},
};

static const ControlEntry *find_entry(const char *method, const char *path)
{
    for (gsize i = 0; i < G_N_ELEMENTS(ENTRIES); i++) {
        if (strcmp(ENTRIES[i].method, method) == 0 && strcmp(ENTRIES[i].path, path) == 0) {
            return &ENTRIES[i];
        }
    }
    return NULL;
}

static Response *handle(FakeGithub *fake, Request *request, const Route *route)
{
    if (!request_is_local(request)) {
        return response_new_json(MHD_HTTP_FORBIDDEN, json_pack("{s:s}", "message", "only from this machine"));
    }
    const ControlEntry *entry = find_entry(request->method, route->subpath);
    if (entry == NULL) {
        return response_new_json(MHD_HTTP_NOT_FOUND, json_pack("{s:s}", "message", "no such control"));
    }
    json_auto_t *body = request->body_fd >= 0 ? json_loadfd(request->body_fd, 0, NULL) : NULL;
    if (body == NULL && request->body_bytes > 0) {
        return refuse("the body is not JSON");
    }
    return entry->handle(fake, request, body);
}

gboolean control_resolve(FakeGithub *fake, const Request *request, Route *route)
{
    (void)fake;
    if (!g_str_has_prefix(request->path, "/__control/")) {
        return FALSE;
    }
    route->is_control = TRUE;
    route->handle = handle;
    route->subpath = g_strdup(request->path + strlen("/__control/"));
    return TRUE;
}
