#include "spec/fake_github/journal.h"

#include "spec/fake_github/access.h"

enum { KEPT_REQUESTS = 1000 };

struct Journal {
    GMutex lock;
    const Options *options;
    json_t *requests; /* "METHOD PATTERN" -> count */
    json_t *statuses; /* "200" -> count */
    json_t *files;    /* path -> count */
    GQueue *latest;   /* of json_t */
    guint64 total;
    guint64 faults;
    guint64 bytes_received;
    guint64 bytes_sent; /* atomic, not under the lock */
};

static void decref(gpointer json)
{
    json_decref(json);
}

Journal *journal_new(const Options *options)
{
    Journal *journal = g_new0(Journal, 1);
    g_mutex_init(&journal->lock);
    journal->options = options;
    journal->requests = json_object();
    journal->statuses = json_object();
    journal->files = json_object();
    journal->latest = g_queue_new();
    return journal;
}

void journal_free(Journal *journal)
{
    json_decref(journal->requests);
    json_decref(journal->statuses);
    json_decref(journal->files);
    g_queue_free_full(journal->latest, decref);
    g_mutex_clear(&journal->lock);
    g_free(journal);
}

static void increment(json_t *counters, const char *name)
{
    json_int_t count = json_integer_value(json_object_get(counters, name));
    json_object_set_new(counters, name, json_integer(count + 1));
}

typedef struct {
    const Options *options;
    const Request *request;
    json_t *headers;
} HeaderCopy;

static enum MHD_Result copy_header(void *data, enum MHD_ValueKind kind, const char *name, const char *value)
{
    (void)kind;
    const HeaderCopy *copy = data;
    if (g_ascii_strcasecmp(name, MHD_HTTP_HEADER_AUTHORIZATION) == 0) {
        g_autofree char *masked = access_masked(copy->options, copy->request);
        json_object_set_new(copy->headers, name, json_string(masked));
    } else {
        json_object_set_new(copy->headers, name, json_string(value != NULL ? value : ""));
    }
    return MHD_YES;
}

static json_t *describe_request(const Journal *journal, const Request *request, guint status, gboolean faulty)
{
    HeaderCopy copy = {journal->options, request, json_object()};
    MHD_get_connection_values(request->connection, MHD_HEADER_KIND, copy_header, &copy);
    return json_pack("{s:s, s:s, s:s, s:o, s:i, s:b}", "method", request->method, "path", request->path,
                     "query", request->query, "headers", copy.headers, "status", (int)status, "fault",
                     faulty);
}

void journal_record(Journal *journal, const Request *request, const char *pattern, guint status,
                    gboolean faulty, gboolean is_file)
{
    json_t *entry = describe_request(journal, request, status, faulty);
    g_autofree char *name = g_strdup_printf("%s %s", request->method, pattern);
    g_autofree char *status_name = g_strdup_printf("%u", status);
    if (journal->options->verbose) {
        g_printerr("%s %s%s%s %u\n", request->method, request->path, *request->query != '\0' ? "?" : "",
                   request->query, status);
    }

    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&journal->lock);
    increment(journal->requests, name);
    increment(journal->statuses, status_name);
    if (is_file) {
        increment(journal->files, request->path);
    }
    journal->total++;
    journal->faults += faulty ? 1 : 0;
    journal->bytes_received += request->body_bytes;
    g_queue_push_tail(journal->latest, entry);
    if (g_queue_get_length(journal->latest) > KEPT_REQUESTS) {
        json_decref(g_queue_pop_head(journal->latest));
    }
}

guint64 *journal_bytes_sent(Journal *journal)
{
    return &journal->bytes_sent;
}

json_t *journal_counters(Journal *journal)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&journal->lock);
    guint64 bytes_sent = __atomic_load_n(&journal->bytes_sent, __ATOMIC_RELAXED);
    json_int_t not_modified = json_integer_value(json_object_get(journal->statuses, "304"));
    return json_pack("{s:o, s:o, s:I, s:I, s:I, s:I, s:I}", "requests", json_copy(journal->requests),
                     "statuses", json_copy(journal->statuses), "total", (json_int_t)journal->total,
                     "not_modified", not_modified, "faults", (json_int_t)journal->faults, "bytes_sent",
                     (json_int_t)bytes_sent, "bytes_received", (json_int_t)journal->bytes_received);
}

json_t *journal_files(Journal *journal)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&journal->lock);
    return json_copy(journal->files);
}

json_t *journal_requests(Journal *journal, guint count)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&journal->lock);
    json_t *requests = json_array();
    guint length = g_queue_get_length(journal->latest);
    const GList *link = g_queue_peek_nth_link(journal->latest, length - MIN(count, length));
    for (; link != NULL; link = link->next) {
        json_array_append(requests, link->data);
    }
    return requests;
}

void journal_reset(Journal *journal)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&journal->lock);
    json_object_clear(journal->requests);
    json_object_clear(journal->statuses);
    json_object_clear(journal->files);
    g_queue_clear_full(journal->latest, decref);
    journal->total = 0;
    journal->faults = 0;
    journal->bytes_received = 0;
    __atomic_store_n(&journal->bytes_sent, 0, __ATOMIC_RELAXED);
}
