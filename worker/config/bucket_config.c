#include "worker/config/bucket_config.h"

#include <string.h>

#define BAD_SEGMENTS "^\\.*/|/\\.*/|/\\.*$" /* ObjectStoreSettings.split_bucket_prefix */

static gboolean is_true(const json_t *mapping, const char *key)
{
    g_autofree char *text = config_text(mapping, key);
    return g_strcmp0(text, "true") == 0 || g_strcmp0(text, "1") == 0;
}

/* (transfer full) */
static char *text_or(const json_t *mapping, const char *key, const char *otherwise)
{
    char *text = config_text(mapping, key);
    if (text && *text)
        return text;
    g_free(text);
    return g_strdup(otherwise);
}

/* Fog's default hosts of Amazon's regions. (transfer full) */
static char *region_host(const char *region)
{
    if (g_str_equal(region, "us-east-1"))
        return g_strdup("s3.amazonaws.com");
    return g_strdup_printf("s3.%s.amazonaws.com%s", region, g_str_has_prefix(region, "cn-") ? ".cn" : "");
}

/* (transfer full) */
static char *endpoint_of(const json_t *connection, const char *region)
{
    g_autofree char *endpoint = text_or(connection, "endpoint", NULL);
    if (endpoint) {
        for (gsize length = strlen(endpoint); length > 0 && endpoint[length - 1] == '/'; length--)
            endpoint[length - 1] = '\0';
        return g_steal_pointer(&endpoint);
    }
    g_autofree char *usual = region_host(region);
    g_autofree char *host = text_or(connection, "host", usual);
    g_autofree char *scheme = text_or(connection, "scheme", "https");
    g_autofree char *port = text_or(connection, "port", NULL);
    return g_strdup_printf("%s://%s%s%s", scheme, host, port ? ":" : "", port ? port : "");
}

/* As in Fog: a certificate for every name in a domain is none for names with dots. */
static gboolean needs_path_style(const Bucket *bucket)
{
    return g_str_has_prefix(bucket->endpoint, "https:") && strchr(bucket->name, '.');
}

static const char *obstacle(const json_t *store, const Bucket *bucket)
{
    const json_t *connection = config_mapping(store, "connection");
    g_autofree char *provider = config_text(connection, "provider");
    g_autofree char *version = config_text(connection, "aws_signature_version");
    g_autofree char *kms_key =
        text_or(config_mapping(store, "storage_options"), "server_side_encryption_kms_key_id", NULL);
    if (!provider || g_ascii_strcasecmp(provider, "AWS") != 0)
        return "hubferry writes object storage of provider AWS only (S3 and what speaks its protocol)";
    if (!bucket->name || !*bucket->name)
        return "object_store names no bucket for them";
    if (g_strcmp0(version, "2") == 0)
        return "hubferry signs requests to object storage by version 4 only";
    if (kms_key) /* libcurl before 8.0 signs two headers of which one begins with the other in wrong order */
        return "hubferry cannot name a KMS key to the object storage (server_side_encryption_kms_key_id)";
    if (!bucket->access_key_id || !bucket->secret_access_key)
        return "the object storage's keys are not known; give --object-storage-access-key-id and "
               "--object-storage-secret-access-key-file (an IAM profile is not enough)";
    if (!strstr(bucket->endpoint, "://"))
        return "the object storage's endpoint must be an address like https://s3.example.com";
    return NULL;
}

/* "NAME/PREFIX"; a name that GitLab refuses stays away. */
static void take_name(Bucket *bucket, const json_t *store)
{
    g_autofree char *name = text_or(store, "remote_directory", "");
    const char *slash = strchr(name, '/');
    bucket->prefix = slash ? g_strconcat(slash + 1, "/", NULL) : g_strdup("");
    if (!g_regex_match_simple(BAD_SEGMENTS, name, 0, 0))
        bucket->name = slash ? g_strndup(name, slash - name) : g_strdup(name);
}

static Bucket *read_bucket(const json_t *store)
{
    Bucket *bucket = g_new0(Bucket, 1);
    const json_t *connection = config_mapping(store, "connection");
    const json_t *storage = config_mapping(store, "storage_options");
    take_name(bucket, store);
    bucket->region = text_or(connection, "region", "us-east-1");
    bucket->endpoint = endpoint_of(connection, bucket->region);
    bucket->access_key_id = text_or(connection, "aws_access_key_id", NULL);
    bucket->secret_access_key = text_or(connection, "aws_secret_access_key", NULL);
    bucket->encryption = text_or(storage, "server_side_encryption", NULL);
    bucket->path_style = is_true(connection, "path_style");
    return bucket;
}

void bucket_config_load(const json_t *store, FileStoreSettings *settings)
{
    g_autoptr(Bucket) bucket = read_bucket(store);
    const char *why = obstacle(store, bucket);
    if (why) {
        settings->handed_over = g_strdup(why);
        return;
    }
    bucket->path_style = bucket->path_style || needs_path_style(bucket);
    settings->bucket = g_steal_pointer(&bucket);
}
