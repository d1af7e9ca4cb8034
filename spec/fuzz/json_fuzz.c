/*
 * json_parse() against jansson's own parser: what jansson reads, within Ruby's nesting, is read as the same
 * value, and nothing else is. Run by script/fuzz.
 */
#include "protocol/json.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* libFuzzer keeps the bytes of an abort. */
static void fail(const char *reason)
{
    g_printerr("%s\n", reason);
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 0 && memchr(data, '\0', size))
        return 0; /* jansson takes it for the end of the text */
    g_autoptr(GError) error = NULL;
    g_autoptr(json_t) value = json_parse((const char *)data, size, &error);
    g_autoptr(json_t) expected = json_loadb((const char *)data, size, JSON_ALLOW_NUL | JSON_DECODE_ANY, NULL);
    gboolean too_deep = error && strstr(error->message, "nested too deeply");
    if (value && !expected)
        fail("only json_parse() reads it");
    if (expected && !value && !too_deep)
        fail(error->message);
    if (value && !json_equal(value, expected))
        fail("the parsers read different values");
    return 0;
}
