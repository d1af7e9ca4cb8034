/*
 * libgit2's TCP connections (below TLS, if any): libgit2 1.5 knows no time limit and cannot be interrupted
 * while a server is silent. These can: a connection attempt ends after CONNECT_TIMEOUT, silence after
 * STALL_TIMEOUT, and both within a moment once the session's work is to stop.
 */
#pragma once

#include "importers/gitlab/session.h"

#define SOCKET_CONNECT_TIMEOUT 60  /* seconds */
#define SOCKET_STALL_TIMEOUT   600 /* seconds; a server may think long before it sends a pack */

/* Registers them with libgit2, for the whole process. */
void socket_stream_register(void);
/* The session whose end of work (session_stopping()) this thread's connections obey; NULL: none. Borrowed
 * until the next call. */
void socket_stream_set_session(const Session *session);
