/*
 * Every Redis key of Sidekiq's and of GitLab's fetcher that hubferry uses, in one place.
 * (Sidekiq 7.3; GitLab's vendor/gems/sidekiq-reliable-fetch/lib/sidekiq/base_reliable_fetch.rb)
 */
#pragma once

#include <glib.h>

#define KEY_QUEUES          "queues"
#define KEY_SCHEDULE        "schedule"
#define KEY_RETRY           "retry"
#define KEY_DEAD            "dead"
#define KEY_PROCESSES       "processes"
#define KEY_INTERRUPTED     "interrupted"
#define KEY_CLEANUP_LEASE   "reliable-fetcher-cleanup-lock"
#define KEY_PROCESS_CLEANUP "process_cleanup"

/* (transfer full), all of them. */
char *key_queue(const char *queue);                              /* queue:NAME */
char *key_working_list(const char *queue, const char *identity); /* working:queue:NAME:HOST:PID:NONCE */
char *key_fetcher_heartbeat(const char *identity); /* reliable-fetcher-heartbeat-HOST-PID-NONCE */
char *key_status(const char *jid);                 /* gitlab-sidekiq-status:JID */
char *key_work(const char *identity);              /* IDENTITY:work (Sidekiq 7 and later) */
char *key_workers(const char *identity);           /* IDENTITY:workers (Sidekiq 6) */
char *key_signals(const char *identity);           /* IDENTITY-signals */

/* The queue name and the identity in a working list's key, new or legacy form (host:pid); FALSE when it is
 * neither. */
gboolean key_parse_working_list(const char *key, char **queue, char **identity);
