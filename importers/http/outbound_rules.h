/*
 * Which addresses GitLab lets its jobs call (gems/gitlab-http, lib/gitlab/http_v2/url_blocker.rb;
 * lib/gitlab/octokit/url_validation.rb), from the newest row of application_settings:
 * allow_local_requests_from_web_hooks_and_services, deny_all_requests_except_allowed and
 * outbound_local_requests_whitelist. The rules are asked with the address that is about to be connected to,
 * so that names which change their meaning are covered whatever dns_rebinding_protection_enabled says. The
 * address of a proxy named in the environment is always allowed.
 */
#pragma once

#include "importers/gitlab/session.h"

#include <sys/socket.h>

typedef struct OutboundRules {
    gboolean allow_local;
    gboolean deny_unlisted;
    char **allow_list; /* names, addresses and networks, each with or without a port; ended by NULL */
} OutboundRules;

/* Read at most once a minute in the whole process. Thread-safe. (transfer full) */
OutboundRules *outbound_rules_load(Session *session, GError **error);
void outbound_rules_free(OutboundRules *rules);

/* GitLab's sentence on why it is forbidden to call `host` at `address`; NULL: it is allowed. Static. */
const char *outbound_rules_refusal(const OutboundRules *rules, const char *host, guint port,
                                   const struct sockaddr *address);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(OutboundRules, outbound_rules_free)
