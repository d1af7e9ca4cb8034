/*
 * A mutex held for the rest of a block: g_auto(MutexHold) hold = mutex_hold(&manager->mutex);
 *
 * The worker's core uses POSIX mutexes and conditions, not GLib's: ThreadSanitizer follows those, and a
 * condition can wait on the monotonic clock.
 */
#pragma once

#include <glib.h>
#include <pthread.h>

typedef pthread_mutex_t *MutexHold;

static inline MutexHold mutex_hold(pthread_mutex_t *mutex)
{
    pthread_mutex_lock(mutex);
    return mutex;
}

static inline void mutex_release(MutexHold mutex)
{
    pthread_mutex_unlock(mutex);
}

G_DEFINE_AUTO_CLEANUP_FREE_FUNC(MutexHold, mutex_release, NULL)
