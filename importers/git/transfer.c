#include "importers/git/transfer.h"

#include "importers/git/error.h"
#include "importers/git/library.h"
#include "importers/git/socket_stream.h"

#include <string.h>

#define MAX_SAID 1000 /* bytes */

static GitTransfer *transfer_new(const Session *session, const char *url, gboolean verify_tls, GError **error)
{
    git_library_start();
    g_autoptr(GUri) uri = g_uri_parse(url, G_URI_FLAGS_HAS_PASSWORD | G_URI_FLAGS_ENCODED_PATH, NULL);
    if (!uri) {
        g_set_error(error, GIT_ERROR_DOMAIN, GIT_ERROR_DOMAIN_FETCH, "The repository's URL is not valid");
        return NULL;
    }
    GitTransfer *transfer = g_new0(GitTransfer, 1);
    transfer->session = session;
    transfer->url = g_uri_join(G_URI_FLAGS_ENCODED_PATH, g_uri_get_scheme(uri), NULL, g_uri_get_host(uri),
                               g_uri_get_port(uri), g_uri_get_path(uri), NULL, NULL);
    transfer->user = g_strdup(g_uri_get_user(uri) ? g_uri_get_user(uri) : "");
    transfer->password = g_strdup(g_uri_get_password(uri) ? g_uri_get_password(uri) : "");
    transfer->verify_tls = verify_tls;
    transfer->refusals = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    socket_stream_obey(session, NULL);
    return transfer;
}

GitTransfer *git_transfer_new_push(const Session *session, const char *url, GError **error)
{
    GitTransfer *transfer = transfer_new(session, url, TRUE, error);
    if (transfer)
        transfer->said = g_string_new(NULL);
    return transfer;
}

GitTransfer *git_transfer_new_fetch(Session *session, const char *url, GError **error)
{
    g_autoptr(GitTransfer) transfer =
        transfer_new(session, url, session->configuration->github_verify_ssl, error);
    if (!transfer || g_str_has_prefix(transfer->url, "file:"))
        return g_steal_pointer(&transfer);
    transfer->rules = outbound_rules_load(session, error);
    socket_stream_obey(session, transfer->rules);
    return transfer->rules ? g_steal_pointer(&transfer) : NULL;
}

void git_transfer_free(GitTransfer *transfer)
{
    socket_stream_obey(NULL, NULL);
    g_clear_pointer(&transfer->rules, outbound_rules_free);
    g_hash_table_unref(transfer->refusals);
    if (transfer->said)
        g_string_free(transfer->said, TRUE);
    g_free(transfer->url);
    g_free(transfer->user);
    g_free(transfer->password);
    g_free(transfer);
}

/* The same credentials are not offered twice. */
static int give_credentials(git_credential **out, G_GNUC_UNUSED const char *url,
                            G_GNUC_UNUSED const char *user, unsigned int allowed, void *payload)
{
    GitTransfer *transfer = payload;
    if (!(allowed & GIT_CREDENTIAL_USERPASS_PLAINTEXT) || transfer->credentials_sent || !*transfer->user) {
        git_error_set_str(GIT_ERROR_HTTP, *transfer->user
                                              ? "the server refuses the credentials"
                                              : "the server asks for credentials and there are none");
        return GIT_EAUTH;
    }
    transfer->credentials_sent = TRUE;
    return git_credential_userpass_plaintext_new(out, transfer->user, transfer->password);
}

/* Says so itself: what a positive answer means differs between libgit2's documentation and its code. */
static int check_certificate(G_GNUC_UNUSED git_cert *certificate, int valid, G_GNUC_UNUSED const char *host,
                             void *payload)
{
    const GitTransfer *transfer = payload;
    if (valid || !transfer->verify_tls)
        return 0;
    git_error_set_str(GIT_ERROR_SSL, "the server's certificate is not trusted");
    return GIT_ECERTIFICATE;
}

static int stop_asked(const GitTransfer *transfer)
{
    if (!session_stopping(transfer->session))
        return 0;
    git_error_set_str(GIT_ERROR_CALLBACK, "the transfer is to stop");
    return GIT_EUSER;
}

static int on_fetch_progress(const git_indexer_progress *stats, void *payload)
{
    const GitTransfer *transfer = payload;
    if (transfer->progress)
        transfer->progress(stats->received_objects, stats->total_objects, stats->received_bytes,
                           transfer->user_data);
    return stop_asked(transfer);
}

/* As a terminal shows it: what follows a carriage return takes the place of its line. Progress comes like
 * that, and what a hook says comes after it. */
static void add_said(GString *said, char character)
{
    gboolean returned = said->len > 0 && said->str[said->len - 1] == '\r';
    const char *line_end = returned ? strrchr(said->str, '\n') : NULL;
    if (returned && character != '\n')
        g_string_truncate(said, line_end ? (gsize)(line_end + 1 - said->str) : 0);
    if (said->len < MAX_SAID)
        g_string_append_c(said, character);
}

static int on_sideband(const char *text, int length, void *payload)
{
    const GitTransfer *transfer = payload;
    for (int i = 0; transfer->said && i < length; i++)
        add_said(transfer->said, text[i]);
    return stop_asked(transfer);
}

static int on_pack_progress(G_GNUC_UNUSED int stage, G_GNUC_UNUSED uint32_t current,
                            G_GNUC_UNUSED uint32_t total, void *payload)
{
    return stop_asked(payload);
}

static int on_push_progress(unsigned int current, unsigned int total, size_t bytes, void *payload)
{
    const GitTransfer *transfer = payload;
    if (transfer->progress)
        transfer->progress(current, total, bytes, transfer->user_data);
    return stop_asked(transfer);
}

static int on_updated_reference(G_GNUC_UNUSED const char *name, G_GNUC_UNUSED const git_oid *before,
                                G_GNUC_UNUSED const git_oid *after, void *payload)
{
    return stop_asked(payload);
}

static int on_pushed_reference(const char *name, const char *refusal, void *payload)
{
    GitTransfer *transfer = payload;
    if (refusal)
        g_hash_table_insert(transfer->refusals, g_strdup(name), g_utf8_make_valid(refusal, -1));
    return 0;
}

git_remote_callbacks git_transfer_callbacks(GitTransfer *transfer)
{
    git_remote_callbacks callbacks;
    git_remote_init_callbacks(&callbacks, GIT_REMOTE_CALLBACKS_VERSION);
    callbacks.payload = transfer;
    callbacks.credentials = give_credentials;
    callbacks.certificate_check = check_certificate;
    callbacks.transfer_progress = on_fetch_progress;
    callbacks.sideband_progress = on_sideband;
    callbacks.pack_progress = on_pack_progress;
    callbacks.push_transfer_progress = on_push_progress;
    callbacks.update_tips = on_updated_reference;
    callbacks.push_update_reference = on_pushed_reference;
    return callbacks;
}

git_proxy_options git_transfer_proxy(void)
{
    git_proxy_options proxy;
    git_proxy_options_init(&proxy, GIT_PROXY_OPTIONS_VERSION);
    proxy.type = GIT_PROXY_AUTO;
    return proxy;
}

git_remote *git_transfer_connect(GitTransfer *transfer, git_repository *repository, git_direction direction,
                                 GError **error)
{
    GitErrorDomain otherwise =
        direction == GIT_DIRECTION_FETCH ? GIT_ERROR_DOMAIN_FETCH : GIT_ERROR_DOMAIN_PUSH;
    git_remote_create_options creation;
    git_remote_create_options_init(&creation, GIT_REMOTE_CREATE_OPTIONS_VERSION);
    creation.repository = repository;
    /* url.*.insteadOf must not redirect the token; and libgit2 1.5 leaks 20 KiB for each line of
     * configuration that it searches for it. */
    creation.flags = GIT_REMOTE_CREATE_SKIP_INSTEADOF | GIT_REMOTE_CREATE_SKIP_DEFAULT_FETCHSPEC;
    git_remote_connect_options options;
    git_remote_connect_options_init(&options, GIT_REMOTE_CONNECT_OPTIONS_VERSION);
    options.callbacks = git_transfer_callbacks(transfer);
    options.proxy_opts = git_transfer_proxy();
    options.follow_redirects = GIT_REMOTE_REDIRECT_NONE;
    transfer->credentials_sent = FALSE;

    g_autoptr(git_remote) remote = NULL;
    int result = git_remote_create_with_opts(&remote, transfer->url, &creation);
    if (result == 0)
        result = git_remote_connect_ext(remote, direction, &options);
    if (result == 0)
        return g_steal_pointer(&remote);
    git_transfer_fail(transfer, result, otherwise, "connecting to the repository", error);
    return NULL;
}

gboolean git_transfer_fail(const GitTransfer *transfer, int result, GitErrorDomain otherwise,
                           const char *action, GError **error)
{
    return session_check_stopping(transfer->session, error) && git_fail(result, otherwise, action, error);
}
