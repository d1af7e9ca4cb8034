/*
 * This process's identity, HOSTNAME:PID:NONCE with a nonce of 12 lowercase hex digits
 * (lib/sidekiq/component.rb and base_reliable_fetch.rb of GitLab's fetcher; one identity serves both here).
 * Colons in the host name would make working lists unrecoverable and are replaced by `-`.
 */
#pragma once

/* Made once per process; static lifetime. Thread-safe. */
const char *process_identity(void);
const char *process_hostname(void);
