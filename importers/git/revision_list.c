#include "importers/git/revision_list.h"

/* How many commits git looks at beyond the point where all seem to be known, in case a date lies. */
#define SLOP 5

enum {
    SEEN = 1,
    UNINTERESTING = 2, /* reachable from the start */
    ADDED = 4,         /* its parents were looked at */
    WAITING = 8,       /* in the queue */
};

typedef struct RevisionWalk {
    CommitGraph *graph;
    CommitQueue *queue;
    guint waiting; /* interesting ones in the queue */
} RevisionWalk;

static void push(RevisionWalk *walk, CommitNode *node)
{
    node->marks |= SEEN | WAITING;
    walk->waiting += !(node->marks & UNINTERESTING);
    commit_queue_push(walk->queue, node);
}

static CommitNode *pop(RevisionWalk *walk)
{
    CommitNode *node = commit_queue_pop(walk->queue);
    if (node) {
        node->marks &= ~(guint)WAITING;
        walk->waiting -= !(node->marks & UNINTERESTING);
    }
    return node;
}

static void mark_uninteresting(RevisionWalk *walk, CommitNode *node)
{
    if (node->marks & WAITING && !(node->marks & UNINTERESTING))
        walk->waiting--;
    node->marks |= UNINTERESTING;
}

/* Also those behind parents that another way has led to before. */
static void mark_parents_uninteresting(RevisionWalk *walk, CommitNode *node)
{
    g_autoptr(GPtrArray) pending = g_ptr_array_new();
    g_ptr_array_add(pending, node);
    while (pending->len) {
        const CommitNode *child = g_ptr_array_steal_index_fast(pending, pending->len - 1);
        for (guint i = 0; child->parents && i < child->parents->len; i++) {
            CommitNode *parent = child->parents->pdata[i];
            if (parent->marks & UNINTERESTING)
                continue;
            mark_uninteresting(walk, parent);
            g_ptr_array_add(pending, parent);
        }
    }
}

static gboolean visit_parents(RevisionWalk *walk, CommitNode *node, GError **error)
{
    if (node->marks & ADDED)
        return TRUE;
    node->marks |= ADDED;
    for (guint i = 0; i < node->parents->len; i++) {
        CommitNode *parent = node->parents->pdata[i];
        if (!commit_graph_read(walk->graph, parent, error))
            return FALSE;
        if (node->marks & UNINTERESTING) {
            mark_uninteresting(walk, parent);
            mark_parents_uninteresting(walk, parent);
        }
        if (!(parent->marks & SEEN))
            push(walk, parent);
    }
    return TRUE;
}

/* git's still_interesting(): what is left of the slop. `date` is that of the last commit found. */
static guint remaining_slop(const RevisionWalk *walk, guint64 date, guint slop)
{
    const CommitNode *next = commit_queue_peek(walk->queue);
    if (!next)
        return 0;
    return date <= next->date || walk->waiting ? SLOP : slop - 1;
}

/* Those that look interesting when they are met, in that order. */
static gboolean collect(RevisionWalk *walk, GPtrArray *found, GError **error)
{
    guint64 date = G_MAXUINT64;
    guint slop = SLOP;
    CommitNode *node;
    while (slop && (node = pop(walk))) {
        if (!visit_parents(walk, node, error))
            return FALSE;
        if (node->marks & UNINTERESTING) {
            mark_parents_uninteresting(walk, node);
            slop = remaining_slop(walk, date, slop);
        } else {
            date = node->date;
            g_ptr_array_add(found, node);
        }
    }
    return TRUE;
}

static gboolean begin(RevisionWalk *walk, const git_oid *start, const git_oid *head, GError **error)
{
    CommitNode *known = commit_graph_node(walk->graph, start), *wanted = commit_graph_node(walk->graph, head);
    if (!commit_graph_read(walk->graph, known, error) || !commit_graph_read(walk->graph, wanted, error))
        return FALSE;
    known->marks |= UNINTERESTING;
    mark_parents_uninteresting(walk, known);
    push(walk, known);
    if (wanted != known)
        push(walk, wanted);
    return TRUE;
}

GArray *git_revision_list(git_repository *repository, const git_oid *start, const git_oid *head,
                          GError **error)
{
    g_autoptr(CommitGraph) graph = commit_graph_new(repository);
    g_autoptr(CommitQueue) queue = commit_queue_new();
    g_autoptr(GPtrArray) found = g_ptr_array_new();
    RevisionWalk walk = {graph, queue, 0};
    if (!begin(&walk, start, head, error) || !collect(&walk, found, error))
        return NULL;
    GArray *ids = g_array_new(FALSE, FALSE, sizeof(git_oid));
    for (guint i = 0; i < found->len; i++) {
        const CommitNode *node = found->pdata[i];
        if (!(node->marks & UNINTERESTING))
            g_array_append_val(ids, node->id);
    }
    return ids;
}
