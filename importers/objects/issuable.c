#include "importers/objects/issuable.h"

#include "importers/gitlab/markdown_text.h"
#include "importers/objects/representation.h"
#include "protocol/json.h"

#include <string.h>

#define DESCRIPTION_MAXIMUM 1048576 /* Issuable::DESCRIPTION_LENGTH_MAX: characters kept, bytes allowed */
#define MEGABYTE            1048576.0

char *issuable_iid_text(gint64 iid)
{
    return g_strdup_printf("%" G_GINT64_FORMAT, iid);
}

char *issuable_description(const ObjectBatch *batch, const json_t *representation, gboolean author_found)
{
    g_autofree char *text = representation_text(representation, "description");
    const json_t *author = json_object_get(representation, "author");
    g_autofree char *formatted =
        markdown_text_format(batch->session, batch->project, MARKDOWN_TEXT_DESCRIPTION, text,
                             json_string_field(author, "login"), author_found);
    if (!formatted || g_utf8_strlen(formatted, -1) <= DESCRIPTION_MAXIMUM)
        return g_steal_pointer(&formatted);
    return g_utf8_substring(formatted, 0, DESCRIPTION_MAXIMUM);
}

gboolean issuable_validate(const char *title, const char *description, GError **error)
{
    if (!title || markdown_text_is_blank(title)) {
        g_set_error_literal(error, OBJECT_ERROR, OBJECT_ERROR_INVALID,
                            "Validation failed: Title can't be blank");
        return FALSE;
    }
    if (description && strlen(description) > DESCRIPTION_MAXIMUM) {
        g_set_error(error, OBJECT_ERROR, OBJECT_ERROR_INVALID,
                    "Validation failed: Description is too long (%.3g MB). The maximum size is 1 MB.",
                    (double)strlen(description) / MEGABYTE);
        return FALSE;
    }
    return TRUE;
}

char *issuable_milestone_iid(const json_t *representation)
{
    gint64 iid = json_integer_field(representation, "milestone_number", 0);
    return iid ? issuable_iid_text(iid) : NULL;
}

gboolean issuable_find_milestone(ObjectBatch *batch, const json_t *representation, gint64 *id, GError **error)
{
    g_autofree char *iid = issuable_milestone_iid(representation);
    *id = 0;
    return !iid || finder_find(batch->milestones, iid, id, error);
}

json_t *issuable_time(const ObjectBatch *batch, const json_t *representation, const char *field)
{
    g_autofree char *time = representation_timestamp(representation, field);
    return json_string(time ? time : batch->now);
}

json_t *issuable_id_or_null(gint64 id)
{
    return id ? json_integer(id) : json_null();
}
