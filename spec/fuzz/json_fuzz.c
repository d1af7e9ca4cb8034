/*
 * json_parse() against jansson's own parser: what jansson reads, within Ruby's nesting, is read as the same
 * value, and nothing else is. json_parse_lenient() reads that too, and whatever it reads is UTF-8. Run by
 * script/fuzz.
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
    g_autoptr(json_t) lenient = json_parse_lenient((const char *)data, size, NULL);
    g_autofree char *written = lenient ? json_dump(lenient) : NULL;
    if (value && !(lenient && json_equal(value, lenient)))
        fail("the lenient parser reads another value");
    if (written && !g_utf8_validate(written, -1, NULL))
        fail("the lenient parser lets through what is not UTF-8");
    return 0;
}
