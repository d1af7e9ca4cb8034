#include "worker/config/config_error.h"

#include "protocol/error_class.h"

static const char *config_error_class(int code)
{
    return code == CONFIG_ERROR_FILE ? "IOError" : "ArgumentError";
}

DEFINE_ERROR_DOMAIN(config_error, config_error_class)
