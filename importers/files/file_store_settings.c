#include "importers/files/file_store_settings.h"

#include <openssl/crypto.h>
#include <string.h>

void bucket_free(Bucket *bucket)
{
    if (bucket->secret_access_key)
        OPENSSL_cleanse(bucket->secret_access_key, strlen(bucket->secret_access_key));
    g_free(bucket->secret_access_key);
    g_free(bucket->access_key_id);
    g_free(bucket->encryption);
    g_free(bucket->endpoint);
    g_free(bucket->region);
    g_free(bucket->name);
    g_free(bucket->prefix);
    g_free(bucket);
}

void file_store_settings_clear(FileStoreSettings *settings)
{
    g_clear_pointer(&settings->directory, g_free);
    g_clear_pointer(&settings->bucket, bucket_free);
    g_clear_pointer(&settings->handed_over, g_free);
}
