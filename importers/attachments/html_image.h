/*
 * The address of the first image in a piece of HTML: Nokogiri::HTML.parse(html).xpath("//img")[0][:src].
 *
 * Reads as browsers do: comments, scripts and style sheets have no images; names are of any case; values are
 * in quotes of either kind or in none; the first of two equal attributes counts; a tag that is not closed is
 * none. Of the named entities those five are decoded that may be part of an address or of its quoting, and
 * all numeric ones. Any bytes may come; linear time; thread-safe.
 */
#pragma once

/* NULL: there is no image, or the first one has no address. (transfer full) */
char *html_first_image_source(const char *html);
