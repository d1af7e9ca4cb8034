#include "worker/config/file_store_config.h"

#include "worker/config/bucket_config.h"

typedef struct KindConfig {
    const char *type;         /* gitlab.yml's name of such files */
    const char *storage_path; /* when gitlab.yml gives none; below shared.path if in_shared */
    gboolean in_shared;
    const char *folder;    /* below storage_path: "" or "/..." */
    const char *directory; /* when gitlab.yml names no remote_directory; or NULL */
    const char *directory_option, *bucket_option;
} KindConfig;

static const KindConfig kinds[] = {
    [FILE_STORE_UPLOADS] = {.type = "uploads",
                            .storage_path = "public",
                            .folder = "/uploads",
                            .directory = "uploads",
                            .directory_option = "uploads-directory",
                            .bucket_option = "uploads-bucket"},
    [FILE_STORE_LFS] = {.type = "lfs",
                        .storage_path = "lfs-objects",
                        .in_shared = TRUE,
                        .folder = "",
                        .directory_option = "lfs-directory",
                        .bucket_option = "lfs-bucket"},
};

/* Types whose own connection can stand in the way of the consolidated form. */
static const char *const accelerated_types[] = {
    "artifacts", "external_diffs", "lfs", "uploads", "packages", "dependency_proxy", "terraform_state"};

/* Settings.absolute. (transfer full) */
static char *absolute(const ConfigDirectory *directory, const char *path)
{
    g_autofree char *root = g_canonicalize_filename("..", directory->path);
    return g_canonicalize_filename(path, root);
}

static char *storage_path(const ConfigDirectory *directory, const json_t *gitlab, const KindConfig *kind)
{
    g_autofree char *given = config_text(config_mapping(gitlab, kind->type), "storage_path");
    if (given)
        return absolute(directory, given);
    if (!kind->in_shared)
        return absolute(directory, kind->storage_path);
    g_autofree char *shared = config_text(config_mapping(gitlab, "shared"), "path");
    g_autofree char *below = g_build_filename(shared ? shared : "shared", kind->storage_path, NULL);
    return absolute(directory, below);
}

static char *find_directory(const Options *options, const ConfigDirectory *directory, const json_t *gitlab,
                            const KindConfig *kind)
{
    const char *given = options_text(options, kind->directory_option);
    if (given)
        return g_canonicalize_filename(given, NULL);
    if (!gitlab)
        return NULL;
    g_autofree char *path = storage_path(directory, gitlab, kind);
    return g_strconcat(path, kind->folder, NULL);
}

static gboolean is_enabled(const json_t *mapping)
{
    return json_is_true(json_object_get(mapping, "enabled"));
}

/* ObjectStoreSettings#use_consolidated_settings?: a type's own connection must not be another one. */
static gboolean is_consolidated(const json_t *gitlab)
{
    const json_t *common = config_mapping(gitlab, "object_store");
    const json_t *connection = config_mapping(common, "connection");
    if (!is_enabled(common) || json_object_size(connection) == 0)
        return FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(accelerated_types); i++) {
        const json_t *own = config_mapping(config_mapping(gitlab, accelerated_types[i]), "object_store");
        const json_t *own_connection = config_mapping(own, "connection");
        if (is_enabled(own) && json_object_size(own_connection) > 0 &&
            !json_equal(own_connection, connection))
            return FALSE;
    }
    return TRUE;
}

static json_t *make_store(const json_t *settings, const char *remote_directory)
{
    return json_pack("{s:s*, s:O*, s:O*}", "remote_directory", remote_directory, "connection",
                     config_mapping(settings, "connection"), "storage_options",
                     config_mapping(settings, "storage_options"));
}

/* object_store of the type, in the form for one type; NULL: its files are local. (transfer full) */
static json_t *find_store(const json_t *gitlab, const KindConfig *kind)
{
    const json_t *common = config_mapping(gitlab, "object_store");
    const json_t *type = config_mapping(config_mapping(common, "objects"), kind->type);
    if (is_consolidated(gitlab) && !json_is_false(json_object_get(type, "enabled"))) {
        g_autofree char *bucket = config_text(type, "bucket");
        return make_store(common, bucket);
    }
    const json_t *own = config_mapping(config_mapping(gitlab, kind->type), "object_store");
    if (!is_enabled(own))
        return NULL;
    g_autofree char *directory = config_text(own, "remote_directory");
    return make_store(own, directory ? directory : kind->directory);
}

/* A bucket that an option names is one of provider AWS, with gitlab.yml's connection otherwise. */
static json_t *find_named_store(const json_t *gitlab, const KindConfig *kind, const char *bucket)
{
    g_autoptr(json_t) store = find_store(gitlab, kind);
    g_autoptr(json_t) named = make_store(store ? store : config_mapping(gitlab, "object_store"), bucket);
    g_autoptr(json_t) connection = json_pack("{s:s}", "provider", "AWS");
    json_object_update_missing(connection, (json_t *)config_mapping(named, "connection"));
    json_object_set(named, "connection", connection);
    return g_steal_pointer(&named);
}

static gboolean add_path_style(const Options *options, json_t *connection, GError **error)
{
    static const char *const styles[] = {"off", "on", NULL};
    guint style = 0;
    if (!options_text(options, "object-storage-path-style"))
        return TRUE;
    if (!options_choice(options, "object-storage-path-style", styles, &style, error))
        return FALSE;
    json_object_set_new(connection, "path_style", json_boolean(style == 1));
    return TRUE;
}

static gboolean add_secret(const Options *options, json_t *connection, GError **error)
{
    g_autofree char *secret = NULL;
    if (!options_secret(options, "object-storage-secret-access-key", &secret, error))
        return FALSE;
    if (secret)
        json_object_set_new(connection, "aws_secret_access_key", json_string(secret));
    return TRUE;
}

static gboolean add_options(const Options *options, json_t *connection, GError **error)
{
    static const struct {
        const char *option, *key;
    } texts[] = {{"object-storage-endpoint", "endpoint"},
                 {"object-storage-region", "region"},
                 {"object-storage-access-key-id", "aws_access_key_id"}};
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
        const char *text = options_text(options, texts[i].option);
        if (text)
            json_object_set_new(connection, texts[i].key, json_string(text));
    }
    return add_path_style(options, connection, error) && add_secret(options, connection, error);
}

gboolean file_store_config_load(const Options *options, const ConfigDirectory *directory,
                                const json_t *gitlab, FileStoreKind kind, FileStoreSettings *settings,
                                GError **error)
{
    const char *named = options_text(options, kinds[kind].bucket_option);
    settings->directory = find_directory(options, directory, gitlab, &kinds[kind]);
    g_autoptr(json_t) store =
        named ? find_named_store(gitlab, &kinds[kind], named) : find_store(gitlab, &kinds[kind]);
    if (!store)
        return TRUE;
    const json_t *connection = config_mapping(store, "connection");
    g_autoptr(json_t) complete = connection ? json_copy((json_t *)connection) : json_object();
    if (!add_options(options, complete, error))
        return FALSE;
    json_object_set(store, "connection", complete);
    bucket_config_load(store, settings);
    return TRUE;
}

gboolean file_store_config_lfs_enabled(const json_t *gitlab)
{
    return !json_is_false(json_object_get(config_mapping(gitlab, "lfs"), "enabled"));
}
