/*
 * Faults that the control API asks for. Thread-safe.
 *
 * A fault is a JSON object. Which requests:
 *   match     path without /api/v3 and with /repos/OWNER/NAME for /repositories/ID; '*' is any text
 *   method    GET, POST, ...; default all
 *   query     text that the query must contain
 *   skip      let so many matching requests pass first
 *   times     end after so many hits; default: stays until removed
 *   percent   hit so many of 100 matching requests, chosen by "seed": the same in every run
 * What happens:
 *   delay_ms              wait, then go on with the rest of this list
 *   hang                  wait so many seconds, then close the connection without an answer
 *   reset                 true: reset the TCP connection
 *   status, message, body, headers   answer this
 *   redirect              answer 301 (or status) to this path or URL
 *   rate_limit            "primary" (with reset_in) or "secondary" (403 or status, with retry_after)
 *   truncate              announce the whole body, send so many bytes, close the connection
 *   broken_json           true: a complete answer whose JSON ends in the middle
 * The first fault in the list that hits is the one that happens.
 */
#pragma once

#include <glib.h>
#include <jansson.h>

#include "spec/fake_github/pause.h"
#include "spec/fake_github/request.h"
#include "spec/fake_github/response.h"

typedef struct Faults Faults;
typedef struct Fault Fault;

#define FAULTS_ERROR (faults_error_quark())
GQuark faults_error_quark(void);

Faults *faults_new(void);
void faults_free(Faults *faults);

/* descriptions: one fault or an array of them; all or none are added. */
gboolean faults_add(Faults *faults, const json_t *descriptions, GError **error);
void faults_remove_all(Faults *faults);
/* Each fault with the members "seen" and "hits". (transfer full) */
json_t *faults_list(Faults *faults);

/* The fault that hits this request, or NULL. path: as "match" sees it. (transfer full) */
Fault *faults_pick(Faults *faults, const Request *request, const char *path);

Fault *fault_ref(Fault *fault);
void fault_unref(Fault *fault);

/* Delays and cuts. FALSE: close the connection without an answer. */
gboolean fault_strike(const Fault *fault, const Request *request, Pause *pause);
/* The answer in place of the real one; NULL: the real one. (transfer full) */
Response *fault_response(const Fault *fault, const Request *request);
void fault_distort(const Fault *fault, Response *response);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Faults, faults_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Fault, fault_unref)
