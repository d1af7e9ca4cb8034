/*
 * Commits and their parents, read as far as a walk gets, and a queue that yields them in git's order: by the
 * committer's date, the newest first, of equal dates the one that came first. For one walk in one thread.
 */
#pragma once

#include "importers/git/autoptr_libgit2.h"

typedef struct CommitNode {
    git_oid id;
    GPtrArray *parents; /* of CommitNode, borrowed; NULL until it is read */
    guint64 date;       /* 0 until it is read */
    guint marks;        /* the walk's own */
} CommitNode;

typedef struct CommitGraph CommitGraph;

CommitGraph *commit_graph_new(git_repository *repository);
void commit_graph_free(CommitGraph *graph);
/* Always the same one for an id; perhaps not read yet. */
CommitNode *commit_graph_node(CommitGraph *graph, const git_oid *id);
gboolean commit_graph_read(CommitGraph *graph, CommitNode *node, GError **error);

typedef struct CommitQueue CommitQueue;

CommitQueue *commit_queue_new(void);
void commit_queue_free(CommitQueue *queue);
/* The node is to be read. It may be in the queue more than once. */
void commit_queue_push(CommitQueue *queue, CommitNode *node);
/* NULL when there is none. */
CommitNode *commit_queue_peek(const CommitQueue *queue);
CommitNode *commit_queue_pop(CommitQueue *queue);
/* Whether some node in the queue lacks the mark. */
gboolean commit_queue_lacks(const CommitQueue *queue, guint mark);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(CommitGraph, commit_graph_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CommitQueue, commit_queue_free)
