#include "importers/objects/collaborator.h"

#include "importers/gitlab/membership.h"
#include "importers/gitlab/people_mode.h"
#include "importers/gitlab/source_name.h"
#include "importers/gitlab/source_user.h"
#include "importers/gitlab/url_sanitizer.h"
#include "importers/objects/representation.h"
#include "protocol/json.h"

#define RECALCULATE_USER "AuthorizedProjectUpdate::ProjectRecalculatePerUserWorker"
#define REFRESH_USER     "AuthorizedProjectUpdate::UserRefreshFromReplicaWorker"
#define REFRESH_DELAY    3600 /* seconds; UserProjectAccessChangedService::DELAY */

static const struct {
    const char *name;
    int access_level; /* lib/gitlab/access.rb */
} ROLES[] = {
    {"read", 10}, {"triage", 20}, {"write", 30}, {"maintain", 40}, {"admin", 50},
};

/* What one job becomes. */
typedef struct Collaborator {
    gint64 user_id, source_user_id;
    int access_level;
    gboolean is_member; /* else a placeholder membership is kept */
    gboolean is_due;    /* there is a row to be written */
} Collaborator;

static gboolean map_access_level(const json_t *representation, int *access_level, GError **error)
{
    const char *role = json_string_field(representation, "role_name");
    for (guint i = 0; role && i < G_N_ELEMENTS(ROLES); i++)
        if (g_str_equal(ROLES[i].name, role)) {
            *access_level = ROLES[i].access_level;
            return TRUE;
        }
    g_set_error(error, OBJECT_ERROR, OBJECT_ERROR_NOT_RETRIABLE, "Unknown GitHub role: %s", role ? role : "");
    return FALSE;
}

/* GitLab before the newest generation left those alone too who have the same access from elsewhere. */
static gboolean has_enough(const ObjectBatch *batch, const Membership *membership, int access_level)
{
    return membership->direct >= access_level || membership->through_groups > access_level ||
           (membership->through_groups == access_level && !people_mode_is_newest(batch->session));
}

static gboolean decide_member(ObjectBatch *batch, Collaborator *collaborator, GError **error)
{
    Membership membership;
    if (!membership_find(batch->session, batch->project->id, collaborator->user_id, &membership, error))
        return FALSE;
    if (membership.is_project_bot || has_enough(batch, &membership, collaborator->access_level))
        return TRUE;
    if (membership.direct > 0) {
        g_set_error_literal(error, OBJECT_ERROR, OBJECT_ERROR_INVALID,
                            "Validation failed: User already exists in source");
        return FALSE;
    }
    collaborator->is_due = TRUE;
    return TRUE;
}

static gboolean create_source_user(ObjectBatch *batch, SourceIdentity *identity, SourceUser *created,
                                   GError **error)
{
    g_autofree char *name = NULL;
    if (!source_name_find(batch->session, batch->github, batch->project, identity->username, &name, error))
        return FALSE;
    identity->name = name;
    return source_user_create(batch->session, batch->project, identity, created, error);
}

/* In Ruby even the account named "ghost", whose contributions are the ghost user's, has a source user here.
 * *source_user_id is 0 for somebody without account. */
static gboolean find_ghost_source_user(ObjectBatch *batch, const json_t *user, gint64 *source_user_id,
                                       GError **error)
{
    g_autofree char *identifier = representation_id(user, "id");
    g_autofree char *hostname = url_sanitizer_base(batch->project->import_url);
    g_autofree char *username = g_strdup(json_string_field(user, "login"));
    SourceIdentity identity = {.identifier = identifier, .hostname = hostname, .username = username};
    SourceUser found;
    *source_user_id = 0;
    if (!username || !hostname || g_str_equal(identifier, "0"))
        return TRUE;
    if (!source_user_find(batch->session, batch->project, &identity, &found, error) ||
        (found.id == 0 && !create_source_user(batch, &identity, &found, error)))
        return FALSE;
    *source_user_id = found.id;
    return TRUE;
}

static gboolean build(ObjectBatch *batch, ImportedObject *object, GError **error)
{
    const Project *project = batch->project;
    gboolean maps = people_mode_maps(batch->session, batch->data) && !project->root_is_user_namespace;
    Collaborator *collaborator = g_new0(Collaborator, 1);
    FoundUser found;
    object->importer_data = collaborator;
    object->importer_data_free = g_free;
    if (!user_finder_find(batch->users, object->representation, TRUE, &found, error))
        return FALSE;
    if (found.user_id == 0)
        return TRUE;
    if (!map_access_level(object->representation, &collaborator->access_level, error))
        return FALSE;
    collaborator->user_id = found.user_id;
    collaborator->source_user_id = found.source_user_id;
    collaborator->is_member = !maps || found.accepted;
    if (collaborator->is_member)
        return decide_member(batch, collaborator, error);
    if (found.source_user_id == 0 &&
        !find_ghost_source_user(batch, object->representation, &collaborator->source_user_id, error))
        return FALSE;
    collaborator->is_due = collaborator->source_user_id != 0;
    return TRUE;
}

/* Two accounts may be one user's, so that the user may be a member by now. */
static const Statement insert_members = {
    "collaborator_insert_members",
    "INSERT INTO members (type, source_type, source_id, member_namespace_id, user_id, access_level,"
    "  created_by_id, notification_level, created_at, updated_at)"
    " SELECT DISTINCT ON (user_id) 'ProjectMember', 'Project', $2::bigint, $3::bigint, user_id, access_level,"
    "  $4::bigint, 3, $5::timestamp, $5::timestamp"
    " FROM json_to_recordset($1) AS r (user_id bigint, access_level integer)"
    " WHERE NOT EXISTS (SELECT FROM members m WHERE m.source_type = 'Project' AND m.source_id = $2"
    "  AND m.user_id = r.user_id)"
    " ORDER BY user_id, access_level DESC",
};
static const Statement insert_placeholder_memberships = {
    "collaborator_insert_placeholder_memberships",
    "INSERT INTO import_placeholder_memberships (source_user_id, namespace_id, project_id, access_level,"
    "  created_at)"
    " SELECT s.id, s.namespace_id, $2, r.access_level, $3"
    " FROM json_to_recordset($1) AS r (source_user_id bigint, access_level smallint)"
    " JOIN import_source_users s ON s.id = r.source_user_id"
    " ON CONFLICT DO NOTHING",
};

/* The fresh objects that become members, or those that become placeholder memberships, as JSON. NULL: none.
 * (transfer full) */
static char *rows_of(const ObjectBatch *batch, gboolean members)
{
    g_autoptr(json_t) rows = json_array();
    for (guint i = 0; i < batch->objects->len; i++) {
        const ImportedObject *object = batch->objects->pdata[i];
        const Collaborator *collaborator = object->importer_data;
        if (object->fresh && collaborator->is_due && collaborator->is_member == members)
            json_array_append_new(rows,
                                  json_pack("{s:I, s:I, s:i}", "user_id", (json_int_t)collaborator->user_id,
                                            "source_user_id", (json_int_t)collaborator->source_user_id,
                                            "access_level", collaborator->access_level));
    }
    return json_array_size(rows) > 0 ? json_dump(rows) : NULL;
}

static gboolean write_members(ObjectBatch *batch, GError **error)
{
    const Project *project = batch->project;
    g_autofree char *rows = rows_of(batch, TRUE);
    if (!rows)
        return TRUE;
    g_autoptr(PGresult) result =
        database_run(session_database(batch->session), error, &insert_members, rows, SQL_INTEGER(project->id),
                     SQL_INTEGER(project->project_namespace_id), SQL_INTEGER(project->creator_id), batch->now,
                     DATABASE_END);
    return result != NULL;
}

static gboolean write_placeholder_memberships(ObjectBatch *batch, GError **error)
{
    g_autofree char *rows = rows_of(batch, FALSE);
    if (!rows)
        return TRUE;
    g_autoptr(PGresult) result =
        database_run(session_database(batch->session), error, &insert_placeholder_memberships, rows,
                     SQL_INTEGER(batch->project->id), batch->now, DATABASE_END);
    return result != NULL;
}

static gboolean write_rows(ObjectBatch *batch, GError **error)
{
    return write_members(batch, error) && write_placeholder_memberships(batch, error);
}

/* Ruby's callbacks of a new member: its authorizations are calculated at once, and again later to be safe. */
static gboolean refresh_authorizations(Session *session, gint64 project_id, gint64 user_id, GError **error)
{
    return session_push_once(session, RECALCULATE_USER,
                             json_pack("[I, I]", (json_int_t)project_id, (json_int_t)user_id), FALSE,
                             error) &&
           session_push_in(session, REFRESH_USER, REFRESH_DELAY, json_pack("[I]", (json_int_t)user_id), TRUE,
                           error);
}

/* An object that is not fresh may have been written just before a kill; asking once more does no harm. */
static gboolean committed(ObjectBatch *batch, GError **error)
{
    for (guint i = 0; i < batch->objects->len; i++) {
        const ImportedObject *object = batch->objects->pdata[i];
        const Collaborator *collaborator = object->importer_data;
        if (!collaborator->is_member || (object->fresh && !collaborator->is_due))
            continue;
        session_begin_job(batch->session, object->job);
        if (!refresh_authorizations(batch->session, batch->project->id, collaborator->user_id, error))
            return FALSE;
    }
    return TRUE;
}

static char *receipt(const json_t *representation)
{
    return representation_id(representation, "id");
}

static void people(const json_t *representation, json_t *users)
{
    json_array_append(users, (json_t *)representation);
}

static json_t *identifiers(const json_t *representation)
{
    return json_pack("{s:O?, s:O?}", "id", json_object_get(representation, "id"), "login",
                     json_object_get(representation, "login"));
}

const TableColumns placeholder_membership_columns = {
    .table = "import_placeholder_memberships",
    .columns = COLUMNS("id", "source_user_id", "namespace_id", "project_id", "access_level", "created_at"),
    .inserts = TRUE,
    .optional = TRUE,
};
static const RowTable *const no_tables[] = {NULL};

const ObjectImporter collaborator_importer = {
    .class_name = "Gitlab::GithubImport::Importer::CollaboratorImporter",
    .object_type = "collaborator",
    .identifiers = identifiers,
    .receipt = receipt,
    .people = people,
    .build = build,
    .write = write_rows,
    .committed = committed,
    .tables = no_tables,
};
