/*
 * Any bytes as an LFS pointer, as .lfsconfig, and as the answer of an LFS server: what becomes of an answer
 * are jobs of objects that were asked for; the token is in links to the server itself alone, and in no
 * address for the log. HTTP is this program. Run by script/fuzz.
 */
#include "importers/lfs/lfs_batch.h"
#include "importers/lfs/lfs_download.h"
#include "protocol/json.h"
#include "protocol/log.h"

#include <stdint.h>
#include <string.h>

#define ENDPOINT "https://github.com/acme/rocket.git/info/lfs/objects/batch"
#define TOKEN    "ghp-7c41d09e"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
HttpAnswer *__wrap_http_exchange(Session *session, const HttpExchange *exchange, GError **error);
OutboundRules *__wrap_outbound_rules_load(Session *session, GError **error);

static const LfsPointer pointers[] = {
    {"0000000000000000000000000000000000000000000000000000000000000001", 1},
    {"0000000000000000000000000000000000000000000000000000000000000002", 2},
};

/* The bytes of this run. */
static const char *bytes;
static gsize length;

OutboundRules *__wrap_outbound_rules_load(G_GNUC_UNUSED Session *session, G_GNUC_UNUSED GError **error)
{
    OutboundRules *rules = g_new0(OutboundRules, 1);
    rules->allow_list = g_new0(char *, 1);
    return rules;
}

HttpAnswer *__wrap_http_exchange(G_GNUC_UNUSED Session *session, const HttpExchange *exchange, GError **error)
{
    if (!exchange->sink->write(exchange->sink->data, bytes, length, error))
        return NULL;
    HttpAnswer *answer = g_new(HttpAnswer, 1);
    *answer = (HttpAnswer){200, g_hash_table_new(g_str_hash, g_str_equal)};
    return answer;
}

static void check_pointer(void)
{
    LfsPointer pointer = {0};
    if (lfs_pointer_parse(bytes, length, &pointer) && strlen(pointer.oid) != 64)
        g_error("an oid of %s", pointer.oid);
}

static void check_config(void)
{
    g_autofree char *text = g_strndup(bytes, length), *url = lfs_config_url(text);
    if (url && !strstr(text, url))
        g_error("%s is not in %s", url, text);
}

static void check_job(const json_t *argument)
{
    LfsDownloadObject object;
    const char *link = json_string_field(argument, "link");
    if (strstr(link, TOKEN) && !url_parts_same_server(ENDPOINT, link))
        g_error("the token goes to %s", link);
    if (!lfs_download_object_parse(argument, &object))
        return;
    g_autofree char *address = lfs_download_object_address(&object);
    if (strstr(address, TOKEN))
        g_error("the token is in %s", address);
}

static void check_answer(void)
{
    const LfsEndpoint endpoint = {
        .url = (char *)ENDPOINT, .user = (char *)"oauth2", .password = (char *)TOKEN};
    g_autoptr(json_t) arguments = lfs_batch(NULL, &endpoint, pointers, G_N_ELEMENTS(pointers), NULL);
    size_t index;
    json_t *argument;
    json_array_foreach (arguments, index, argument)
        check_job(argument);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    log_configure(1, LOG_FATAL);
    bytes = (const char *)data;
    length = size;
    g_autofree char *text = g_strndup(bytes, length);
    check_pointer();
    check_config();
    if (!strstr(text, TOKEN))
        check_answer();
    return 0;
}
