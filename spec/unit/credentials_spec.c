#include "importers/gitlab/credentials.h"

#include "importers/gitlab/import_data.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Written by Ruby's attr_encrypted and encryptor. */
#define KEY   "hubferry-test-vector-db-key-base-0123456789abcdef0123456789abcdef0123456789abcdef"
#define SALT  "_oKGio6SlpqeoqaqrrK2urw==\n"
#define IV    "EBESExQVFhcYGRobHB0eHw==\n"
#define TOKEN "ghp_exampletoken0000000000000000000000"
#define USER_ONLY                                                                                            \
    "GTNDBD5PAbQlPAVQLxh3cJxLjSfvBD9cq66DsDk8INicCyRiqTHrYfL4xIhD\n5FmOPmJ6wonKoYknq4N1Qk2EVQ==\n"
#define USER_AND_PASSWORD                                                                                    \
    "0B+9afM1WWA6mHUU3b6oyaRvFyIDm/"                                                                         \
    "Q+ndtETqZQzQar6jVmRPfkdJun85cK\nw9cNwGRE8OJk0adAc+jQMPfIRAlEg6TWwAC2SQVhiEcTNSU=\n"
#define EMPTY_HASH "auhZSnPD1NNZSvhqE/sNzw==\n"

static const char *const KEYS[] = {KEY, NULL};

static void assert_token(const char *const *keys, const char *encrypted, const char *iv, const char *salt,
                         const char *token)
{
    g_autofree char *user = NULL;
    g_autoptr(GError) error = NULL;
    assert_true(credentials_decrypt(keys, encrypted, iv, salt, &user, &error));
    assert_null(error);
    assert_string_equal(user, token);
}

static void assert_fails(const char *const *keys, const char *encrypted, const char *iv, const char *salt,
                         int code)
{
    g_autofree char *user = NULL;
    g_autoptr(GError) error = NULL;
    assert_false(credentials_decrypt(keys, encrypted, iv, salt, &user, &error));
    assert_true(g_error_matches(error, IMPORT_DATA_ERROR, code));
    assert_null(strstr(error->message, KEY));
}

static void decrypts_what_ruby_wrote(G_GNUC_UNUSED void **state)
{
    assert_token(KEYS, USER_ONLY, IV, SALT, TOKEN);
    assert_token(KEYS, USER_AND_PASSWORD, IV, SALT, TOKEN);
}

static void a_hash_without_user_is_an_error(G_GNUC_UNUSED void **state)
{
    assert_fails(KEYS, EMPTY_HASH, IV, SALT, IMPORT_DATA_ERROR_CONTENT);
}

static void tries_every_key(G_GNUC_UNUSED void **state)
{
    assert_token((const char *const[]){KEY, "newer", "newest", NULL}, USER_AND_PASSWORD, IV, SALT, TOKEN);
    assert_token((const char *const[]){KEY, KEY, NULL}, USER_AND_PASSWORD, IV, SALT, TOKEN);
    assert_fails((const char *const[]){"other", "another", NULL}, USER_AND_PASSWORD, IV, SALT,
                 IMPORT_DATA_ERROR_KEY);
    assert_fails((const char *const[]){NULL}, USER_AND_PASSWORD, IV, SALT, IMPORT_DATA_ERROR_KEY);
}

static void damaged_columns_are_errors(G_GNUC_UNUSED void **state)
{
    assert_fails(KEYS, "", IV, SALT, IMPORT_DATA_ERROR_CONTENT);
    assert_fails(KEYS, USER_ONLY, "EBES", SALT, IMPORT_DATA_ERROR_CONTENT);
    assert_fails(KEYS, USER_ONLY, NULL, NULL, IMPORT_DATA_ERROR_CONTENT);
    assert_fails(KEYS, "GTNDBD5PAbQ=", IV, SALT, IMPORT_DATA_ERROR_KEY);
    assert_fails(KEYS, USER_ONLY, IV, "oKGio6SlpqeoqaqrrK2urw==\n", IMPORT_DATA_ERROR_KEY);
}

static void assert_packed(const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    guint n_lines = g_strv_length(lines);
    assert_string_equal(lines[n_lines - 1], "");
    for (guint i = 0; i + 2 < n_lines; i++)
        assert_int_equal(strlen(lines[i]), 60);
}

static void encrypts_with_the_last_key_in_rubys_form(G_GNUC_UNUSED void **state)
{
    g_autofree char *encrypted = NULL, *iv = NULL, *salt = NULL;
    g_autoptr(GError) error = NULL;
    const char *const keys[] = {"older", KEY, NULL};
    assert_true(credentials_encrypt(keys, TOKEN, &encrypted, &iv, &salt, &error));
    assert_packed(encrypted);
    assert_packed(iv);
    assert_int_equal(salt[0], '_');
    assert_packed(salt + 1);
    assert_token(KEYS, encrypted, iv, salt, TOKEN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decrypts_what_ruby_wrote),
        cmocka_unit_test(a_hash_without_user_is_an_error),
        cmocka_unit_test(tries_every_key),
        cmocka_unit_test(damaged_columns_are_errors),
        cmocka_unit_test(encrypts_with_the_last_key_in_rubys_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
