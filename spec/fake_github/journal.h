/*
 * What was asked: counters since the start or the last reset, and the last 1000 requests.
 * An answer is recorded before it is sent, so a client that has its answer also finds it here.
 * Thread-safe.
 */
#pragma once

#include <glib.h>
#include <jansson.h>

#include "spec/fake_github/options.h"
#include "spec/fake_github/request.h"

typedef struct Journal Journal;

/* options: borrowed; tells accepted tokens from others. */
Journal *journal_new(const Options *options);
void journal_free(Journal *journal);

/* pattern: for the counters. status: 0 when the connection was cut. faulty: a fault made the answer. is_file:
 * its address is counted by itself too. */
void journal_record(Journal *journal, const Request *request, const char *pattern, guint status,
                    gboolean faulty, gboolean is_file);

/* Where response_send() counts body bytes. */
guint64 *journal_bytes_sent(Journal *journal);

/* {"requests": {"GET /repos/:owner/:repo/labels": 3}, "statuses": {"200": 3}, "total", "not_modified",
 *  "faults", "bytes_sent", "bytes_received"} (transfer full) */
json_t *journal_counters(Journal *journal);
/* How often each file was asked for: {"/user-attachments/assets/UUID": 1}. (transfer full) */
json_t *journal_files(Journal *journal);
/* The last requests, oldest first: method, path, query, headers, status, fault. Secrets are masked.
 * (transfer full) */
json_t *journal_requests(Journal *journal, guint count);
void journal_reset(Journal *journal);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Journal, journal_free)
