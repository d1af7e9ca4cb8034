/*
 * libgit2's TCP connections (below TLS, if any): libgit2 1.5 knows no time limit and cannot be interrupted
 * while a server is silent. These can: a connection attempt ends after CONNECT_TIMEOUT, silence after
 * STALL_TIMEOUT, and both within a moment once the session's work is to stop. And they ask GitLab's outbound
 * rules with the address that is about to be connected to, which libgit2 does not let a caller see.
 */
#pragma once

#include "importers/http/outbound_rules.h"

#define SOCKET_CONNECT_TIMEOUT 60  /* seconds */
#define SOCKET_STALL_TIMEOUT   600 /* seconds; a server may think long before it sends a pack */

/* Registers them with libgit2, for the whole process. */
void socket_stream_register(void);
/* The session whose end of work (session_stopping()) and the rules that this thread's connections obey; NULL:
 * none. Borrowed until the next call. */
void socket_stream_obey(const Session *session, const OutboundRules *rules);
