/*
 * All repositories and users that are served. Read from a data file, generated, or put by the control
 * API while the server runs. Thread-safe.
 *
 * Data file: {"users": [{"login", "id", "name", "email", ...}],
 *             "repositories": [{"full_name", ..., "labels": [], "milestones": [], "releases": [],
 *                               "issues": [{"comments": [], "timeline": []}],
 *                               "pulls": [{"comments": [], "timeline": [], "reviews": [],
 *                                          "review_comments": [], "requested_reviewers": [],
 *                                          "requested_teams": []}],
 *                               "branches": [{"protection": {}}], "collaborators": [],
 *                               "generate": "issues=5",
 *                               "status": 451, "renamed_from": ["old/name"]}]}
 * Every member that GitHub's object has may be stated; what is missing is filled in. Users are stated
 * by login, milestones by number, labels by name. Without "users" every login exists. A user may have the
 * "type" Bot, and is "gone" when objects still name it but there is nobody of that name. A timeline that is
 * not stated consists of the comments and reviews.
 *
 * "pagination": "cursor" makes the issues' links cursors and refuses pages beyond "last_numbered_page" (100);
 * lists of all comments end after "list_limit" (30,000) objects.
 */
#pragma once

#include <glib.h>
#include <jansson.h>

#include "spec/fake_github/repository.h"

#define DATA_SET_ERROR (data_set_error_quark())
GQuark data_set_error_quark(void);

/* git_root: where repositories made by make_repository are looked for, to know their shas; or NULL. */
DataSet *data_set_new(const char *git_root);
void data_set_free(DataSet *data);

gboolean data_set_load(DataSet *data, const char *file, GError **error);
/* specification: 'OWNER/NAME:labels=5,issues=7' */
gboolean data_set_generate(DataSet *data, const char *specification, GError **error);
/* Adds one repository or replaces the one of the same name. description: borrowed. */
gboolean data_set_put(DataSet *data, const json_t *description, GError **error);

/* NULL when there is none. The name is compared as GitHub does: without regard to case.
 * renamed: set to TRUE when the repository was asked for by a former name. (transfer full) */
Repository *data_set_repository(DataSet *data, const char *full_name, gboolean *renamed);
Repository *data_set_repository_by_id(DataSet *data, gint64 id);
/* (transfer full; array of Repository) */
GPtrArray *data_set_repositories(DataSet *data);
void data_set_reset_statuses(DataSet *data);

/* The description of a user, NULL when there is no such user. (transfer full) */
json_t *data_set_user(DataSet *data, const char *login);

/* Users occur again and again: their objects, as written for a client's address of the API, are kept. NULL:
 * not made yet. (transfer full: a reference) */
json_t *data_set_kept_user(DataSet *data, const char *api_url, const char *login);
void data_set_keep_user(DataSet *data, const char *api_url, const char *login, json_t *object);

/* Everything in the form of a data file. (transfer full) */
json_t *data_set_dump(DataSet *data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(DataSet, data_set_free)
