/*
 * Gitlab::ExclusiveLease and its helper in_lock (lib/gitlab/exclusive_lease.rb, exclusive_lease_helpers.rb):
 * a lock with an expiry, shared with the Ruby processes. In the shared-state Redis.
 */
#pragma once

#include "importers/gitlab/session.h"

#define EXCLUSIVE_LEASE_ERROR (exclusive_lease_error_quark())
GQuark exclusive_lease_error_quark(void);
typedef enum {
    EXCLUSIVE_LEASE_ERROR_TAKEN, /* Gitlab::ExclusiveLeaseHelpers::FailedToObtainLockError */
} ExclusiveLeaseError;

typedef struct ExclusiveLease ExclusiveLease;

typedef struct LeaseTerms {
    guint expiry;  /* seconds */
    guint retries; /* after the first attempt */
    guint pause;   /* milliseconds between attempts */
} LeaseTerms;

/*
 * Waits as the terms say; a stopping process waits no longer (JOB_ERROR_INTERRUPTED). *waited (may be NULL)
 * tells whether somebody else held it, so that what is protected may have been done meanwhile. Freeing the
 * lease gives it back. (transfer full)
 */
ExclusiveLease *exclusive_lease_obtain(Session *session, const char *key, const LeaseTerms *terms,
                                       gboolean *waited, GError **error);
void exclusive_lease_free(ExclusiveLease *lease);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(ExclusiveLease, exclusive_lease_free)
