#include "spec/fake_github/repository.h"

struct Repository {
    char *full_name;
    gint64 id;
    json_t *description;
    json_t *numbered; /* issues and pull requests of the data file by number; NULL: generated */
    Generator *generator;
    json_t *shas;
    gint status;
};

static int compare_numbers(gconstpointer a, gconstpointer b)
{
    const json_t *const *left = a;
    const json_t *const *right = b;
    json_int_t left_number = json_integer_value(json_object_get(*left, "number"));
    json_int_t right_number = json_integer_value(json_object_get(*right, "number"));
    return (left_number > right_number) - (left_number < right_number);
}

static void append_members(GPtrArray *list, const json_t *array)
{
    size_t index = 0;
    json_t *value = NULL;
    json_array_foreach (array, index, value) {
        g_ptr_array_add(list, value);
    }
}

static json_t *sorted_by_number(const json_t *issues, const json_t *pulls)
{
    g_autoptr(GPtrArray) list = g_ptr_array_new();
    append_members(list, issues);
    append_members(list, pulls);
    g_ptr_array_sort(list, compare_numbers);
    json_t *sorted = json_array();
    for (guint i = 0; i < list->len; i++) {
        json_array_append(sorted, g_ptr_array_index(list, i));
    }
    return sorted;
}

/* Pull requests are served in the order of their numbers, whatever the order in the file. */
static void sort_collections(Repository *repository)
{
    const json_t *issues = json_object_get(repository->description, "issues");
    json_t *pulls = json_object_get(repository->description, "pulls");
    if (issues == NULL && pulls == NULL) {
        return;
    }
    repository->numbered = sorted_by_number(issues, pulls);
    json_object_set_new(repository->description, "pulls", sorted_by_number(NULL, pulls));
}

Repository *repository_new(const json_t *description, Generator *generator, const json_t *shas)
{
    Repository *repository = g_atomic_rc_box_new0(Repository);
    const json_t *id = json_object_get(description, "id");
    repository->description = json_copy((json_t *)description);
    repository->full_name = g_strdup(json_string_value(json_object_get(description, "full_name")));
    repository->id = id != NULL ? (gint64)json_integer_value(id)
                                : (gint64)object_id("repositories", repository->full_name, 0);
    repository->generator = generator;
    repository->shas = json_incref((json_t *)shas);
    if (generator != NULL) {
        generator->git = repository->shas;
    }
    sort_collections(repository);
    repository_reset_status(repository);
    return repository;
}

Repository *repository_ref(Repository *repository)
{
    return g_atomic_rc_box_acquire(repository);
}

static void repository_clear(gpointer data)
{
    Repository *repository = data;
    g_free(repository->full_name);
    g_free(repository->generator);
    json_decref(repository->description);
    json_decref(repository->numbered);
    json_decref(repository->shas);
}

void repository_unref(Repository *repository)
{
    g_atomic_rc_box_release_full(repository, repository_clear);
}

const char *repository_full_name(const Repository *repository)
{
    return repository->full_name;
}

gint64 repository_id(const Repository *repository)
{
    return repository->id;
}

const char *repository_default_branch(const Repository *repository)
{
    const json_t *branch = json_object_get(repository->description, "default_branch");
    return json_is_string(branch) ? json_string_value(branch) : "main";
}

const json_t *repository_description(const Repository *repository)
{
    return repository->description;
}

gboolean repository_flag(const Repository *repository, const char *member, gboolean fallback)
{
    const json_t *value = json_object_get(repository->description, member);
    return value != NULL ? json_is_true(value) : fallback;
}

guint repository_status(const Repository *repository)
{
    return (guint)g_atomic_int_get(&repository->status);
}

void repository_set_status(Repository *repository, guint status)
{
    g_atomic_int_set(&repository->status, (gint)status);
}

void repository_reset_status(Repository *repository)
{
    const json_t *status = json_object_get(repository->description, "status");
    repository_set_status(repository, (guint)json_integer_value(status));
}

char *repository_sha(const Repository *repository, const char *name)
{
    const json_t *sha = json_object_get(repository->shas, name);
    if (json_is_string(sha)) {
        return g_strdup(json_string_value(sha));
    }
    g_autofree char *text = g_strdup_printf("%s:%s", repository->full_name, name);
    return g_compute_checksum_for_string(G_CHECKSUM_SHA1, text, -1);
}

const Generator *repository_generator(const Repository *repository)
{
    return repository->generator;
}

const json_t *repository_stated(const Repository *repository, const ObjectKind *kind)
{
    return kind == &ISSUE_KIND ? repository->numbered : json_object_get(repository->description, kind->name);
}
