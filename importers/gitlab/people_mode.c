#include "importers/gitlab/people_mode.h"

const TableColumns work_item_type_columns = {
    .table = "work_item_types",
    .columns = COLUMNS("id", "base_type"),
    .optional = TRUE,
};

gboolean people_mode_is_newest(const Session *session)
{
    return !schema_has_column(session->schema, "work_item_types", "id");
}

gboolean people_mode_maps(const Session *session, const ImportData *data)
{
    if (people_mode_is_newest(session))
        return TRUE;
    return schema_has_column(session->schema, "import_source_users", "id") &&
           !(data && data->mapping_refused);
}
