/* Who may ask: "token T" and "Bearer T" for REST, Basic for Git with the token as user name or as
 * password (x-access-token, oauth2). */
#pragma once

#include "spec/fake_github/options.h"
#include "spec/fake_github/request.h"

typedef enum { ACCESS_ANONYMOUS, ACCESS_GRANTED, ACCESS_DENIED } Access;

Access access_of_request(const Options *options, const Request *request);

/* Basic credentials as --push-credentials states them. */
Access access_of_push(const Options *options, const Request *request);

/* The Authorization header with its form visible and its secrets not, for example
 * "Basic x-access-token:*** (accepted)". (transfer full) */
char *access_masked(const Options *options, const Request *request);
