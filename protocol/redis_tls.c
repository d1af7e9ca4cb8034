#include "protocol/redis_tls.h"

#ifdef HUBFERRY_REDIS_TLS
#include <hiredis/hiredis_ssl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SSL_CTX, SSL_CTX_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SSL, SSL_free)

static gboolean refuse(GError **error, const char *what)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    g_set_error(error, REDIS_ERROR, REDIS_ERROR_CONNECT, "TLS: %s: %s", what,
                reason ? reason : "unknown error");
    return FALSE;
}

static gboolean trust_authorities(SSL_CTX *tls, const RedisSettings *settings, GError **error)
{
    const char *file = settings->tls_ca_file, *path = settings->tls_ca_path;
    int loaded =
        file || path ? SSL_CTX_load_verify_locations(tls, file, path) : SSL_CTX_set_default_verify_paths(tls);
    return loaded == 1 || refuse(error, "trusted certificates");
}

static gboolean use_own_certificate(SSL_CTX *tls, const RedisSettings *settings, GError **error)
{
    const char *certificate = settings->tls_cert_file, *key = settings->tls_key_file;
    if (!certificate && !key)
        return TRUE;
    if (!certificate || !key) {
        g_set_error_literal(error, REDIS_ERROR, REDIS_ERROR_CONNECT,
                            "TLS: cert_file and key_file need each other");
        return FALSE;
    }
    if (SSL_CTX_use_certificate_chain_file(tls, certificate) != 1)
        return refuse(error, "cert_file");
    return SSL_CTX_use_PrivateKey_file(tls, key, SSL_FILETYPE_PEM) == 1 || refuse(error, "key_file");
}

/* IP addresses are looked for among the certificate's addresses, and do not belong in the server name
 * indication. */
static gboolean expect_host(SSL *session, const char *host, GError **error)
{
    if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), host) == 1)
        return TRUE;
    SSL_set_hostflags(session, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return (SSL_set1_host(session, host) == 1 && SSL_set_tlsext_host_name(session, host) == 1) ||
           refuse(error, "host name");
}

static SSL *session_new(const RedisSettings *settings, const char *host, GError **error)
{
    ERR_clear_error();
    g_autoptr(SSL_CTX) tls = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION);
    /* A killed server closes its connections without a word. */
    SSL_CTX_set_options(tls, SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_verify(tls, settings->tls_no_verify ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, NULL);
    if (!trust_authorities(tls, settings, error) || !use_own_certificate(tls, settings, error))
        return NULL;
    g_autoptr(SSL) session = SSL_new(tls);
    return !host || expect_host(session, host, error) ? g_steal_pointer(&session) : NULL;
}

/* NULL: it was accepted, or was not looked at yet. */
static const char *certificate_refusal(const SSL *session)
{
    long verdict = SSL_get_verify_result(session);
    return verdict == X509_V_OK || SSL_get_verify_mode(session) == SSL_VERIFY_NONE
               ? NULL
               : X509_verify_cert_error_string(verdict);
}

gboolean redis_start_tls(redisContext *context, const RedisSettings *settings, const char *host,
                         GError **error)
{
    if (!settings->tls)
        return TRUE;
    g_autoptr(SSL) session = session_new(settings, host, error);
    if (!session)
        return FALSE;
    if (redisInitiateSSL(context, session) == REDIS_OK) {
        context->privdata = g_steal_pointer(&session); /* for redis_tls_error(); hiredis owns it now */
        return TRUE;
    }
    const char *refusal = certificate_refusal(session);
    g_set_error(error, REDIS_ERROR, REDIS_ERROR_CONNECT, "TLS: %s", refusal ? refusal : context->errstr);
    return FALSE;
}

const char *redis_tls_error(const redisContext *context)
{
    const char *refusal = context->privdata ? certificate_refusal(context->privdata) : NULL;
    return refusal ? refusal : context->errstr;
}
#else
gboolean redis_start_tls(G_GNUC_UNUSED redisContext *context, const RedisSettings *settings,
                         G_GNUC_UNUSED const char *host, GError **error)
{
    if (settings->tls)
        g_set_error_literal(error, REDIS_ERROR, REDIS_ERROR_CONNECT, "this hiredis has no TLS");
    return !settings->tls;
}

const char *redis_tls_error(const redisContext *context)
{
    return context->errstr;
}
#endif
