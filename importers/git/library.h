/*
 * libgit2 as this process uses it: started once, bounded in memory, blind to the user's own git
 * configuration, and with sockets that neither wait for ever nor outlast the process's wish to stop.
 * Thread-safe.
 */
#pragma once

/* Before any use of libgit2. */
void git_library_start(void);
