#include "worker/thread.h"

#include "protocol/log.h"

#include <glib.h>
#include <signal.h>
#include <stdlib.h>

pthread_t thread_start(const char *name, void *(*body)(void *data), void *data)
{
    pthread_t thread;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failure = pthread_create(&thread, NULL, body, data);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failure != 0) {
        log_write(LOG_FATAL, "cannot create a thread",
                  json_pack("{s:s, s:s}", "thread", name, "reason", g_strerror(failure)));
        exit(EXIT_FAILURE);
    }
    pthread_setname_np(thread, name);
    return thread;
}
