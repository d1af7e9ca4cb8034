#include "importers/git/commit_graph.h"

#include "importers/git/commit_object.h"
#include "importers/git/object_id.h"

struct CommitGraph {
    git_repository *repository;
    GHashTable *nodes; /* by their id */
};

struct CommitQueue {
    GSequence *entries;
    guint64 pushed;
};

typedef struct QueueEntry {
    CommitNode *node;
    guint64 turn;
} QueueEntry;

static void free_node(gpointer data)
{
    CommitNode *node = data;
    g_clear_pointer(&node->parents, g_ptr_array_unref);
    g_free(node);
}

CommitGraph *commit_graph_new(git_repository *repository)
{
    CommitGraph *graph = g_new(CommitGraph, 1);
    *graph =
        (CommitGraph){repository, g_hash_table_new_full(object_id_hash, object_id_equal, NULL, free_node)};
    return graph;
}

void commit_graph_free(CommitGraph *graph)
{
    g_hash_table_unref(graph->nodes);
    g_free(graph);
}

CommitNode *commit_graph_node(CommitGraph *graph, const git_oid *id)
{
    CommitNode *node = g_hash_table_lookup(graph->nodes, id);
    if (node)
        return node;
    node = g_new0(CommitNode, 1);
    node->id = *id;
    g_hash_table_insert(graph->nodes, &node->id, node);
    return node;
}

gboolean commit_graph_read(CommitGraph *graph, CommitNode *node, GError **error)
{
    if (node->parents)
        return TRUE;
    g_auto(GitCommitObject) commit = {0};
    if (!git_commit_object_read(graph->repository, &node->id, &commit, error))
        return FALSE;
    node->date = commit.date;
    node->parents = g_ptr_array_sized_new(commit.parents->len);
    for (guint i = 0; i < commit.parents->len; i++)
        g_ptr_array_add(node->parents, commit_graph_node(graph, &g_array_index(commit.parents, git_oid, i)));
    return TRUE;
}

CommitQueue *commit_queue_new(void)
{
    CommitQueue *queue = g_new(CommitQueue, 1);
    *queue = (CommitQueue){g_sequence_new(g_free), 0};
    return queue;
}

void commit_queue_free(CommitQueue *queue)
{
    g_sequence_free(queue->entries);
    g_free(queue);
}

static gint compare_entries(gconstpointer a, gconstpointer b, G_GNUC_UNUSED gpointer data)
{
    const QueueEntry *one = a, *two = b;
    if (one->node->date != two->node->date)
        return one->node->date > two->node->date ? -1 : 1;
    return one->turn < two->turn ? -1 : one->turn > two->turn;
}

void commit_queue_push(CommitQueue *queue, CommitNode *node)
{
    QueueEntry *entry = g_new(QueueEntry, 1);
    *entry = (QueueEntry){node, queue->pushed++};
    g_sequence_insert_sorted(queue->entries, entry, compare_entries, NULL);
}

CommitNode *commit_queue_peek(const CommitQueue *queue)
{
    if (g_sequence_is_empty(queue->entries))
        return NULL;
    const QueueEntry *first = g_sequence_get(g_sequence_get_begin_iter(queue->entries));
    return first->node;
}

CommitNode *commit_queue_pop(CommitQueue *queue)
{
    CommitNode *node = commit_queue_peek(queue);
    if (node)
        g_sequence_remove(g_sequence_get_begin_iter(queue->entries));
    return node;
}

gboolean commit_queue_lacks(const CommitQueue *queue, guint mark)
{
    GSequenceIter *position = g_sequence_get_begin_iter(queue->entries);
    for (; !g_sequence_iter_is_end(position); position = g_sequence_iter_next(position)) {
        const QueueEntry *entry = g_sequence_get(position);
        if (!(entry->node->marks & mark))
            return TRUE;
    }
    return FALSE;
}
