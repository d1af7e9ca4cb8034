/* g_autoptr(CurlList): a curl_slist. g_autoptr(CurlUrl): a URL that libcurl has parsed. */
#pragma once

#include <curl/curl.h>
#include <glib.h>

typedef struct curl_slist CurlList;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CurlList, curl_slist_free_all)

typedef CURLU CurlUrl;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CurlUrl, curl_url_cleanup)
