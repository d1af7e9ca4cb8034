#include "importers/attachments/attachment_file_name.h"

#include <string.h>

static const struct {
    const char *extension, *content_type;
} videos[] = {{".mov", "video/quicktime"}, {".mp4", "video/mp4"}, {".webm", "video/webm"}};

/* Of the address's path, as it is written there. (transfer full) */
static char *last_segment(const char *url)
{
    g_autofree char *path = NULL;
    if (!g_uri_split(url, G_URI_FLAGS_ENCODED, NULL, NULL, NULL, NULL, &path, NULL, NULL, NULL))
        return g_strdup("");
    for (gsize length = strlen(path); length > 0 && path[length - 1] == '/'; length--)
        path[length - 1] = '\0';
    const char *slash = strrchr(path, '/');
    return g_strdup(slash ? slash + 1 : path);
}

/* CGI.unescape. (transfer full) */
static GString *unescape(const char *text)
{
    GString *plain = g_string_new(NULL);
    for (; *text; text++) {
        if (*text == '%' && g_ascii_isxdigit(text[1]) && g_ascii_isxdigit(text[2])) {
            g_string_append_c(plain,
                              (char)(g_ascii_xdigit_value(text[1]) * 16 + g_ascii_xdigit_value(text[2])));
            text += 2;
        } else {
            g_string_append_c(plain, *text == '+' ? ' ' : *text);
        }
    }
    return plain;
}

/* PathTraversal.check_path_traversal! of a file in a folder. `name` may have NUL bytes. */
static gboolean leaves_its_folder(const GString *name)
{
    gsize segment = 0; /* length so far */
    gboolean dots = TRUE;
    for (gsize i = 0; i <= name->len; i++) {
        char c = i < name->len ? name->str[i] : '/';
        if (c == '\n')
            return TRUE;
        if (c == '/' || c == '\\') {
            if (dots && segment == 2)
                return TRUE;
            segment = 0;
            dots = TRUE;
        } else {
            segment++;
            dots = dots && c == '.';
        }
    }
    return FALSE;
}

static gboolean is_harmless(char c)
{
    return g_ascii_isalnum(c) || c == '-' || c == '_' || c == '.';
}

/* One underscore for each character, or for each byte that is none. (transfer full) */
static char *sanitize(const char *name, gsize length)
{
    GString *harmless = g_string_new(NULL);
    for (gsize i = 0; i < length;) {
        gunichar character = g_utf8_get_char_validated(name + i, (gssize)(length - i));
        gboolean valid = name[i] && character != (gunichar)-1 && character != (gunichar)-2;
        g_string_append_c(harmless, is_harmless(name[i]) ? name[i] : '_');
        i += valid ? (gsize)g_unichar_to_utf8(character, NULL) : 1;
    }
    g_string_erase(harmless, 0, (gssize)strspn(harmless->str, "."));
    if (harmless->len == 0)
        g_string_append(harmless, "attachment");
    return g_string_free(harmless, FALSE);
}

/* FilenameFetch#ensure_filename_size. (transfer full) */
static char *limit_stem(const char *name)
{
    const char *dot = strrchr(name, '.');
    if (strlen(name) <= FILE_NAME_STEM)
        return g_strdup(name);
    gsize stem = dot ? (gsize)(dot - name) : strlen(name);
    return g_strdup_printf("%.*s%s", (int)MIN(stem, FILE_NAME_STEM), name, dot ? dot : "");
}

char *attachment_file_name(const char *url)
{
    g_autofree char *segment = last_segment(url);
    g_autoptr(GString) name = unescape(segment);
    if (leaves_its_folder(name))
        return NULL;
    g_autofree char *harmless = sanitize(name->str, name->len);
    return limit_stem(harmless);
}

const char *attachment_video_extension(const char *url)
{
    g_autofree char *segment = last_segment(url);
    g_autofree char *name = sanitize(segment, strlen(segment));
    for (gsize i = 0; i < G_N_ELEMENTS(videos); i++)
        if (g_str_has_suffix(name, videos[i].extension))
            return videos[i].extension;
    return NULL;
}

const char *attachment_video_extension_of_type(const char *content_type)
{
    for (gsize i = 0; content_type && i < G_N_ELEMENTS(videos); i++)
        if (g_str_equal(content_type, videos[i].content_type))
            return videos[i].extension;
    return NULL;
}
