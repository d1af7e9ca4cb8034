/*
 * Gitlab::UrlSanitizer (lib/gitlab/url_sanitizer.rb): credentials do not stay in URLs.
 */
#pragma once

#include <glib.h>

/* `text` with the user and the password of every URL in it replaced by "*****"; NULL for NULL. (transfer
 * full) */
char *url_sanitizer_mask(const char *text);
/* The URL without user and password; NULL for NULL. (transfer full) */
char *url_sanitizer_strip(const char *url);
/* Scheme, host and, where it is spelled out, port: "https://github.com"; NULL if it is no such URL
 * (Gitlab::UrlHelpers.normalized_base_url). (transfer full) */
char *url_sanitizer_base(const char *url);
