/*
 * A tiny HTTP server for unit specs, in a thread of its own on 127.0.0.1: the n-th request gets the n-th
 * reply, byte for byte, and then, unless said otherwise, the connection is closed. Requests beyond the last
 * reply get a closed connection. Replies may be added at any time.
 */
#pragma once

#include <glib.h>

typedef struct ScriptedServer ScriptedServer;

ScriptedServer *scripted_server_new(void);
/* On another address of this machine ("127.0.0.2"); port 0: any. */
ScriptedServer *scripted_server_new_at(const char *ip, guint port);
void scripted_server_free(ScriptedServer *server);

/* "http://127.0.0.1:PORT". Borrowed. */
const char *scripted_server_url(const ScriptedServer *server);
guint scripted_server_port(const ScriptedServer *server);

/* Status line and headers made up, `headers` (may be NULL) are whole lines each ended by \r\n. */
void scripted_server_reply(ScriptedServer *server, guint status, const char *headers, const char *body);
/* Exactly these bytes; "" closes the connection without an answer. */
void scripted_server_reply_raw(ScriptedServer *server, const char *bytes);
/* The same with bytes of any value; `bytes` is consumed. */
void scripted_server_reply_bytes(ScriptedServer *server, GBytes *bytes);
/* The next request may come over the same connection. */
void scripted_server_reply_and_keep(ScriptedServer *server, const char *bytes);
/* `head`, and then `again` until the client goes, with `pause` milliseconds between. `again` is consumed. */
void scripted_server_reply_endlessly(ScriptedServer *server, const char *head, GBytes *again, guint pause);
/* No answer; the connection stays open until the server ends. */
void scripted_server_reply_never(ScriptedServer *server);

guint scripted_server_requests(ScriptedServer *server);
/* The n-th request's line, headers and body; NULL if there was none. (transfer full) */
char *scripted_server_request(ScriptedServer *server, guint index);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(ScriptedServer, scripted_server_free)
