/*
 * Error domains that know the Ruby exception class of each of their codes.
 *
 * Sidekiq stores an exception class name in a failed job's payload (`error_class`) and GitLab stores one in
 * `import_failures.exception_class`. So every error domain of hubferry names, for each code, the class that
 * the Ruby side would have raised.
 *
 *     header:  #define REDIS_ERROR (redis_error_quark())
 *              GQuark redis_error_quark(void);
 *     source:  DEFINE_ERROR_DOMAIN(redis_error, redis_error_class)
 *
 * Thread-safe.
 */
#pragma once

#include <glib.h>

/* Name of the Ruby exception class for one code of a domain; a string with static lifetime. */
typedef const char *(*ErrorClassOf)(int code);

GQuark error_domain_register(const char *name, ErrorClassOf class_of);

/* Ruby's class name for an error of any domain; "StandardError" for domains that were not registered. */
const char *error_class(const GError *error);

#define DEFINE_ERROR_DOMAIN(prefix, class_of)                                                                \
    GQuark prefix##_quark(void)                                                                              \
    {                                                                                                        \
        static gsize quark;                                                                                  \
        if (g_once_init_enter(&quark))                                                                       \
            g_once_init_leave(&quark, error_domain_register(#prefix, class_of));                             \
        return (GQuark)quark;                                                                                \
    }
