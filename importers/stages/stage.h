/*
 * Gitlab::GithubImport::StageMethods (app/workers/concerns/gitlab/github_import/stage_methods.rb): what all
 * stage workers have in common. A stage runs only while its import runs, keeps the import's job id alive,
 * comes back later when GitHub's rate limit is reached, and records any other failure before Sidekiq retries
 * it.
 */
#pragma once

#include "importers/github/client.h"
#include "importers/gitlab/import_data.h"
#include "importers/gitlab/project.h"
#include "importers/gitlab/user_finder.h"

typedef struct Stage {
    Session *session;
    Project *project;
    ImportData *data;
    GithubClient *github;
    UserFinder *users;
    gint64 repository_updated_at; /* microseconds since 1970; 0: not read yet; see
                                     importers/objects/repository_update.h */
} Stage;

/* The stage's own work, ending with the push of what follows. */
typedef gboolean (*StageImport)(Stage *stage, GError **error);

gboolean stage_perform(Session *session, const Job *job, StageImport import, GError **error);

/* Enqueues a stage that follows directly, once. */
gboolean stage_continue_with(Stage *stage, const char *class_name, GError **error);
/* Enqueues AdvanceStageWorker for `waiters` ({key: count}, consumed) and the named next stage, once. */
gboolean stage_advance_to(Stage *stage, json_t *waiters, const char *next_stage, GError **error);
