#include "importers/objects/protected_branch.h"

#include "importers/git/default_branch.h"
#include "importers/objects/protected_branch_rows.h"
#include "protocol/json.h"

/* What GitLab says of a job's branch before it is imported. */
typedef struct ProtectedBranch {
    gboolean is_default;
    gboolean is_protected;              /* by a rule of GitLab's ... */
    ProtectedBranchRules rules;         /* ... of those then */
    gint64 id;                          /* of its row */
    gboolean replaces;                  /* the rule that GitLab made at the first push */
    DefaultBranchProtection protection; /* of the default branch */
} ProtectedBranch;

static const char *name_of(const ImportedObject *object)
{
    return json_string_field(object->representation, "id");
}

/* What Ruby's representation would stumble over. */
static gboolean has_shape(const json_t *representation)
{
    return json_is_array(json_object_get(representation, "allowed_to_push_users"));
}

static gboolean check(const ImportedObject *object, GError **error)
{
    const char *name = name_of(object);
    if (!has_shape(object->representation)) {
        g_set_error_literal(error, OBJECT_ERROR, OBJECT_ERROR_NO_METHOD,
                            "the representation of a protected branch has no allowed_to_push_users");
        return FALSE;
    }
    if (!name || !*name) {
        g_set_error_literal(error, OBJECT_ERROR, OBJECT_ERROR_INVALID,
                            "Validation failed: Name can't be blank");
        return FALSE;
    }
    return TRUE;
}

/* --- what GitLab says --- */

/* The names of the batch's branches, or of the fresh ones alone. (transfer full) */
static json_t *names_of(const ObjectBatch *batch, gboolean fresh)
{
    json_t *names = json_array();
    for (guint i = 0; i < batch->objects->len; i++) {
        const ImportedObject *object = batch->objects->pdata[i];
        if (name_of(object) && (object->fresh || !fresh))
            json_array_append_new(names, json_string(name_of(object)));
    }
    return names;
}

static ProtectedBranch *protected_branch_new(const ImportedObject *object, const char *default_branch,
                                             GHashTable *found)
{
    ProtectedBranch *branch = g_new0(ProtectedBranch, 1);
    const char *name = name_of(object);
    const ProtectedBranchRules *rules = name ? g_hash_table_lookup(found, name) : NULL;
    branch->is_default = name && g_strcmp0(name, default_branch) == 0;
    branch->is_protected = rules != NULL;
    if (rules)
        branch->rules = *rules;
    return branch;
}

static gboolean find_branches(ObjectBatch *batch, GError **error)
{
    g_autofree char *default_branch = NULL;
    if (!git_default_branch(batch->session, batch->project, &default_branch, error))
        return FALSE;
    g_autoptr(json_t) names = names_of(batch, FALSE);
    g_autoptr(GHashTable) found = protected_branch_rules_find(batch->session, batch->project, names, error);
    if (!found)
        return FALSE;
    for (guint i = 0; i < batch->objects->len; i++) {
        ImportedObject *object = batch->objects->pdata[i];
        object->importer_data = protected_branch_new(object, default_branch, found);
        object->importer_data_free = g_free;
    }
    return TRUE;
}

static const Statement require_resolution = {
    "protected_branch_require_resolution",
    "UPDATE projects SET only_allow_merge_if_all_discussions_are_resolved = true, updated_at = $2"
    " WHERE id = $1 AND only_allow_merge_if_all_discussions_are_resolved IS NOT TRUE",
};

/* What GitHub requires of the default branch becomes the whole project's, and never less strict. Ruby does so
 * before it finds out that the branch is refused; therefore it is no part of the branch's transaction. */
static gboolean require_resolved_discussions(ObjectBatch *batch, GError **error)
{
    for (guint i = 0; i < batch->objects->len; i++) {
        const ImportedObject *object = batch->objects->pdata[i];
        const ProtectedBranch *branch = object->importer_data;
        if (!branch->is_default || !has_shape(object->representation) ||
            !json_true_field(object->representation, "required_conversation_resolution"))
            continue;
        g_autoptr(PGresult) result =
            database_run(session_database(batch->session), error, &require_resolution,
                         SQL_INTEGER(batch->project->id), batch->now, DATABASE_END);
        if (!result)
            return FALSE;
    }
    return TRUE;
}

static gboolean prepare(ObjectBatch *batch, GError **error)
{
    return find_branches(batch, error) && require_resolved_discussions(batch, error);
}

/* --- rows --- */

static const RowTable *const tables[] = {&protected_branch_table, &protected_branch_push_access_level_table,
                                         &protected_branch_merge_access_level_table, NULL};

static gboolean insert_level(ObjectBatch *batch, ImportedObject *object, const RowTable *table,
                             gint64 protected_branch_id, int access_level, GError **error)
{
    gint64 id;
    if (!object_next_id(batch, table, &id, error))
        return FALSE;
    object_insert(
        object, table,
        protected_branch_access_level_row(id, protected_branch_id, batch->project, access_level, batch->now));
    return TRUE;
}

static gboolean insert_rows(ObjectBatch *batch, ImportedObject *object, const ProtectedBranchAccess *access,
                            GError **error)
{
    ProtectedBranch *branch = object->importer_data;
    if (!object_next_id(batch, &protected_branch_table, &branch->id, error))
        return FALSE;
    object_insert(object, &protected_branch_table,
                  protected_branch_row(branch->id, batch->project, name_of(object), access->allow_force_push,
                                       batch->now));
    return insert_level(batch, object, &protected_branch_push_access_level_table, branch->id,
                        access->push_level, error) &&
           insert_level(batch, object, &protected_branch_merge_access_level_table, branch->id,
                        access->merge_level, error);
}

/* Where the repository is pushed over HTTP, GitLab protects the default branch as soon as it has one. With
 * Ruby the rule is made when the import ends and GitHub's is not there: its being first must not keep
 * GitHub's away. */
static gboolean is_gitlabs_own(const Session *session, const ProtectedBranch *branch)
{
    return session->configuration->repository_backend == REPOSITORY_HTTP && branch->is_default &&
           branch->is_protected && branch->protection.any &&
           branch->rules.push_level == branch->protection.push_level &&
           branch->rules.merge_level == branch->protection.merge_level &&
           branch->rules.allow_force_push == branch->protection.allow_force_push;
}

static gboolean find_gitlabs_access(ObjectBatch *batch, ProtectedBranch *branch,
                                    ProtectedBranchAccess *access, GError **error)
{
    if (branch->is_default &&
        !default_branch_protection_find(batch->session, batch->project, &branch->protection, error))
        return FALSE;
    branch->replaces = is_gitlabs_own(batch->session, branch);
    *access =
        protected_branch_access_of_gitlab(branch->is_default ? &branch->protection : NULL,
                                          branch->is_protected && !branch->replaces ? &branch->rules : NULL);
    return TRUE;
}

static gboolean build(ObjectBatch *batch, ImportedObject *object, GError **error)
{
    ProtectedBranchAccess access;
    if (!check(object, error) || !find_gitlabs_access(batch, object->importer_data, &access, error))
        return FALSE;
    protected_branch_access_restrict(&access, object->representation);
    return insert_rows(batch, object, &access, error);
}

/* --- names are unique --- */

/* $3: the rule that takes its place. */
static const Statement delete_gitlabs_own = {
    "protected_branch_delete_gitlabs_own",
    "DELETE FROM protected_branches b WHERE b.project_id = $1 AND b.name = $2 AND b.id < $3"
    " AND b.allow_force_push = $4"
    " AND ARRAY(SELECT access_level FROM protected_branch_push_access_levels"
    "  WHERE protected_branch_id = b.id) = ARRAY[$5::integer]"
    " AND ARRAY(SELECT access_level FROM protected_branch_merge_access_levels"
    "  WHERE protected_branch_id = b.id) = ARRAY[$6::integer]",
};
static const Statement find_taken = {
    "protected_branch_find_taken",
    "SELECT name FROM protected_branches WHERE project_id = $1"
    " AND name IN (SELECT json_array_elements_text($2::json)) GROUP BY name HAVING count(*) > 1 LIMIT 1",
};

static gboolean replace_gitlabs_own(ObjectBatch *batch, GError **error)
{
    for (guint i = 0; i < batch->objects->len; i++) {
        const ImportedObject *object = batch->objects->pdata[i];
        const ProtectedBranch *branch = object->importer_data;
        if (!object->fresh || !branch->replaces)
            continue;
        const DefaultBranchProtection *own = &branch->protection;
        g_autoptr(PGresult) deleted = database_run(
            session_database(batch->session), error, &delete_gitlabs_own, SQL_INTEGER(batch->project->id),
            name_of(object), SQL_INTEGER(branch->id), own->allow_force_push ? "t" : "f",
            SQL_INTEGER(own->push_level), SQL_INTEGER(own->merge_level), DATABASE_END);
        if (!deleted)
            return FALSE;
    }
    return TRUE;
}

static gboolean check_names(ObjectBatch *batch, const json_t *names, GError **error)
{
    g_autofree char *text = json_dump(names);
    g_autoptr(PGresult) taken = database_run(session_database(batch->session), error, &find_taken,
                                             SQL_INTEGER(batch->project->id), text, DATABASE_END);
    if (!taken)
        return FALSE;
    if (PQntuples(taken) == 0)
        return TRUE;
    g_set_error_literal(error, OBJECT_ERROR, OBJECT_ERROR_INVALID,
                        "Validation failed: Name has already been taken");
    return FALSE;
}

/* A new rule touches its project, as in Ruby, and is the only one of its name. */
static gboolean write_rows(ObjectBatch *batch, GError **error)
{
    g_autoptr(json_t) names = names_of(batch, TRUE);
    return json_array_size(names) == 0 ||
           (protected_branch_touch_project(batch->session, batch->project, batch->now, error) &&
            replace_gitlabs_own(batch, error) && check_names(batch, names, error));
}

/* Also when a job is executed again, because it may have been killed between commit and cache. */
static gboolean committed(ObjectBatch *batch, GError **error)
{
    return protected_branch_rules_expire(batch->session, batch->project, error);
}

static char *receipt(const json_t *representation)
{
    const char *name = json_string_field(representation, "id");
    return g_strdup(name ? name : "");
}

static json_t *identifiers(const json_t *representation)
{
    return json_pack("{s:O?}", "id", json_object_get(representation, "id"));
}

const ObjectImporter protected_branch_importer = {
    .class_name = "Gitlab::GithubImport::Importer::ProtectedBranchImporter",
    .object_type = "protected_branch",
    .identifiers = identifiers,
    .receipt = receipt,
    .prepare = prepare,
    .build = build,
    .write = write_rows,
    .committed = committed,
    .tables = tables,
};
