/*
 * Gitlab::GithubImport::AdvanceStageWorker (app/workers/gitlab/github_import/advance_stage_worker.rb,
 * lib/gitlab/import/advance_stage.rb): waits for the object jobs of a stage, then enqueues the next one.
 *
 * Ruby takes the finished jobs' ids off the waiters' lists and passes the lowered counts on; ids taken by a
 * process that is killed are gone for good. Here the lists are only counted, and deleted once the next stage
 * is enqueued. Both sides can take over from each other: a full list with a full count means the same as a
 * shortened list with a lowered count.
 */
#pragma once

#include "protocol/worker_class.h"

/* The class of the stage named in AdvanceStage's arguments ("issue_events"), or NULL. */
const char *advance_stage_class(const char *stage);
