/*
 * A POSIX thread with a name, at most 15 bytes (the kernel's limit), in which all signals are blocked: they
 * belong to the main thread. A process that cannot create its threads is of no use: it says so in the log and
 * exits.
 */
#pragma once

#include <pthread.h>

pthread_t thread_start(const char *name, void *(*body)(void *data), void *data);
