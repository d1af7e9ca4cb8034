/*
 * URI.extract(text, %w[http https]).first of Ruby (uri/rfc2396_parser.rb): the first web address in a plain
 * text. Any "http:" or "https:" begins one, also one within a word or with nothing behind it. It goes on as
 * far as RFC 2396 allows, so a full stop or a bracket that follows it is part of it. Only the digits of an
 * IPv6 address are not counted as Ruby does. Linear time; thread-safe.
 */
#pragma once

/* NULL: there is none. (transfer full) */
char *uri_extract_first(const char *text);
