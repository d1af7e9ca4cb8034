/* Runs a CGI program for one request: the spooled body is its standard input, its standard output is
 * streamed to the client. Used for git http-backend. */
#pragma once

#include "spec/fake_github/pause.h"
#include "spec/fake_github/request.h"
#include "spec/fake_github/response.h"

#define CGI_ERROR (cgi_error_quark())
GQuark cgi_error_quark(void);

/* argv, environment: NULL-terminated, borrowed. pause: the body is cut when the server stops.
 * (transfer full) */
Response *cgi_run(char **argv, char **environment, const Request *request, Pause *pause, GError **error);
