#include "spec/fake_github/data_set.h"

#include <string.h>

#include "spec/fake_github/dump.h"
#include "spec/fake_github/json_text.h"

struct DataSet {
    GMutex lock;
    char *git_root;
    GHashTable *repositories; /* folded full name -> Repository */
    GHashTable *by_id;        /* id -> Repository */
    GHashTable *renamed;      /* folded former name -> folded full name */
    json_t *users;            /* folded login -> description; NULL until a file states users */
    guint generated_users;
    GHashTable *kept_users; /* "API-ADDRESS LOGIN" -> object */
};

G_DEFINE_QUARK(fake - github - data - set - error, data_set_error)

static void decref(gpointer json)
{
    json_decref(json);
}

DataSet *data_set_new(const char *git_root)
{
    DataSet *data = g_new0(DataSet, 1);
    g_mutex_init(&data->lock);
    data->git_root = g_strdup(git_root);
    data->repositories =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)repository_unref);
    data->by_id =
        g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, (GDestroyNotify)repository_unref);
    data->renamed = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    data->kept_users = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, decref);
    return data;
}

void data_set_free(DataSet *data)
{
    g_hash_table_unref(data->repositories);
    g_hash_table_unref(data->by_id);
    g_hash_table_unref(data->renamed);
    g_hash_table_unref(data->kept_users);
    json_decref(data->users);
    g_free(data->git_root);
    g_mutex_clear(&data->lock);
    g_free(data);
}

/* make_repository writes this file into the bare repository. (transfer full) */
static json_t *read_shas(const DataSet *data, const char *full_name)
{
    if (data->git_root == NULL) {
        return NULL;
    }
    g_autofree char *directory = g_strdup_printf("%s.git", full_name);
    g_autofree char *path = g_build_filename(data->git_root, directory, "fake_github.json", NULL);
    return json_load_file(path, 0, NULL);
}

static void remember_former_names(DataSet *data, const json_t *description, const char *key)
{
    size_t index = 0;
    json_t *name = NULL;
    json_array_foreach (json_object_get(description, "renamed_from"), index, name) {
        g_hash_table_replace(data->renamed, g_ascii_strdown(json_string_value(name), -1), g_strdup(key));
    }
}

static void add_repository(DataSet *data, Repository *repository)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&data->lock);
    gint64 id = repository_id(repository);
    char *key = g_ascii_strdown(repository_full_name(repository), -1);
    const Generator *generator = repository_generator(repository);
    g_hash_table_remove_all(data->kept_users);
    data->generated_users = MAX(data->generated_users, generator != NULL ? generator->users : 0);
    remember_former_names(data, repository_description(repository), key);
    g_hash_table_replace(data->by_id, g_memdup2(&id, sizeof id), repository_ref(repository));
    g_hash_table_replace(data->repositories, key, repository_ref(repository));
}

static gboolean check_members(const json_t *array, const char *name, const char *key, GError **error)
{
    size_t index = 0;
    json_t *member = NULL;
    json_array_foreach (array, index, member) {
        if (json_object_get(member, key) == NULL) {
            g_set_error(error, DATA_SET_ERROR, 0, "%s[%zu] has no \"%s\"", name, index, key);
            return FALSE;
        }
    }
    return TRUE;
}

/* What is served is looked up by these members, so they must be there. */
static gboolean check_collections(const json_t *description, GError **error)
{
    for (gsize i = 0; OBJECT_KINDS[i] != NULL; i++) {
        const ObjectKind *kind = OBJECT_KINDS[i];
        const json_t *array = json_object_get(description, kind->name);
        if (kind->parent == NULL && !check_members(array, kind->name, kind->key, error)) {
            return FALSE;
        }
    }
    return TRUE;
}

static Generator *parse_generator(const char *specification, const char *full_name, GError **error)
{
    Generator *generator = generator_parse(specification, error);
    if (generator == NULL) {
        g_prefix_error(error, "%s: ", full_name);
    }
    return generator;
}

gboolean data_set_put(DataSet *data, const json_t *description, GError **error)
{
    const char *full_name = json_string_value(json_object_get(description, "full_name"));
    const char *specification = json_string_value(json_object_get(description, "generate"));
    if (full_name == NULL || strchr(full_name, '/') == NULL) {
        g_set_error(error, DATA_SET_ERROR, 0, "a repository needs a \"full_name\" of the form OWNER/NAME");
        return FALSE;
    }
    if (!check_collections(description, error)) {
        g_prefix_error(error, "%s: ", full_name);
        return FALSE;
    }
    g_autofree Generator *generator =
        specification != NULL ? parse_generator(specification, full_name, error) : NULL;
    if (specification != NULL && generator == NULL) {
        return FALSE;
    }
    json_auto_t *shas = read_shas(data, full_name);
    g_autoptr(Repository) repository = repository_new(description, g_steal_pointer(&generator), shas);
    add_repository(data, repository);
    return TRUE;
}

gboolean data_set_generate(DataSet *data, const char *specification, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(specification, ":", 2);
    json_auto_t *description = json_pack("{s:s, s:s}", "full_name", parts[0], "generate",
                                         parts[0] != NULL && parts[1] != NULL ? parts[1] : "");
    if (parts[0] == NULL || parts[1] == NULL) {
        g_set_error(error, DATA_SET_ERROR, 0, "'%s' is not OWNER/NAME:SPECIFICATION", specification);
        return FALSE;
    }
    return data_set_put(data, description, error);
}

static gboolean add_users(DataSet *data, const json_t *users, GError **error)
{
    size_t index = 0;
    json_t *user = NULL;
    if (!check_members(users, "users", "login", error)) {
        return FALSE;
    }
    if (users != NULL && data->users == NULL) {
        data->users = json_object();
    }
    json_array_foreach (users, index, user) {
        g_autofree char *key = g_ascii_strdown(json_string_value(json_object_get(user, "login")), -1);
        json_object_set(data->users, key, user);
    }
    return TRUE;
}

static gboolean add_repositories(DataSet *data, const json_t *repositories, GError **error)
{
    size_t index = 0;
    json_t *description = NULL;
    json_array_foreach (repositories, index, description) {
        if (!data_set_put(data, description, error)) {
            return FALSE;
        }
    }
    return TRUE;
}

gboolean data_set_load(DataSet *data, const char *file, GError **error)
{
    json_error_t problem;
    json_auto_t *contents = json_load_file(file, 0, &problem);
    if (contents == NULL) {
        g_set_error(error, DATA_SET_ERROR, 0, "%s:%d: %s", file, problem.line, problem.text);
        return FALSE;
    }
    if (!add_users(data, json_object_get(contents, "users"), error) ||
        !add_repositories(data, json_object_get(contents, "repositories"), error)) {
        g_prefix_error(error, "%s: ", file);
        return FALSE;
    }
    return TRUE;
}

Repository *data_set_repository(DataSet *data, const char *full_name, gboolean *renamed)
{
    g_autofree char *key = g_ascii_strdown(full_name, -1);
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&data->lock);
    Repository *repository = g_hash_table_lookup(data->repositories, key);
    *renamed = FALSE;
    if (repository == NULL) {
        const char *current = g_hash_table_lookup(data->renamed, key);
        *renamed = current != NULL;
        repository = current != NULL ? g_hash_table_lookup(data->repositories, current) : NULL;
    }
    return repository != NULL ? repository_ref(repository) : NULL;
}

Repository *data_set_repository_by_id(DataSet *data, gint64 id)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&data->lock);
    Repository *repository = g_hash_table_lookup(data->by_id, &id);
    return repository != NULL ? repository_ref(repository) : NULL;
}

GPtrArray *data_set_repositories(DataSet *data)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&data->lock);
    GPtrArray *repositories = g_ptr_array_new_with_free_func((GDestroyNotify)repository_unref);
    GHashTableIter iterator;
    gpointer repository = NULL;
    g_hash_table_iter_init(&iterator, data->repositories);
    while (g_hash_table_iter_next(&iterator, NULL, &repository)) {
        g_ptr_array_add(repositories, repository_ref(repository));
    }
    return repositories;
}

void data_set_reset_statuses(DataSet *data)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&data->lock);
    GHashTableIter iterator;
    gpointer repository = NULL;
    g_hash_table_iter_init(&iterator, data->repositories);
    while (g_hash_table_iter_next(&iterator, NULL, &repository)) {
        repository_reset_status(repository);
    }
}

json_t *data_set_user(DataSet *data, const char *login)
{
    g_autofree char *key = g_ascii_strdown(login, -1);
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&data->lock);
    const json_t *stated = json_object_get(data->users, key);
    if (stated != NULL) {
        return json_copy((json_t *)stated);
    }
    json_t *generated = generator_user(login, data->generated_users);
    if (generated != NULL || data->users != NULL) {
        return generated;
    }
    return json_pack("{s:s}", "login", login);
}

json_t *data_set_kept_user(DataSet *data, const char *api_url, const char *login)
{
    g_autofree char *key = g_strdup_printf("%s %s", api_url, login);
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&data->lock);
    return json_incref(g_hash_table_lookup(data->kept_users, key));
}

void data_set_keep_user(DataSet *data, const char *api_url, const char *login, json_t *object)
{
    char *key = g_strdup_printf("%s %s", api_url, login);
    json_text_keep(object);
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&data->lock);
    g_hash_table_replace(data->kept_users, key, json_incref(object));
}

static json_t *dump_users(const DataSet *data)
{
    json_t *users = json_array();
    const char *key = NULL;
    json_t *user = NULL;
    json_object_foreach (data->users, key, user) {
        json_array_append(users, user);
    }
    for (guint i = 1; i <= data->generated_users; i++) {
        g_autofree char *login = generator_nth_login(i);
        json_array_append_new(users, generator_user(login, data->generated_users));
    }
    return users;
}

json_t *data_set_dump(DataSet *data)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&data->lock);
    json_t *repositories = json_array();
    g_autoptr(GList) names = g_list_sort(g_hash_table_get_keys(data->repositories), (GCompareFunc)strcmp);
    for (const GList *name = names; name != NULL; name = name->next) {
        const Repository *repository = g_hash_table_lookup(data->repositories, name->data);
        json_array_append_new(repositories, dump_repository(repository));
    }
    return json_pack("{s:o, s:o}", "users", dump_users(data), "repositories", repositories);
}
