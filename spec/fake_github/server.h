/* The HTTP server: one thread per connection, keep-alive. */
#pragma once

#include "spec/fake_github/fake_github.h"

typedef struct Server Server;

/* fake: borrowed, must outlive the server. (transfer full) */
Server *server_start(FakeGithub *fake, GError **error);
guint server_port(const Server *server);
/* Wakes what waits on purpose, cuts what is being sent, and returns when all connections are closed. */
void server_stop(Server *server);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Server, server_stop)
