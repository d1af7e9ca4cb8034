/*
 * Generated data. A Generator holds a few numbers; every object is computed when it is asked for and
 * is a pure function of those numbers and its position, so that a repository with 100,000s of objects
 * costs nothing until it is read and a test can compute what must arrive.
 *
 * Specification: 'labels=N,milestones=N,releases=N,issues=N,pulls=N,branches=N,collaborators=N,
 * comments=N,events=N,reviews=N,review_comments=N,attachments=N,lfs=N,late=N,users=N,seed=S,start=T,nasty=1';
 * every member is optional and 0 by default, except users (10), branches (1), seed (1) and start
 * (2015-01-01).
 *
 * events counts those that an importer takes; each four of a timeline come with one that it passes over.
 * pull_plan.h says what becomes of pull requests. The last ones, late of them, were updated in a far future,
 * after any mirror of the repository was taken.
 *
 * attachments is the number of all files that texts refer to (see attached_files.h). lfs is
 * make_repository's.
 *
 * nasty=1 puts texts that importers stumble over at fixed positions (see nasty.h), nasty=2 also texts that
 * are not UTF-8. GET /__control/counts says how many objects there are of each kind.
 *
 * Issues and pull requests share the numbers 1..issues+pulls, spread evenly:
 * the k-th issue has number (k-1)*T/I+1, the k-th pull request (k*T+P-1)/P, with T=I+P.
 */
#pragma once

#include <glib.h>
#include <jansson.h>

typedef struct {
    guint labels;
    guint milestones;
    guint releases;
    guint issues;
    guint pulls;
    guint branches;
    guint collaborators;
    guint comments;        /* per issue and pull request, on average */
    guint events;          /* the same */
    guint reviews;         /* per pull request, on average */
    guint review_comments; /* the same */
    guint attachments;
    guint lfs; /* what make_repository made; told for the counts */
    guint late;
    guint users;
    guint nasty;
    guint64 seed;
    guint64 start;     /* Unix time of the first object */
    const json_t *git; /* what make_repository tells (fake_github.json), borrowed; NULL: nothing */
} Generator;

#define GENERATOR_ERROR (generator_error_quark())
GQuark generator_error_quark(void);

/* (transfer full) */
Generator *generator_parse(const char *specification, GError **error);

/* A number below limit (which must not be 0) that depends on seed, topic and index only. */
guint generator_number(const Generator *generator, const char *topic, guint64 index, guint limit);

/* A few words without punctuation. (transfer full) */
char *generator_words(const Generator *generator, const char *topic, guint64 index, guint count);

/* Two or three Markdown paragraphs with mentions, references and links. The text "{web}" stands for
 * the server's web address and "{repository}" for OWNER/NAME. (transfer full) */
char *generator_markdown(const Generator *generator, const char *topic, guint64 index);

/* The generator's start plus the given hours and an offset in seconds, as GitHub writes times. (transfer
 * full)
 */
json_t *generator_time(const Generator *generator, guint64 hours, guint64 seconds);

/* The login of one of the generated users: "user-K", every 50th is an app's, "robot-K[bot]". (transfer full)
 */
json_t *generator_login(const Generator *generator, const char *topic, guint64 index);

/* The number of the k-th pull request. */
guint64 generator_pull_number(const Generator *generator, guint ordinal);
/* The sha of a name such as "pull/N/head" (see repository_sha); NULL: there is no Git repository.
 * (transfer full: a reference) */
json_t *generator_sha(const Generator *generator, guint64 pull_number, const char *name);
/* The lines that a pull request can be commented on (see git_data/spots.rb); NULL: none are known. */
const json_t *generator_spots(const Generator *generator, guint64 pull_number);
/* Who merged a pull request, every 13th a deleted account. (transfer full) */
json_t *generator_merger(const Generator *generator, guint64 pull_number);
/* How many of something an object has: 0 to twice the average, by its number or ordinal. */
guint generator_spread(guint average, guint64 number);
/* The ordinal of the pull request with this number; 0 when the number is an issue's. */
guint generator_pull_ordinal(const Generator *generator, guint64 number);
/* A text as a number from 1 to maximum; 0 when it is none. */
guint generator_ordinal(const char *text, guint maximum);

/* The login of the K-th user. (transfer full) */
char *generator_nth_login(guint ordinal);
/* The description of a generated user; NULL for any other login. Every fifth has no name, every third a
 * public address, every 59th (no app) left: there is nobody of that name any more. "ghost", who stands for
 * deleted accounts on github.com, is always there. (transfer full) */
json_t *generator_user(const char *login, guint users);
