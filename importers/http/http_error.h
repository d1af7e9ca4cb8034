/* How a failure that libcurl reports becomes an HTTP_ERROR. */
#pragma once

#include "importers/http/exchange.h"

/* After curl_easy_perform() gave `result`. */
HttpError http_error_code(CURL *curl, CURLcode result);
