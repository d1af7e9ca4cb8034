#include "importers/git/diff/renames.h"

#include "importers/git/diff/rename_file.h"
#include "importers/git/object_id.h"

#include <string.h>

#define RENAME_LIMIT          1000 /* git's diff.renameLimit */
#define IDENTICAL_SOURCES_MAX 100  /* of one content that are looked at for one destination */
#define CANDIDATES            4    /* for one destination, git's NUM_CANDIDATE_PER_DST */
#define PERCENT               (GIT_SIMILARITY_MAX / 100)
/* Bytes of deleted files, whose measures are kept while they are compared with the added ones: of larger ones
 * only one diff of the process at a time does so. */
#define LARGE ((guint64)16 * 1024 * 1024)

static GMutex large_comparisons;

typedef struct Renames {
    RenameContents contents;
    GPtrArray *sources, *destinations; /* of RenameFile: deleted and added files, in git's order */
    guint minimum;                     /* 0 to GIT_SIMILARITY_MAX */
} Renames;

/* A pair that may be a rename. */
typedef struct Candidate {
    RenameFile *source, *destination; /* NULL: none */
    guint similarity;
    gboolean same_name;
} Candidate;

static void renames_clear(Renames *renames)
{
    g_clear_pointer(&renames->sources, g_ptr_array_unref);
    g_clear_pointer(&renames->destinations, g_ptr_array_unref);
    rename_contents_clear(&renames->contents);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Renames, renames_clear)

static void renames_init(Renames *renames, const GPtrArray *entries, guint minimum)
{
    *renames = (Renames){
        .sources = g_ptr_array_new_with_free_func((GDestroyNotify)rename_file_free),
        .destinations = g_ptr_array_new_with_free_func((GDestroyNotify)rename_file_free),
        .minimum = minimum,
    };
    for (guint i = 0; i < entries->len; i++) {
        GitDiffEntry *entry = g_ptr_array_index(entries, i);
        if (entry->status == 'D')
            g_ptr_array_add(renames->sources,
                            rename_file_new(entry, entry->old_path, &entry->old_id, entry->old_mode));
        else if (entry->status == 'A')
            g_ptr_array_add(renames->destinations,
                            rename_file_new(entry, entry->new_path, &entry->new_id, entry->new_mode));
    }
}

static void pair_files(RenameFile *source, RenameFile *destination)
{
    source->other = destination;
    destination->other = source;
}

static gboolean same_name(const RenameFile *one, const RenameFile *two)
{
    return strcmp(rename_file_name(one), rename_file_name(two)) == 0;
}

/* Those that are not paired yet. (transfer container) */
static GPtrArray *remaining(const GPtrArray *files)
{
    GPtrArray *left = g_ptr_array_new();
    for (guint i = 0; i < files->len; i++) {
        RenameFile *file = g_ptr_array_index(files, i);
        if (!file->other)
            g_ptr_array_add(left, file);
    }
    return left;
}

/* From an object's id to the sources with this content, in order. (transfer full) */
static GHashTable *sources_by_id(const Renames *renames)
{
    GHashTable *by_id =
        g_hash_table_new_full(object_id_hash, object_id_equal, NULL, (GDestroyNotify)g_ptr_array_unref);
    for (guint i = 0; i < renames->sources->len; i++) {
        RenameFile *source = g_ptr_array_index(renames->sources, i);
        GPtrArray *same = g_hash_table_lookup(by_id, source->id);
        if (!same) {
            same = g_ptr_array_new();
            g_hash_table_insert(by_id, (gpointer)source->id, same);
        }
        g_ptr_array_add(same, source);
    }
    return by_id;
}

/* A symbolic link or a submodule becomes nothing else by being renamed. */
static gboolean modes_match(const RenameFile *one, const RenameFile *two)
{
    return one->mode == two->mode || (rename_file_is_regular(one) && rename_file_is_regular(two));
}

/* Among sources of the same content the first of the same name, else the first. NULL for none. */
static RenameFile *identical_source(const GPtrArray *same, const RenameFile *destination)
{
    RenameFile *best = NULL;
    guint alternatives = 0;
    for (guint i = 0; i < same->len && alternatives < IDENTICAL_SOURCES_MAX; i++) {
        RenameFile *source = g_ptr_array_index(same, i);
        if (source->other || !modes_match(source, destination))
            continue;
        if (same_name(source, destination))
            return source;
        best = best ? best : source;
        alternatives++;
    }
    return best;
}

static void find_exact(Renames *renames)
{
    g_autoptr(GHashTable) by_id = sources_by_id(renames);
    for (guint i = 0; i < renames->destinations->len; i++) {
        RenameFile *destination = g_ptr_array_index(renames->destinations, i);
        const GPtrArray *same = g_hash_table_lookup(by_id, destination->id);
        RenameFile *source = same ? identical_source(same, destination) : NULL;
        if (source)
            pair_files(source, destination);
    }
}

/* From a name to the only one of `files` that has it, or to NULL if several have. (transfer full) */
static GHashTable *unique_names(const GPtrArray *files)
{
    GHashTable *unique = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < files->len; i++) {
        RenameFile *file = g_ptr_array_index(files, i);
        const char *name = rename_file_name(file);
        gboolean is_new = !g_hash_table_contains(unique, name);
        g_hash_table_insert(unique, (gpointer)name, is_new ? file : NULL);
    }
    return unique;
}

/* Files that keep their name in another directory: they need to be more alike, but then nothing else is
 * looked at for them. */
static gboolean find_by_name(Renames *renames, GError **error)
{
    guint minimum = renames->minimum + (GIT_SIMILARITY_MAX - renames->minimum) / 2;
    g_autoptr(GPtrArray) sources = remaining(renames->sources);
    g_autoptr(GPtrArray) destinations = remaining(renames->destinations);
    g_autoptr(GHashTable) source_names = unique_names(sources);
    g_autoptr(GHashTable) destination_names = unique_names(destinations);
    for (guint i = 0; i < sources->len; i++) {
        RenameFile *source = g_ptr_array_index(sources, i);
        const char *name = rename_file_name(source);
        RenameFile *destination = g_hash_table_lookup(destination_names, name);
        guint similarity;
        if (g_hash_table_lookup(source_names, name) != source || !destination)
            continue;
        if (!rename_file_similarity(&renames->contents, source, destination, minimum, &similarity, error))
            return FALSE;
        if (similarity >= minimum)
            pair_files(source, destination);
        rename_file_drop(&renames->contents, source);
        rename_file_drop(&renames->contents, destination);
    }
    return TRUE;
}

/* The better one first; one that is none last. */
static gint compare_candidates(gconstpointer a, gconstpointer b)
{
    const Candidate *one = a, *two = b;
    if (!one->destination || !two->destination)
        return !one->destination - !two->destination;
    if (one->similarity != two->similarity)
        return one->similarity > two->similarity ? -1 : 1;
    return two->same_name - one->same_name;
}

/* Puts the candidate in the place of the worst one of `best` if it is better. */
static void keep_if_better(Candidate best[CANDIDATES], const Candidate *candidate)
{
    Candidate *worst = best;
    for (guint i = 1; i < CANDIDATES; i++)
        if (compare_candidates(&best[i], worst) > 0)
            worst = &best[i];
    if (compare_candidates(worst, candidate) > 0)
        *worst = *candidate;
}

/* The sources that are the most similar to the destination. */
static gboolean find_candidates(Renames *renames, const GPtrArray *sources, RenameFile *destination,
                                Candidate best[CANDIDATES], GError **error)
{
    for (guint i = 0; i < sources->len; i++) {
        RenameFile *source = g_ptr_array_index(sources, i);
        Candidate candidate = {
            .source = source, .destination = destination, .same_name = same_name(source, destination)};
        if (!rename_file_similarity(&renames->contents, source, destination, renames->minimum,
                                    &candidate.similarity, error))
            return FALSE;
        keep_if_better(best, &candidate);
    }
    rename_file_drop(&renames->contents, destination);
    return TRUE;
}

static void pair_candidates(const Renames *renames, GArray *candidates)
{
    g_array_sort(candidates, compare_candidates); /* stable, as git's is */
    for (guint i = 0; i < candidates->len; i++) {
        const Candidate *candidate = &g_array_index(candidates, Candidate, i);
        if (!candidate->destination || candidate->similarity < renames->minimum)
            return;
        if (!candidate->source->other && !candidate->destination->other)
            pair_files(candidate->source, candidate->destination);
    }
}

static gboolean sum_sizes(const Renames *renames, const GPtrArray *files, guint64 *size, GError **error)
{
    *size = 0;
    for (guint i = 0; i < files->len; i++) {
        RenameFile *file = g_ptr_array_index(files, i);
        if (!rename_file_is_regular(file))
            continue;
        if (!rename_file_read_size(&renames->contents, file, error))
            return FALSE;
        *size += file->size;
    }
    return TRUE;
}

static gboolean find_by_content(Renames *renames, GError **error)
{
    g_autoptr(GPtrArray) sources = remaining(renames->sources);
    g_autoptr(GPtrArray) destinations = remaining(renames->destinations);
    g_autoptr(GArray) candidates = g_array_new(FALSE, TRUE, sizeof(Candidate));
    if (sources->len == 0 || destinations->len == 0 ||
        (guint64)sources->len * destinations->len > RENAME_LIMIT * RENAME_LIMIT)
        return TRUE;
    guint64 size;
    if (!sum_sizes(renames, sources, &size, error))
        return FALSE;
    g_autoptr(GMutexLocker) turn = size > LARGE ? g_mutex_locker_new(&large_comparisons) : NULL;
    g_array_set_size(candidates, destinations->len * CANDIDATES);
    for (guint i = 0; i < destinations->len; i++)
        if (!find_candidates(renames, sources, g_ptr_array_index(destinations, i),
                             &g_array_index(candidates, Candidate, i * CANDIDATES), error))
            return FALSE;
    pair_candidates(renames, candidates);
    return TRUE;
}

/* Makes the destination's entry the renamed one. */
static void become_renamed(const RenameFile *destination)
{
    GitDiffEntry *entry = destination->entry;
    const RenameFile *source = destination->other;
    entry->status = 'R';
    g_free(entry->old_path);
    entry->old_path = g_strdup(source->path);
    entry->old_mode = source->mode;
    entry->old_id = *source->id;
}

static void apply(const Renames *renames, GPtrArray *entries)
{
    g_autoptr(GHashTable) gone = g_hash_table_new(NULL, NULL);
    for (guint i = 0; i < renames->destinations->len; i++) {
        const RenameFile *destination = g_ptr_array_index(renames->destinations, i);
        if (!destination->other)
            continue;
        become_renamed(destination);
        g_hash_table_add(gone, destination->other->entry);
    }
    gsize count;
    g_autofree gpointer *all = g_ptr_array_steal(entries, &count);
    for (gsize i = 0; i < count; i++) {
        if (g_hash_table_contains(gone, all[i]))
            git_diff_entry_free(all[i]);
        else
            g_ptr_array_add(entries, all[i]);
    }
}

gboolean git_diff_find_renames(git_repository *repository, GPtrArray *entries, guint minimum_score,
                               GError **error)
{
    g_auto(Renames) renames;
    renames_init(&renames, entries, minimum_score * PERCENT);
    if (renames.sources->len == 0 || renames.destinations->len == 0)
        return TRUE;
    find_exact(&renames);
    if (!rename_contents_open(&renames.contents, repository, error) || !find_by_name(&renames, error) ||
        !find_by_content(&renames, error))
        return FALSE;
    apply(&renames, entries);
    return TRUE;
}

gboolean git_diff_similarity_index(git_repository *repository, const GitDiffEntry *entry, guint *percent,
                                   GError **error)
{
    *percent = 100;
    if (git_oid_equal(&entry->old_id, &entry->new_id))
        return TRUE;
    g_auto(RenameContents) contents = {0};
    g_autoptr(RenameFile) source = rename_file_new(NULL, entry->old_path, &entry->old_id, entry->old_mode);
    g_autoptr(RenameFile) destination =
        rename_file_new(NULL, entry->new_path, &entry->new_id, entry->new_mode);
    guint similarity;
    if (!rename_contents_open(&contents, repository, error) ||
        !rename_file_similarity(&contents, source, destination, 0, &similarity, error))
        return FALSE;
    *percent = similarity / PERCENT;
    return TRUE;
}
