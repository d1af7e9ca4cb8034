/*
 * The kinds of objects that the fake GitHub serves.
 *
 * A *description* is what a data file or the generator says about an object: some of its members, in a
 * short form (a user is a login, a label is a name). An *object* is what GitHub would answer: complete()
 * turns the one into the other. A new kind is one file beside this header and one line in kinds.c.
 *
 * Descriptions are borrowed and never changed; objects are (transfer full). All functions may be
 * called from several threads at once.
 */
#pragma once

#include <glib.h>
#include <jansson.h>

#include "spec/fake_github/generator.h"
#include "spec/fake_github/request.h"

typedef struct DataSet DataSet;
typedef struct Repository Repository;

/* What an object needs to know about the request that asks for it. */
typedef struct {
    DataSet *data;
    Repository *repository; /* NULL outside of a repository */
    const char *api_url;    /* http://HOST/api/v3, without a trailing slash */
    const char *web_url;    /* http://HOST */
    json_t *made;           /* objects made for this request already; the same user occurs many times */
    const json_t *parent;   /* description of the object that owns a list's objects, or NULL */
    guint index;            /* of the object in its list, the oldest is 0 */
} ObjectContext;

typedef struct {
    const char *parameter; /* value of ?sort= */
    const char *member;    /* member of the description to sort by; NULL: natural order */
} ObjectSort;

typedef struct {
    /* The kind's member of a repository in the data file. */
    const char *name;
    /* The kind whose objects own these; NULL: they belong to the repository. */
    const char *parent;
    /* Path of the list below repos/OWNER/NAME; '*' is the parent's key. NULL: there is no list. */
    const char *list_path;
    /* With a parent: path of the list of the whole repository's, by parent; NULL: there is none. */
    const char *all_path;
    /* Path of one object; '*' is its key. With a parent there is one object per parent, '*' is the parent's
     * key, and complete() gets the parent's description. NULL: there is no such path. */
    const char *item_path;
    /* The member that identifies an object; every stated object must have it. */
    const char *key;
    /* Message of the 404 when the parent is there but not the object; NULL: "Not Found". */
    const char *absent;
    /* ?state=open|closed|all is honoured, open by default. */
    gboolean has_state;
    /* GitHub's default direction. */
    gboolean newest_first;
    /* Ended by a NULL parameter; NULL: ?sort= is ignored. */
    const ObjectSort *sorts;

    /* Generated objects: how many, the description at an index (0 is the oldest), and the index of a key
     * (-1: no such object; NULL: search). parent: the parent's number, 0 without one. */
    guint (*count)(const Generator *generator, guint64 parent);
    json_t *(*generate)(const Generator *generator, guint64 parent, guint index);
    gint64 (*locate)(const Generator *generator, const char *key);

    /* Stated objects: what the owner's other members imply when it does not state these; NULL: nothing. */
    json_t *(*derive)(const json_t *parent);
    /* A filter of the list request; NULL: none. */
    gboolean (*accepts)(const json_t *description, const Request *request);

    /* NULL: there is no such object. single: the answer for one object, which has more members than the same
     * object in a list */
    json_t *(*complete)(const ObjectContext *context, const json_t *description, gboolean single);
} ObjectKind;

/* All kinds, ended by NULL. */
extern const ObjectKind *const OBJECT_KINDS[];

extern const ObjectKind LABEL_KIND;
extern const ObjectKind MILESTONE_KIND;
extern const ObjectKind RELEASE_KIND;
extern const ObjectKind ISSUE_KIND;
extern const ObjectKind PULL_KIND;
extern const ObjectKind BRANCH_KIND;
extern const ObjectKind BRANCH_PROTECTION_KIND;
extern const ObjectKind COLLABORATOR_KIND;
extern const ObjectKind COMMENT_KIND;
extern const ObjectKind REQUESTED_REVIEWERS_KIND;
extern const ObjectKind REVIEW_COMMENT_KIND;
extern const ObjectKind REVIEW_KIND;
extern const ObjectKind TIMELINE_KIND;

/* NULL when there is no such kind. */
const ObjectKind *object_kind(const char *name);

/* Copies all members of the description over the defaults, expanding "{web}" and "{repository}" in
 * the body and the description. defaults: changed in place. */
void object_override(const ObjectContext *context, json_t *defaults, const json_t *description);

/* The id of an object whose description states none: the same in every run, at most 48 bits, and different
 * for each number below 2^32 of the same scope and name. */
json_int_t object_id(const char *scope, const char *name, gint64 number);

/* "{web}/OWNER/NAME/pull/N" or ".../issues/N" of the object that owns the list. (transfer full) */
char *object_parent_web_url(const ObjectContext *context);
/* The number of the object that owns the list. */
json_int_t object_parent_number(const ObjectContext *context);
/* How many there are of something that a description states as a number or as a list. (transfer full) */
json_t *object_count_of(const json_t *description, const char *member);
/* Ids of comments and reviews, which are the same in their own list and in the timeline: there, the member
 * "place" says which one of its own list it is. */
json_int_t object_comment_id(const ObjectContext *context, const json_t *description);
json_int_t object_review_id(const ObjectContext *context, const json_t *description);
/* "head" is how a data file and the generator tell a pull request from an issue. */
gboolean object_is_pull_request(const json_t *description);

json_t *object_complete_user(const ObjectContext *context, const json_t *user);
json_t *object_complete_public_user(const ObjectContext *context, const json_t *user);
json_t *object_complete_users(const ObjectContext *context, const json_t *users);
/* teams: names */
json_t *object_complete_team(const ObjectContext *context, const json_t *team);
json_t *object_complete_teams(const ObjectContext *context, const json_t *teams);
json_t *object_complete_repository(const ObjectContext *context, const Repository *repository);
/* The object of the repository that the request is about. (transfer full: a new reference) */
json_t *object_base_repository(const ObjectContext *context);
json_t *object_complete_label(const ObjectContext *context, const json_t *label);
json_t *object_complete_labels(const ObjectContext *context, const json_t *labels);
/* milestone: a number, a description or null */
json_t *object_complete_milestone(const ObjectContext *context, const json_t *milestone);
/* What every generated issue and pull request has: number mod 4 labels, by name, and in every third a
 * milestone, by number. (transfer full) */
json_t *object_generate_labels(const Generator *generator, guint64 number);
json_t *object_generate_milestone(const Generator *generator, guint64 number);
/* The pull_request member of an issue that is a pull request. */
json_t *object_pull_request_links(const ObjectContext *context, const json_t *description);
