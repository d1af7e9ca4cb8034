#include "importers/objects/representation.h"

#include "importers/gitlab/database.h"
#include "protocol/json.h"

#include <string.h>

#define OMISSION "..."

json_t *representation_value(const json_t *object, const char *field)
{
    json_t *value = json_object_get(object, field);
    return value ? json_incref(value) : json_null();
}

/* Ruby's Time#to_s: whole seconds, and the name of the zone where it is UTC. */
static char *as_ruby_prints(GDateTime *time)
{
    gboolean is_utc = g_date_time_get_utc_offset(time) == 0;
    return g_date_time_format(time, is_utc ? "%Y-%m-%d %H:%M:%S UTC" : "%Y-%m-%d %H:%M:%S %z");
}

json_t *representation_time(const json_t *object, const char *field)
{
    const char *text = json_string_field(object, field);
    g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
    g_autoptr(GDateTime) time = text ? g_date_time_new_from_iso8601(text, utc) : NULL;
    g_autofree char *printed = time ? as_ruby_prints(time) : NULL;
    return printed ? json_string(printed) : representation_value(object, field);
}

json_t *representation_user(const json_t *user)
{
    if (!json_is_object(user))
        return json_null();
    return json_pack("{s:o, s:o}", "id", representation_value(user, "id"), "login",
                     representation_value(user, "login"));
}

json_t *representation_users(const json_t *users)
{
    json_t *list = json_array();
    size_t i;
    json_t *user;
    json_array_foreach (users, i, user)
        json_array_append_new(list, representation_user(user));
    return list;
}

char *representation_id(const json_t *object, const char *field)
{
    return g_strdup_printf("%" G_GINT64_FORMAT, json_integer_field(object, field, 0));
}

char *representation_timestamp(const json_t *representation, const char *field)
{
    return database_time(json_string_field(representation, field));
}

char *representation_text(const json_t *representation, const char *field)
{
    const json_t *value = json_object_get(representation, field);
    if (!json_is_string(value))
        return NULL;
    size_t length = json_string_length(value), kept = 0;
    const char *bytes = json_string_value(value);
    char *text = g_malloc(length + 1);
    for (size_t i = 0; i < length; i++)
        if (bytes[i] != '\0')
            text[kept++] = bytes[i];
    text[kept] = '\0';
    return text;
}

char *representation_truncate(const char *text, glong max)
{
    if (g_utf8_strlen(text, -1) <= max)
        return g_strdup(text);
    g_autofree char *head = g_utf8_substring(text, 0, max - (glong)strlen(OMISSION));
    return g_strconcat(head, OMISSION, NULL);
}
