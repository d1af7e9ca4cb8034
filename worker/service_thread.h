/*
 * A thread that does something now and then until it is told to stop: heartbeat, poller.
 *
 * service_thread_sleep() belongs to the thread itself, everything else to its owner.
 */
#pragma once

#include <glib.h>

typedef struct ServiceThread ServiceThread;

/* `body` runs in the new thread; it is to return soon after service_thread_sleep() has said FALSE. `name` has
 * at most 15 bytes. */
ServiceThread *service_thread_start(const char *name, void (*body)(ServiceThread *thread, gpointer user_data),
                                    gpointer user_data);

/* FALSE once the thread is to stop. Ends early when woken. */
gboolean service_thread_sleep(ServiceThread *thread, double seconds);

void service_thread_wake(ServiceThread *thread);

/* Tells the thread to stop, and does not wait. */
void service_thread_ask_to_stop(ServiceThread *thread);

/* Tells the thread to stop and waits up to `seconds` for its end. TRUE: it has ended and `thread` is freed.
 * FALSE: it is stuck, and whatever it uses must be left alone. */
gboolean service_thread_stop(ServiceThread *thread, double seconds);
