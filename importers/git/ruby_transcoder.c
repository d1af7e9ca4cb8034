#include "importers/git/ruby_transcoder.h"

#include <string.h>
#include <unicode/ucnv.h>
#include <unicode/ucnv_err.h>

typedef enum CharacterSet {
    CHARACTERS_ALL,
    CHARACTERS_WITHOUT_CONTROLS, /* ICU passes undefined bytes on as C1 controls */
    CHARACTERS_WITHOUT_VENDORS,  /* nor those that vendors put into Unicode's private area */
    CHARACTERS_BIG5,             /* of the private area only what is Big5's own */
} CharacterSet;

typedef struct Encoding {
    const char *name;      /* ICU's, which Ruby knows too */
    const char *converter; /* ICU's with the same table as Ruby's */
    CharacterSet characters;
    const char *icu;  /* UTF-8: characters for which Ruby has the one */
    const char *ruby; /* at the same place here, or none */
} Encoding;

static const Encoding ENCODINGS[] = {
    {"UTF-16BE", "UTF-16BE", CHARACTERS_ALL, "", ""},
    {"UTF-16LE", "UTF-16LE", CHARACTERS_ALL, "", ""},
    {"UTF-32BE", "UTF-32BE", CHARACTERS_ALL, "", ""},
    {"UTF-32LE", "UTF-32LE", CHARACTERS_ALL, "", ""},
    {"ISO-2022-JP", "ISO-2022-JP", CHARACTERS_ALL, "", ""},
    {"GB18030", "GB18030", CHARACTERS_ALL, "", ""},
    {"ISO-8859-1", "ISO-8859-1", CHARACTERS_ALL, "", ""},
    {"ISO-8859-2", "ISO-8859-2", CHARACTERS_ALL, "", ""},
    {"ISO-8859-5", "ISO-8859-5", CHARACTERS_ALL, "", ""},
    {"ISO-8859-6", "ISO-8859-6", CHARACTERS_ALL, "", ""},
    {"ISO-8859-7", "ISO-8859-7", CHARACTERS_ALL, "", ""},
    {"ISO-8859-8", "ISO-8859-8", CHARACTERS_ALL, "", ""},
    {"ISO-8859-9", "ISO-8859-9", CHARACTERS_ALL, "", ""},
    {"KOI8-R", "KOI8-R", CHARACTERS_ALL, "", ""},
    {"windows-1250", "windows-1250", CHARACTERS_WITHOUT_CONTROLS, "", ""},
    {"windows-1251", "windows-1251", CHARACTERS_WITHOUT_CONTROLS, "", ""},
    {"windows-1252", "windows-1252", CHARACTERS_WITHOUT_CONTROLS, "", ""},
    {"windows-1253", "windows-1253", CHARACTERS_WITHOUT_CONTROLS, "\u00aa", ""},
    {"windows-1254", "windows-1254", CHARACTERS_WITHOUT_CONTROLS, "", ""},
    {"windows-1255", "windows-1255", CHARACTERS_WITHOUT_CONTROLS, "", ""},
    {"windows-1256", "windows-1256", CHARACTERS_WITHOUT_CONTROLS, "", ""},
    {"Shift_JIS", "Shift_JIS", CHARACTERS_WITHOUT_VENDORS, "\x1a\x1c\x7f―～∥－￠￡￢",
     "\x7f\x1a\x1c—〜‖−¢£¬"},
    {"Big5", "Big5", CHARACTERS_BIG5, "", ""},
    {"EUC-JP", "ibm-954_P101-2007", CHARACTERS_WITHOUT_VENDORS, "￠￡￢", "¢£¬"},
    {"EUC-KR", "EUC-KR", CHARACTERS_WITHOUT_VENDORS, "", ""},
};

static const Encoding *find_encoding(const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(ENCODINGS); i++)
        if (strcmp(ENCODINGS[i].name, name) == 0)
            return &ENCODINGS[i];
    return NULL;
}

/* U_SENTINEL for none. */
static UChar32 ruby_character(const Encoding *encoding, UChar32 character)
{
    gboolean is_private = character >= 0xe000 && character <= 0xf8ff;
    /* rows for Japanese and Cyrillic that Unicode keeps in its private area */
    gboolean is_big5 = character >= 0xf6b1 && character <= 0xf848;
    gboolean is_control = character >= 0x80 && character <= 0x9f;
    if (character == 0 || (encoding->characters != CHARACTERS_ALL && is_control) ||
        (encoding->characters == CHARACTERS_WITHOUT_VENDORS && is_private) ||
        (encoding->characters == CHARACTERS_BIG5 && is_private && !is_big5))
        return U_SENTINEL;
    const char *other = g_utf8_strchr(encoding->icu, -1, (gunichar)character);
    if (!other)
        return character;
    glong place = g_utf8_pointer_to_offset(encoding->icu, other);
    if (place >= g_utf8_strlen(encoding->ruby, -1))
        return U_SENTINEL;
    return (UChar32)g_utf8_get_char(g_utf8_offset_to_pointer(encoding->ruby, place));
}

/* Ruby's Shift_JIS is JIS X 0208; ICU's has NEC's and IBM's rows besides. (transfer full) */
static GString *without_vendor_rows(const char *bytes, gsize length)
{
    GString *kept = g_string_sized_new(length);
    for (gsize i = 0; i < length; i++) {
        guchar lead = (guchar)bytes[i];
        gboolean is_lead = (lead >= 0x81 && lead <= 0x9f) || (lead >= 0xe0 && lead <= 0xfc);
        guchar trail = i + 1 < length ? (guchar)bytes[i + 1] : 0;
        gboolean is_pair = is_lead && trail >= 0x40 && trail <= 0xfc && trail != 0x7f;
        gboolean is_vendor = (lead >= 0x85 && lead <= 0x87) || lead >= 0xeb;
        if (!is_pair || !is_vendor)
            g_string_append_len(kept, bytes + i, is_pair ? 2 : 1);
        i += is_pair;
    }
    return kept;
}

static char *convert(UConverter *converter, const Encoding *encoding, const char *bytes, gsize length)
{
    g_autoptr(GString) text = g_string_sized_new(length);
    const char *end = bytes + length;
    UErrorCode status = U_ZERO_ERROR;
    ucnv_setToUCallBack(converter, UCNV_TO_U_CALLBACK_SKIP, NULL, NULL, NULL, &status);
    while (U_SUCCESS(status)) {
        UChar32 character = ucnv_getNextUChar(converter, &bytes, end, &status);
        if (U_SUCCESS(status))
            character = ruby_character(encoding, character);
        if (U_SUCCESS(status) && character != U_SENTINEL)
            g_string_append_unichar(text, (gunichar)character);
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(UConverter, ucnv_close)

char *ruby_transcode(const char *bytes, gsize length, const char *name)
{
    const Encoding *encoding = find_encoding(name);
    if (strcmp(name, "UTF-8") == 0)
        return ruby_clean_utf8(bytes, length);
    if (!encoding)
        return NULL;
    UErrorCode status = U_ZERO_ERROR;
    g_autoptr(UConverter) converter = ucnv_open(encoding->converter, &status);
    if (U_FAILURE(status))
        return NULL;
    if (strcmp(name, "Shift_JIS") != 0)
        return convert(converter, encoding, bytes, length);
    g_autoptr(GString) kept = without_vendor_rows(bytes, length);
    return convert(converter, encoding, kept->str, kept->len);
}

char *ruby_clean_utf8(const char *bytes, gsize length)
{
    g_autoptr(GString) text = g_string_sized_new(length);
    const char *end = bytes + length;
    while (bytes < end) {
        const char *valid_end;
        g_utf8_validate_len(bytes, (gsize)(end - bytes), &valid_end);
        g_string_append_len(text, bytes, valid_end - bytes);
        bytes = valid_end < end ? valid_end + 1 : end;
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}
