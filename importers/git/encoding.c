#include "importers/git/encoding.h"

#include "importers/git/ruby_transcoder.h"

#include <string.h>
#include <unicode/ucsdet.h>

#define CONFIDENCE_THRESHOLD 50            /* ENCODING_CONFIDENCE_THRESHOLD: more than that */
#define BINARY_SCAN_LENGTH   (1024 * 1024) /* charlock_holmes: DEFAULT_BINARY_SCAN_LEN, bytes */

typedef struct Signature {
    const char *bytes;
    gsize length;
    gboolean binary;
} Signature;

/* charlock_holmes looks at these before it looks for NUL: ext/charlock_holmes/encoding_detector.c. */
static const Signature SIGNATURES[] = {
    {"%!PS-Adobe-", 11, FALSE}, {"\x89PNG\r\n\x1a\n", 8, TRUE},
    {"GIF87a", 6, TRUE},        {"GIF89a", 6, TRUE},
    {"%PDF-", 5, TRUE},         {"\0\0\xfe\xff", 4, FALSE},
    {"\xff\xfe\0\0", 4, FALSE}, {"\xff\xd8\xff", 3, TRUE},
    {"\xfe\xff", 2, FALSE},     {"\xff\xfe", 2, FALSE},
};

static gboolean is_binary(const char *bytes, gsize length)
{
    for (gsize i = 0; i < G_N_ELEMENTS(SIGNATURES); i++)
        if (length >= SIGNATURES[i].length && memcmp(bytes, SIGNATURES[i].bytes, SIGNATURES[i].length) == 0)
            return SIGNATURES[i].binary;
    return memchr(bytes, '\0', MIN(length, BINARY_SCAN_LENGTH)) != NULL;
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(UCharsetDetector, ucsdet_close)

/* "UTF-8" when the guess is not sure enough. (transfer full) */
static char *detect_encoding(const char *bytes, gsize length)
{
    UErrorCode status = U_ZERO_ERROR;
    g_autoptr(UCharsetDetector) detector = ucsdet_open(&status);
    ucsdet_setText(detector, bytes, (int32_t)MIN(length, G_MAXINT32), &status);
    const UCharsetMatch *match = ucsdet_detect(detector, &status);
    if (U_FAILURE(status) || !match || ucsdet_getConfidence(match, &status) <= CONFIDENCE_THRESHOLD)
        return g_strdup("UTF-8");
    return g_strdup(ucsdet_getName(match, &status));
}

/* encode! of what is neither valid nor binary. (transfer full) */
static char *transcode(const char *bytes, gsize length)
{
    g_autofree char *encoding = detect_encoding(bytes, length);
    char *text = ruby_transcode(bytes, length, encoding);
    return text ? text : g_strdup_printf("--broken encoding: %s", encoding);
}

/* Unlike g_utf8_validate_len(), NUL is a character. */
static gboolean is_utf8(const char *bytes, gsize length)
{
    const char *end = bytes + length;
    const char *valid_end;
    while (!g_utf8_validate_len(bytes, (gsize)(end - bytes), &valid_end)) {
        if (*valid_end != '\0')
            return FALSE;
        bytes = valid_end + 1;
    }
    return TRUE;
}

char *encoding_text(const char *bytes, gsize length)
{
    if (is_utf8(bytes, length) || is_binary(bytes, length))
        return ruby_clean_utf8(bytes, length);
    return transcode(bytes, length);
}

char *encoding_path(const char *bytes, gsize length, gboolean *encoded)
{
    char *path = encoding_text(bytes, length);
    if (encoded)
        *encoded = strlen(path) != length || memcmp(path, bytes, length) != 0;
    return path;
}

char *encoding_diff(const char *bytes, gsize length, gboolean *binary)
{
    gboolean valid = is_utf8(bytes, length);
    *binary = valid ? memchr(bytes, '\0', length) != NULL : is_binary(bytes, length);
    if (*binary)
        return g_base64_encode((const guchar *)bytes, length);
    return valid ? g_strndup(bytes, length) : transcode(bytes, length);
}
