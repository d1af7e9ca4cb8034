/*
 * The parts of `hubferry check`. Each prints its findings and goes on after errors.
 */
#pragma once

#include "importers/gitlab/session.h"
#include "worker/commands/command.h"
#include "worker/commands/findings.h"

/* Every store answers, is new enough, and keeps its keys. */
void check_redis(Findings *findings, const Configuration *configuration);
/* PostgreSQL answers, has GitLab's schema as the importers know it, and lets receipts be kept. *schema
 * (transfer full) is NULL when it could not be read. */
void check_database(Findings *findings, Session *session, Schema **schema);
/* db_key_base, GitLab's address, where repositories are written. */
void check_installation(Findings *findings, const Configuration *configuration);
/* Uploads and LFS objects can be written where GitLab keeps them. An object that is written into a bucket for
 * this is removed again. */
void check_files(Findings *findings, Session *session);
/* The classes that are performed here are routed to queues that this worker listens to. */
void check_routing(Findings *findings, const Configuration *configuration, const Invocation *invocation,
                   const GArray *queues);
/* The import of one project, named by id or full path: its token is decrypted and tried at GitHub. */
void check_project(Findings *findings, Session *session, const char *name);
