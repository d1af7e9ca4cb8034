/*
 * GitHub's REST API, in three files: rest_resolve.c finds out what a path means, rest_show.c makes the answer
 * when nothing stands in the way, rest.c is what all answers have in common.
 */
#pragma once

#include "spec/fake_github/fake_github.h"

/* What is shown at a path (Route.show). (transfer full) */
Response *rest_show_repository(FakeGithub *fake, Request *request, const Route *route);
Response *rest_show_list(FakeGithub *fake, Request *request, const Route *route);
/* The comments of all issues, or of all pull requests. */
Response *rest_show_all(FakeGithub *fake, Request *request, const Route *route);
Response *rest_show_object(FakeGithub *fake, Request *request, const Route *route);
Response *rest_show_user(FakeGithub *fake, Request *request, const Route *route);
Response *rest_show_rate_limit(FakeGithub *fake, Request *request, const Route *route);
Response *rest_show_unknown(FakeGithub *fake, Request *request, const Route *route);

/* Authorization, rate limit, blocked and renamed repositories, then Route.show, then the ETag. (transfer
 * full) */
Response *rest_handle(FakeGithub *fake, Request *request, const Route *route);

/* Headers that every REST answer has, also when a fault made it. */
void rest_add_headers(FakeGithub *fake, Response *response);

/* (transfer full) */
Response *rest_not_found(void);
/* The API's address as the client spelled it, without a trailing slash. (transfer full) */
char *rest_api_url(const Request *request, const Route *route);
