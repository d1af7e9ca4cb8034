#include "importers/gitlab/credentials.h"

#include "importers/gitlab/autoptr_openssl.h"
#include "importers/gitlab/import_data.h"
#include "importers/gitlab/ruby_marshal.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <string.h>

#define KEY_LENGTH  32
#define IV_LENGTH   16
#define SALT_LENGTH 16
#define ROUNDS      2000
#define PACK_LENGTH 45 /* bytes in a line of Ruby's pack("m") */

/* Bytes that are wiped when they are freed. */
typedef struct Secret {
    guint8 *bytes;
    gsize length;
} Secret;

static Secret *secret_new(gsize capacity)
{
    Secret *secret = g_new0(Secret, 1);
    secret->bytes = g_malloc0(capacity);
    secret->length = capacity;
    return secret;
}

static void secret_free(Secret *secret)
{
    OPENSSL_cleanse(secret->bytes, secret->length);
    g_free(secret->bytes);
    g_free(secret);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Secret, secret_free)

static gboolean derive_key(const char *db_key_base, const guint8 *salt, gsize salt_length,
                           guint8 key[KEY_LENGTH])
{
    return PKCS5_PBKDF2_HMAC(db_key_base, (int)strlen(db_key_base), salt, (int)salt_length, ROUNDS,
                             EVP_sha1(), KEY_LENGTH, key) == 1;
}

/* AES-256-CBC in one direction; NULL when the padding is wrong, which for decryption mostly means a wrong
 * key. */
static Secret *transform(gboolean encrypt, const char *db_key_base, const guint8 *salt, gsize salt_length,
                         const guint8 *iv, const guint8 *input, gsize input_length)
{
    g_autoptr(EVP_CIPHER_CTX) context = EVP_CIPHER_CTX_new();
    g_autoptr(Secret) key = secret_new(KEY_LENGTH);
    g_autoptr(Secret) output = secret_new(input_length + EVP_MAX_BLOCK_LENGTH);
    int length = 0, rest = 0;
    if (!derive_key(db_key_base, salt, salt_length, key->bytes) ||
        EVP_CipherInit_ex(context, EVP_aes_256_cbc(), NULL, key->bytes, iv, encrypt) != 1 ||
        EVP_CipherUpdate(context, output->bytes, &length, input, (int)input_length) != 1 ||
        EVP_CipherFinal_ex(context, output->bytes + length, &rest) != 1)
        return NULL;
    output->length = (gsize)(length + rest);
    return g_steal_pointer(&output);
}

typedef struct Columns {
    guint8 *encrypted, *iv, *salt;
    gsize encrypted_length, iv_length, salt_length;
} Columns;

static void columns_clear(Columns *columns)
{
    g_free(columns->encrypted);
    g_free(columns->iv);
    g_free(columns->salt);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Columns, columns_clear)

/* A salt without the leading underscore is not base64 (attr_encrypted's encode_salt). */
static void decode_salt(Columns *columns, const char *salt)
{
    if (*salt == '_') {
        columns->salt = g_base64_decode(salt + 1, &columns->salt_length);
    } else {
        columns->salt = (guint8 *)g_strdup(salt);
        columns->salt_length = strlen(salt);
    }
}

static gboolean decode_columns(Columns *columns, const char *encrypted, const char *iv, const char *salt,
                               GError **error)
{
    columns->encrypted = g_base64_decode(encrypted, &columns->encrypted_length);
    columns->iv = g_base64_decode(iv ? iv : "", &columns->iv_length);
    decode_salt(columns, salt ? salt : "");
    if (columns->iv_length == IV_LENGTH && columns->encrypted_length > 0)
        return TRUE;
    g_set_error_literal(error, IMPORT_DATA_ERROR, IMPORT_DATA_ERROR_CONTENT,
                        "the encrypted credentials of the import are damaged");
    return FALSE;
}

/* CBC accepts a wrong key in about one of 256 cases: what counts is that the plain text is a Marshal dump. */
static Secret *decrypt_with(const char *db_key_base, const Columns *columns)
{
    g_autoptr(Secret) plain = transform(FALSE, db_key_base, columns->salt, columns->salt_length, columns->iv,
                                        columns->encrypted, columns->encrypted_length);
    gboolean found;
    const char *user;
    gsize length;
    if (!plain ||
        !ruby_marshal_hash_string(plain->bytes, plain->length, "user", &found, &user, &length, NULL))
        return NULL;
    return g_steal_pointer(&plain);
}

static gboolean same(const Secret *a, const Secret *b)
{
    return a->length == b->length && CRYPTO_memcmp(a->bytes, b->bytes, a->length) == 0;
}

static Secret *decrypt(const char *const *db_key_base, const Columns *columns, GError **error)
{
    g_autoptr(Secret) answer = NULL;
    for (guint n = g_strv_length((char **)db_key_base); n > 0; n--) {
        g_autoptr(Secret) candidate = decrypt_with(db_key_base[n - 1], columns);
        if (candidate && answer && !same(candidate, answer)) {
            g_set_error_literal(error, IMPORT_DATA_ERROR, IMPORT_DATA_ERROR_AMBIGUOUS,
                                "more than one key of db_key_base decrypts the credentials of the import");
            return NULL;
        }
        if (candidate && !answer)
            answer = g_steal_pointer(&candidate);
    }
    if (!answer)
        g_set_error_literal(
            error, IMPORT_DATA_ERROR, IMPORT_DATA_ERROR_KEY,
            "no key of db_key_base decrypts the credentials of the import: it must be that of the GitLab "
            "that made the import (secrets.yml, --db-key-base)");
    return g_steal_pointer(&answer);
}

gboolean credentials_decrypt(const char *const *db_key_base, const char *encrypted, const char *iv,
                             const char *salt, char **user, GError **error)
{
    g_auto(Columns) columns = {0};
    if (!decode_columns(&columns, encrypted, iv, salt, error))
        return FALSE;
    g_autoptr(Secret) plain = decrypt(db_key_base, &columns, error);
    if (!plain)
        return FALSE;
    gboolean found;
    const char *string;
    gsize length;
    if (!ruby_marshal_hash_string(plain->bytes, plain->length, "user", &found, &string, &length, error))
        return FALSE;
    if (!found) {
        g_set_error_literal(error, IMPORT_DATA_ERROR, IMPORT_DATA_ERROR_CONTENT,
                            "the credentials of the import have no :user");
        return FALSE;
    }
    *user = string ? g_strndup(string, length) : NULL;
    return TRUE;
}

/* Ruby's pack("m"): a line feed after every 60 characters and at the end. */
static char *pack(const guint8 *bytes, gsize length)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (gsize at = 0; at < length; at += PACK_LENGTH) {
        g_autofree char *line = g_base64_encode(bytes + at, MIN(PACK_LENGTH, length - at));
        g_string_append_printf(text, "%s\n", line);
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static Secret *dump_credentials(const char *user)
{
    const char *const pairs[] = {"user", user, "password", NULL};
    g_autoptr(GByteArray) dump = ruby_marshal_dump_hash(pairs, G_N_ELEMENTS(pairs) / 2);
    Secret *secret = secret_new(dump->len);
    memcpy(secret->bytes, dump->data, dump->len);
    OPENSSL_cleanse(dump->data, dump->len);
    return secret;
}

gboolean credentials_encrypt(const char *const *db_key_base, const char *user, char **encrypted, char **iv,
                             char **salt, GError **error)
{
    guint8 iv_bytes[IV_LENGTH], salt_bytes[SALT_LENGTH];
    guint n_keys = g_strv_length((char **)db_key_base);
    g_autoptr(Secret) plain = dump_credentials(user);
    g_autoptr(Secret) cipher = NULL;
    if (n_keys > 0 && RAND_bytes(iv_bytes, IV_LENGTH) == 1 && RAND_bytes(salt_bytes, SALT_LENGTH) == 1)
        cipher = transform(TRUE, db_key_base[n_keys - 1], salt_bytes, SALT_LENGTH, iv_bytes, plain->bytes,
                           plain->length);
    if (!cipher) {
        g_set_error_literal(error, IMPORT_DATA_ERROR, IMPORT_DATA_ERROR_KEY,
                            "the credentials could not be encrypted");
        return FALSE;
    }
    g_autofree char *packed_salt = pack(salt_bytes, SALT_LENGTH);
    *encrypted = pack(cipher->bytes, cipher->length);
    *iv = pack(iv_bytes, IV_LENGTH);
    *salt = g_strconcat("_", packed_salt, NULL);
    return TRUE;
}
