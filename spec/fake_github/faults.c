#include "spec/fake_github/faults.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "spec/fake_github/rate_limit.h"

struct Fault {
    json_t *description;
    GPatternSpec *pattern;
    guint64 seen; /* guarded by the list's lock */
    guint64 hits;
};

struct Faults {
    GMutex lock;
    GPtrArray *list;
};

G_DEFINE_QUARK(fake - github - faults - error, faults_error)

Faults *faults_new(void)
{
    Faults *faults = g_new0(Faults, 1);
    g_mutex_init(&faults->lock);
    faults->list = g_ptr_array_new_with_free_func((GDestroyNotify)fault_unref);
    return faults;
}

void faults_free(Faults *faults)
{
    g_ptr_array_unref(faults->list);
    g_mutex_clear(&faults->lock);
    g_free(faults);
}

static json_int_t number(const Fault *fault, const char *member, json_int_t fallback)
{
    const json_t *value = json_object_get(fault->description, member);
    return json_is_number(value) ? (json_int_t)json_number_value(value) : fallback;
}

static const char *text(const Fault *fault, const char *member)
{
    return json_string_value(json_object_get(fault->description, member));
}

static gboolean flag(const Fault *fault, const char *member)
{
    return json_is_true(json_object_get(fault->description, member));
}

static Fault *fault_new(const json_t *description, GError **error)
{
    const char *match = json_string_value(json_object_get(description, "match"));
    if (match == NULL) {
        g_set_error(error, FAULTS_ERROR, 0, "a fault needs a \"match\"");
        return NULL;
    }
    Fault *fault = g_atomic_rc_box_new0(Fault);
    fault->description = json_deep_copy(description);
    fault->pattern = g_pattern_spec_new(match);
    return fault;
}

static void fault_clear(gpointer data)
{
    Fault *fault = data;
    json_decref(fault->description);
    g_pattern_spec_free(fault->pattern);
}

Fault *fault_ref(Fault *fault)
{
    return g_atomic_rc_box_acquire(fault);
}

void fault_unref(Fault *fault)
{
    g_atomic_rc_box_release_full(fault, fault_clear);
}

static gboolean parse_into(GPtrArray *parsed, const json_t *description, GError **error)
{
    Fault *fault = fault_new(description, error);
    if (fault == NULL) {
        return FALSE;
    }
    g_ptr_array_add(parsed, fault);
    return TRUE;
}

static gpointer copy_fault(gconstpointer fault, gpointer data)
{
    (void)data;
    return fault_ref((Fault *)fault);
}

gboolean faults_add(Faults *faults, const json_t *descriptions, GError **error)
{
    g_autoptr(GPtrArray) parsed = g_ptr_array_new_with_free_func((GDestroyNotify)fault_unref);
    if (json_is_array(descriptions)) {
        size_t index = 0;
        json_t *description = NULL;
        json_array_foreach (descriptions, index, description) {
            if (!parse_into(parsed, description, error)) {
                return FALSE;
            }
        }
    } else if (!parse_into(parsed, descriptions, error)) {
        return FALSE;
    }
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&faults->lock);
    g_ptr_array_extend(faults->list, parsed, copy_fault, NULL);
    return TRUE;
}

void faults_remove_all(Faults *faults)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&faults->lock);
    g_ptr_array_set_size(faults->list, 0);
}

json_t *faults_list(Faults *faults)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&faults->lock);
    json_t *list = json_array();
    for (guint i = 0; i < faults->list->len; i++) {
        const Fault *fault = g_ptr_array_index(faults->list, i);
        json_t *entry = json_copy(fault->description);
        json_object_set_new(entry, "seen", json_integer((json_int_t)fault->seen));
        json_object_set_new(entry, "hits", json_integer((json_int_t)fault->hits));
        json_array_append_new(list, entry);
    }
    return list;
}

static gboolean matches(const Fault *fault, const Request *request, const char *path)
{
    const char *method = text(fault, "method");
    const char *query = text(fault, "query");
    return g_pattern_spec_match_string(fault->pattern, path) &&
           (method == NULL || strcmp(method, request->method) == 0) &&
           (query == NULL || strstr(request->query, query) != NULL);
}

/* The n-th matching request is always or never chosen for a given seed. */
static gboolean is_chosen(const Fault *fault, guint64 nth)
{
    const json_t *percent = json_object_get(fault->description, "percent");
    if (!json_is_number(percent)) {
        return TRUE;
    }
    guint64 value = (nth + (guint64)number(fault, "seed", 1) * 0x9e3779b97f4a7c15u) * 0xbf58476d1ce4e5b9u;
    value = (value ^ (value >> 29)) * 0x94d049bb133111ebu;
    return (double)((value ^ (value >> 32)) % 10000) < json_number_value(percent) * 100;
}

/* Called with the list's lock held. */
static gboolean hits(Fault *fault, const Request *request, const char *path)
{
    if (!matches(fault, request, path)) {
        return FALSE;
    }
    guint64 nth = ++fault->seen;
    json_int_t times = number(fault, "times", G_MAXINT64);
    if (nth <= (guint64)number(fault, "skip", 0) || fault->hits >= (guint64)times || !is_chosen(fault, nth)) {
        return FALSE;
    }
    fault->hits++;
    return TRUE;
}

Fault *faults_pick(Faults *faults, const Request *request, const char *path)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&faults->lock);
    for (guint i = 0; i < faults->list->len; i++) {
        Fault *fault = g_ptr_array_index(faults->list, i);
        if (hits(fault, request, path)) {
            return fault_ref(fault);
        }
    }
    return NULL;
}

/* Connecting an established socket to nowhere makes Linux send RST; closing it would send FIN. */
static void reset_connection(const Request *request)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(request->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct sockaddr nowhere = {.sa_family = AF_UNSPEC};
    if (info != NULL && connect(info->connect_fd, &nowhere, sizeof nowhere) != 0) {
        g_warning("cannot reset the connection: %s", g_strerror(errno));
    }
}

gboolean fault_strike(const Fault *fault, const Request *request, Pause *pause)
{
    json_int_t delay = number(fault, "delay_ms", 0);
    json_int_t hang = number(fault, "hang", 0);
    if (delay > 0 && !pause_wait(pause, (guint64)delay)) {
        return FALSE;
    }
    if (hang > 0) {
        pause_wait(pause, (guint64)hang * 1000);
        return FALSE;
    }
    if (flag(fault, "reset")) {
        reset_connection(request);
        return FALSE;
    }
    return TRUE;
}

static Response *redirect_response(const Fault *fault, const Request *request, const char *target)
{
    g_autofree char *url =
        g_str_has_prefix(target, "/") ? g_strconcat(request->base_url, target, NULL) : g_strdup(target);
    guint status = (guint)number(fault, "status", MHD_HTTP_MOVED_PERMANENTLY);
    Response *response =
        response_new_json(status, json_pack("{s:s, s:s}", "message", "Moved Permanently", "url", url));
    response_set_header(response, MHD_HTTP_HEADER_LOCATION, url);
    return response;
}

static Response *secondary_limit_response(const Fault *fault)
{
    Response *response = response_new_message(
        (guint)number(fault, "status", MHD_HTTP_FORBIDDEN),
        "You have exceeded a secondary rate limit. Please wait a few minutes before you try again. If you "
        "reach out to GitHub Support for help, please include the request ID.");
    response_set_header_number(response, MHD_HTTP_HEADER_RETRY_AFTER, number(fault, "retry_after", 60));
    return response;
}

static Response *stated_response(const Fault *fault)
{
    guint status = (guint)number(fault, "status", 0);
    const char *message = text(fault, "message");
    const json_t *body = json_object_get(fault->description, "body");
    if (status == 0) {
        return NULL;
    }
    if (json_is_string(body)) {
        return response_new_text(status, json_string_value(body));
    }
    if (body != NULL) {
        return response_new_json(status, json_incref((json_t *)body));
    }
    return response_new_message(status, message != NULL ? message : "Server Error");
}

static Response *base_response(const Fault *fault, const Request *request)
{
    const char *rate_limit = text(fault, "rate_limit");
    const char *redirect = text(fault, "redirect");
    if (g_strcmp0(rate_limit, "primary") == 0) {
        gint64 now = g_get_real_time() / G_USEC_PER_SEC;
        return rate_limit_exceeded(5000, now + number(fault, "reset_in", 3600));
    }
    if (g_strcmp0(rate_limit, "secondary") == 0) {
        return secondary_limit_response(fault);
    }
    return redirect != NULL ? redirect_response(fault, request, redirect) : stated_response(fault);
}

Response *fault_response(const Fault *fault, const Request *request)
{
    Response *response = base_response(fault, request);
    const char *name = NULL;
    json_t *value = NULL;
    json_object_foreach (json_object_get(fault->description, "headers"), name, value) {
        if (response != NULL && json_is_string(value)) {
            response_set_header(response, name, json_string_value(value));
        }
    }
    return response;
}

void fault_distort(const Fault *fault, Response *response)
{
    json_int_t truncate = number(fault, "truncate", -1);
    if (truncate >= 0) {
        response_truncate(response, (gsize)truncate);
    }
    if (flag(fault, "broken_json")) {
        response_break_json(response);
    }
}
