#include "importers/attachments/html_image.h"

#include <glib.h>
#include <string.h>

#define SPACE     " \t\n\f\r"
#define NO_SYMBOL 0xFFFD /* stands for a character that there is not */

/* A piece of the HTML. */
typedef struct Piece {
    const char *text; /* NULL: absent */
    gsize length;
} Piece;

typedef struct Attribute {
    Piece name, value;
} Attribute;

typedef struct Tag {
    Piece name, source;
} Tag;

static gboolean is_named(const Piece *name, const char *expected)
{
    return name->length == strlen(expected) && g_ascii_strncasecmp(name->text, expected, name->length) == 0;
}

/* --- values --- */

/* &#38; or &#x26; with or without the semicolon; 0: neither. */
static gsize append_character(GString *decoded, const char *text)
{
    gboolean hexadecimal = text[2] == 'x' || text[2] == 'X';
    const char *number = text + (hexadecimal ? 3 : 2);
    if (!(hexadecimal ? g_ascii_isxdigit(*number) : g_ascii_isdigit(*number)))
        return 0;
    char *end;
    guint64 code = g_ascii_strtoull(number, &end, hexadecimal ? 16 : 10);
    gboolean valid = code > 0 && code <= G_MAXUINT32 && g_unichar_validate((gunichar)code);
    g_string_append_unichar(decoded, valid ? (gunichar)code : NO_SYMBOL);
    return (gsize)(end - text) + (*end == ';');
}

static gsize append_named(GString *decoded, const char *text)
{
    static const struct {
        const char *entity;
        char character;
    } named[] = {{"&amp;", '&'}, {"&quot;", '"'}, {"&apos;", '\''}, {"&lt;", '<'}, {"&gt;", '>'}};
    for (gsize i = 0; i < G_N_ELEMENTS(named); i++) {
        if (!g_str_has_prefix(text, named[i].entity))
            continue;
        g_string_append_c(decoded, named[i].character);
        return strlen(named[i].entity);
    }
    return 0;
}

/* (transfer full) */
static char *decode(const Piece *value)
{
    g_autofree char *encoded = g_strndup(value->text, value->length);
    GString *decoded = g_string_new(NULL);
    const char *text = encoded;
    for (const char *entity; (entity = strchr(text, '&'));) {
        g_string_append_len(decoded, text, entity - text);
        gsize length = entity[1] == '#' ? append_character(decoded, entity) : append_named(decoded, entity);
        if (length == 0)
            g_string_append_c(decoded, '&');
        text = entity + MAX(length, 1);
    }
    g_string_append(decoded, text);
    return g_string_free(decoded, FALSE);
}

/* --- tags --- */

static const char *read_until(const char *at, const char *ends, Piece *piece)
{
    *piece = (Piece){at, strcspn(at, ends)};
    return at + piece->length;
}

static const char *read_value(const char *at, Piece *value)
{
    const char quote[] = {*at, '\0'};
    if (*at != '"' && *at != '\'')
        return read_until(at, SPACE ">", value);
    at = read_until(at + 1, quote, value);
    return *at ? at + 1 : at;
}

/* Its name may begin with an equals sign. */
static const char *read_attribute(const char *at, Attribute *attribute)
{
    gsize length = 1 + strcspn(at + 1, SPACE "/>=");
    *attribute = (Attribute){.name = {at, length}};
    at += length;
    const char *behind = at + strspn(at, SPACE);
    if (*behind != '=')
        return at;
    behind++;
    return read_value(behind + strspn(behind, SPACE), &attribute->value);
}

/* From its name to what follows the tag; NULL: the tag is not closed. */
static const char *read_tag(const char *at, Tag *tag)
{
    *tag = (Tag){0};
    at = read_until(at, SPACE "/>", &tag->name);
    while (*(at += strspn(at, SPACE "/")) && *at != '>') {
        Attribute attribute;
        at = read_attribute(at, &attribute);
        if (!tag->source.text && is_named(&attribute.name, "src"))
            tag->source = attribute.value;
    }
    return *at ? at + 1 : NULL;
}

/* --- what is between tags --- */

/* What follows the first `mark`; NULL: nothing does. */
static const char *behind(const char *text, const char *mark)
{
    const char *found = strstr(text, mark);
    return found ? found + strlen(mark) : NULL;
}

/* The end tag of an element whose content is no HTML; NULL: it has none. */
static const char *find_end_tag(const char *text, const Piece *name)
{
    for (const char *at = strstr(text, "</"); at; at = strstr(at + 2, "</"))
        if (g_ascii_strncasecmp(at + 2, name->text, name->length) == 0)
            return at;
    return NULL;
}

/* What follows a "<" that begins no tag. NULL: nothing does. */
static const char *skip_markup(const char *at)
{
    if (g_str_has_prefix(at, "!--"))
        return behind(at + 1, "-->");
    return *at == '!' || *at == '?' || *at == '/' ? behind(at, ">") : at;
}

/* What follows the tag and what belongs to it alone. NULL: nothing does. */
static const char *skip_content(const char *at, const Tag *tag)
{
    gboolean is_raw = is_named(&tag->name, "script") || is_named(&tag->name, "style");
    return at && is_raw ? find_end_tag(at, &tag->name) : at;
}

char *html_first_image_source(const char *html)
{
    const char *at = html;
    while (at && (at = strchr(at, '<'))) {
        Tag tag;
        if (!g_ascii_isalpha(at[1])) {
            at = skip_markup(at + 1);
            continue;
        }
        at = read_tag(at + 1, &tag);
        if (at && is_named(&tag.name, "img"))
            return tag.source.text ? decode(&tag.source) : NULL;
        at = skip_content(at, &tag);
    }
    return NULL;
}
