#include "importers/gitlab/username.h"

#include <string.h>
#include <zlib.h>

#define MAX_PREFIX 200 /* User::MAX_USERNAME_LENGTH - 55 */

static const Statement taken = {
    "username_taken",
    "SELECT EXISTS (SELECT FROM routes WHERE lower(path) = lower($1))"
    " OR EXISTS (SELECT FROM users WHERE lower(username) = lower($1))"
    " OR EXISTS (SELECT FROM users WHERE lower(email) = lower($2))"
    " OR EXISTS (SELECT FROM emails WHERE email = lower($2)) AS taken",
};

char *username_email(const Session *session, const char *username)
{
    return g_strdup_printf("%s@noreply.%s", username, session->configuration->gitlab_host);
}

static gboolean is_taken(Session *session, const char *username, gboolean *answer, GError **error)
{
    g_autofree char *email = username_email(session, username);
    g_autoptr(PGresult) row =
        database_run(session_database(session), error, &taken, username, email, DATABASE_END);
    if (!row)
        return FALSE;
    *answer = database_boolean(row, 0, "taken");
    return TRUE;
}

char *username_unique(Session *session, const char *prefix, const char *segment, GError **error)
{
    for (guint counter = 0;; counter++) {
        gboolean answer;
        g_autofree char *username = counter == 0 ? g_strdup_printf("%s_%s", prefix, segment)
                                                 : g_strdup_printf("%s_%s%u", prefix, segment, counter);
        if (!is_taken(session, username, &answer, error))
            return NULL;
        if (!answer)
            return g_steal_pointer(&username);
    }
}

char *username_placeholder_prefix(const char *login)
{
    g_autoptr(GString) segment = g_string_new(NULL);
    for (const char *at = login; at && *at && segment->len < MAX_PREFIX; at++)
        if (g_ascii_isalnum(*at))
            g_string_append_c(segment, *at);
    return g_strdup_printf("%s_placeholder", segment->len > 0 ? segment->str : "github");
}

static char *base36(guint32 number)
{
    char digits[8];
    guint at = sizeof(digits);
    digits[--at] = '\0';
    do {
        digits[--at] = "0123456789abcdefghijklmnopqrstuvwxyz"[number % 36];
        number /= 36;
    } while (number > 0);
    return g_strdup(digits + at);
}

char *username_placeholder_segment(const char *root_namespace_path, const char *identifier)
{
    uLong checksum = crc32(0, (const Bytef *)root_namespace_path, (uInt)strlen(root_namespace_path));
    return base36((guint32)crc32(checksum, (const Bytef *)identifier, (uInt)strlen(identifier)));
}
