#include "worker/service_thread.h"

#include "worker/mutex.h"
#include "worker/thread.h"

#include <errno.h>
#include <math.h>
#include <time.h>

struct ServiceThread {
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    gboolean stopping, woken, ended; /* under `mutex` */
    void (*body)(ServiceThread *thread, gpointer user_data);
    gpointer user_data;
};

static struct timespec from_now(double seconds)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    double whole = floor(seconds);
    time.tv_sec += (time_t)whole;
    time.tv_nsec += (long)((seconds - whole) * 1e9);
    if (time.tv_nsec >= 1000000000L) {
        time.tv_sec++;
        time.tv_nsec -= 1000000000L;
    }
    return time;
}

static void *run(void *data)
{
    ServiceThread *thread = data;
    thread->body(thread, thread->user_data);
    g_auto(MutexHold) hold = mutex_hold(&thread->mutex);
    thread->ended = TRUE;
    pthread_cond_broadcast(&thread->changed);
    return NULL;
}

ServiceThread *service_thread_start(const char *name, void (*body)(ServiceThread *thread, gpointer user_data),
                                    gpointer user_data)
{
    ServiceThread *thread = g_new0(ServiceThread, 1);
    thread->body = body;
    thread->user_data = user_data;
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&thread->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&thread->mutex, NULL);
    thread->thread = thread_start(name, run, thread);
    return thread;
}

gboolean service_thread_sleep(ServiceThread *thread, double seconds)
{
    struct timespec until = from_now(MAX(seconds, 0));
    g_auto(MutexHold) hold = mutex_hold(&thread->mutex);
    while (!thread->stopping && !thread->woken) {
        if (pthread_cond_timedwait(&thread->changed, &thread->mutex, &until) == ETIMEDOUT)
            break;
    }
    thread->woken = FALSE;
    return !thread->stopping;
}

void service_thread_wake(ServiceThread *thread)
{
    g_auto(MutexHold) hold = mutex_hold(&thread->mutex);
    thread->woken = TRUE;
    pthread_cond_broadcast(&thread->changed);
}

void service_thread_ask_to_stop(ServiceThread *thread)
{
    g_auto(MutexHold) hold = mutex_hold(&thread->mutex);
    thread->stopping = TRUE;
    pthread_cond_broadcast(&thread->changed);
}

static gboolean wait_for_end(ServiceThread *thread, double seconds)
{
    struct timespec until = from_now(seconds);
    g_auto(MutexHold) hold = mutex_hold(&thread->mutex);
    while (!thread->ended) {
        if (pthread_cond_timedwait(&thread->changed, &thread->mutex, &until) == ETIMEDOUT)
            break;
    }
    return thread->ended;
}

gboolean service_thread_stop(ServiceThread *thread, double seconds)
{
    service_thread_ask_to_stop(thread);
    if (!wait_for_end(thread, seconds))
        return FALSE;
    pthread_join(thread->thread, NULL);
    pthread_cond_destroy(&thread->changed);
    pthread_mutex_destroy(&thread->mutex);
    g_free(thread);
    return TRUE;
}
