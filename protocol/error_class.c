#include "protocol/error_class.h"

static GMutex lock;
static GHashTable *class_of_domain; /* GQuark -> ErrorClassOf */

GQuark error_domain_register(const char *name, ErrorClassOf class_of)
{
    GQuark domain = g_quark_from_static_string(name);
    g_mutex_lock(&lock);
    if (!class_of_domain)
        class_of_domain = g_hash_table_new(NULL, NULL);
    g_hash_table_insert(class_of_domain, GUINT_TO_POINTER(domain), (gpointer)class_of);
    g_mutex_unlock(&lock);
    return domain;
}

const char *error_class(const GError *error)
{
    g_mutex_lock(&lock);
    gpointer found =
        class_of_domain ? g_hash_table_lookup(class_of_domain, GUINT_TO_POINTER(error->domain)) : NULL;
    g_mutex_unlock(&lock);
    return found ? ((ErrorClassOf)found)(error->code) : "StandardError";
}
