/* git's commit-reach.c: paint_down_to_common() and what it takes to order its results. */
#include "importers/git/commit_graph.h"
#include "importers/git/compare.h"

enum {
    FROM_ONE = 1,
    FROM_TWO = 2,
    STALE = 4, /* behind a common ancestor */
    RESULT = 8,
};

/* The newest first, of equal dates the first one found first. */
static void insert_by_date(GPtrArray *nodes, CommitNode *node)
{
    guint position = 0;
    while (position < nodes->len && ((const CommitNode *)nodes->pdata[position])->date >= node->date)
        position++;
    g_ptr_array_insert(nodes, (gint)position, node);
}

static gboolean push_marked(CommitGraph *graph, CommitQueue *queue, CommitNode *node, guint marks,
                            GError **error)
{
    if ((node->marks & marks) == marks)
        return TRUE;
    if (!commit_graph_read(graph, node, error))
        return FALSE;
    node->marks |= marks;
    commit_queue_push(queue, node);
    return TRUE;
}

/* Common ancestors of two different commits, some perhaps stale. (transfer container; array of CommitNode) */
static GPtrArray *paint_down_to_common(CommitGraph *graph, CommitNode *one, CommitNode *two, GError **error)
{
    g_autoptr(CommitQueue) queue = commit_queue_new();
    g_autoptr(GPtrArray) results = g_ptr_array_new();
    if (!push_marked(graph, queue, one, FROM_ONE, error) || !push_marked(graph, queue, two, FROM_TWO, error))
        return NULL;
    while (commit_queue_lacks(queue, STALE)) {
        CommitNode *node = commit_queue_pop(queue);
        guint marks = node->marks & (FROM_ONE | FROM_TWO | STALE);
        if (marks == (FROM_ONE | FROM_TWO)) {
            if (!(node->marks & RESULT))
                insert_by_date(results, node);
            node->marks |= RESULT;
            marks |= STALE;
        }
        for (guint i = 0; i < node->parents->len; i++)
            if (!push_marked(graph, queue, node->parents->pdata[i], marks, error))
                return NULL;
    }
    return g_steal_pointer(&results);
}

static gboolean is_ancestor(git_repository *repository, const git_oid *ancestor, const git_oid *descendant,
                            gboolean *is, GError **error)
{
    g_autoptr(CommitGraph) graph = commit_graph_new(repository);
    CommitNode *older = commit_graph_node(graph, ancestor);
    g_autoptr(GPtrArray) common =
        paint_down_to_common(graph, older, commit_graph_node(graph, descendant), error);
    *is = common && older->marks & FROM_TWO;
    return common != NULL;
}

/* Whether another base has it among its ancestors, which the first pass may miss where dates go backwards. */
static gboolean is_redundant(git_repository *repository, const GPtrArray *bases, guint index,
                             gboolean *redundant, GError **error)
{
    const CommitNode *base = bases->pdata[index];
    *redundant = FALSE;
    for (guint i = 0; i < bases->len && !*redundant; i++) {
        const CommitNode *other = bases->pdata[i];
        if (i != index && !is_ancestor(repository, &base->id, &other->id, redundant, error))
            return FALSE;
    }
    return TRUE;
}

static void drop_stale(GPtrArray *bases)
{
    for (guint i = bases->len; i-- > 0;)
        if (((const CommitNode *)bases->pdata[i])->marks & STALE)
            g_ptr_array_remove_index(bases, i);
}

gboolean git_merge_base_of(git_repository *repository, const git_oid *one, const git_oid *two, git_oid *base,
                           gboolean *found, GError **error)
{
    g_autoptr(CommitGraph) graph = commit_graph_new(repository);
    CommitNode *first = commit_graph_node(graph, one), *second = commit_graph_node(graph, two);
    *found = first == second;
    if (*found) {
        *base = *one;
        return commit_graph_read(graph, first, error);
    }
    g_autoptr(GPtrArray) bases = paint_down_to_common(graph, first, second, error);
    if (!bases)
        return FALSE;
    drop_stale(bases);
    for (guint i = 0; i < bases->len && !*found; i++) {
        gboolean redundant;
        if (!is_redundant(repository, bases, i, &redundant, error))
            return FALSE;
        *base = ((const CommitNode *)bases->pdata[i])->id;
        *found = !redundant;
    }
    return TRUE;
}
