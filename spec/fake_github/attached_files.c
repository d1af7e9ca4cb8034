#include "spec/fake_github/attached_files.h"

#include <string.h>

#include "spec/fake_github/nasty.h"
#include "spec/fake_github/objects/object.h"

enum { RELEASES = 10, RELEASE_EVERY = 8, LARGE = 100000, SMALL = 6000, FIRST_FILE_ID = 10000000 };

typedef enum { ASSET, REPOSITORY_ASSET, USER_FILE, REPOSITORY_FILE } PathKind;

typedef struct {
    PathKind path;
    const char *name; /* of a file; of an asset only the extension, which its address does not tell, if any */
    const char *content_type;
    const char *link; /* Markdown, "{url}" stands for the address */
    const char *head; /* what a text begins with; NULL: bytes without meaning */
} Form;

static const Form FORMS[] = {
    {ASSET, ".png", "image/png", "![a screenshot]({url})", NULL},
    {REPOSITORY_FILE, "report.pdf", "application/pdf", "See [the report]({url}).", NULL},
    {ASSET, ".jpg", "image/jpeg", "<img width=\"300\" alt=\"a photo\" src=\"{url}\">", NULL},
    {ASSET, ".mp4", "video/mp4", "{url}", NULL},
    {REPOSITORY_ASSET, ".gif", "image/gif", "![before]({url}) and ![after]({url})", NULL},
    {USER_FILE, "logs.zip", "application/zip", "[logs.zip]({url})", NULL},
    {ASSET, ".svg", "image/svg+xml", "> ![a drawing]({url} \"A title\")",
     "<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"><text>"},
    {REPOSITORY_FILE, "trace.log", "text/plain", "1. [trace.log]({url})", "trace:\n"},
    {ASSET, ".html", "text/html", "![a page]({url})", "<!DOCTYPE html><script>alert(1)</script>\n"},
    {USER_FILE, "read%20me%20first.txt", "text/plain", "- [read me first.txt](<{url}>)", "Read me.\n"},
    {ASSET, "", "video/webm", "It moves:\r\n{url}", NULL},
    {REPOSITORY_ASSET, ".png", "image/png", "![]({url})", NULL},
};

static const Form *form_of(guint ordinal)
{
    return &FORMS[ordinal % G_N_ELEMENTS(FORMS)];
}

/* Its first part is the ordinal, so that it can be found again. (transfer full) */
static char *uuid_of(const Generator *generator, guint ordinal)
{
    return g_strdup_printf("%08x-%04x-4%03x-8%03x-%012x", ordinal,
                           generator_number(generator, "uuid 1", ordinal, 0x10000),
                           generator_number(generator, "uuid 2", ordinal, 0x1000),
                           generator_number(generator, "uuid 3", ordinal, 0x1000),
                           generator_number(generator, "uuid 4", ordinal, G_MAXUINT));
}

AttachedFile *attached_file_new(const Generator *generator, guint ordinal)
{
    const Form *form = form_of(ordinal);
    AttachedFile *file = g_new0(AttachedFile, 1);
    g_autofree char *uuid = uuid_of(generator, ordinal);
    file->ordinal = ordinal;
    file->content_type = form->content_type;
    switch (form->path) {
    case ASSET:
        file->path = g_strdup_printf("/user-attachments/assets/%s", uuid);
        break;
    case REPOSITORY_ASSET:
        file->path = g_strdup_printf("/{repository}/assets/1000/%s", uuid);
        break;
    case USER_FILE:
        file->path = g_strdup_printf("/user-attachments/files/%u/%s", FIRST_FILE_ID + ordinal, form->name);
        break;
    case REPOSITORY_FILE:
        file->path = g_strdup_printf("/{repository}/files/%u/%s", FIRST_FILE_ID + ordinal, form->name);
        break;
    default:
        g_assert_not_reached();
    }
    gboolean is_asset = form->path == ASSET || form->path == REPOSITORY_ASSET;
    file->stored_name = g_strconcat(uuid, is_asset ? "" : "/", form->name, NULL);
    return file;
}

void attached_file_free(AttachedFile *file)
{
    g_free(file->path);
    g_free(file->stored_name);
    g_free(file);
}

static gsize size_of(const Generator *generator, guint ordinal)
{
    if (ordinal % 16 == 3) {
        return 0;
    }
    return 1 + generator_number(generator, "attachment size", ordinal, ordinal % 10 == 0 ? LARGE : SMALL);
}

static void append_bytes(GString *content, const Generator *generator, guint ordinal, gsize size)
{
    g_autoptr(GRand) random = g_rand_new_with_seed(generator_number(generator, "bytes", ordinal, G_MAXUINT));
    while (content->len < size) {
        g_string_append_c(content, (char)(g_rand_int(random) >> 24));
    }
}

static void append_lines(GString *content, const Generator *generator, guint ordinal, gsize size)
{
    for (guint line = 0; content->len < size; line++) {
        g_autofree char *words = generator_words(generator, "attached line", ordinal * 1000 + line, 12);
        g_string_append_printf(content, "%s\n", words);
    }
}

GString *attached_file_content(const Generator *generator, const AttachedFile *file)
{
    gsize size = size_of(generator, file->ordinal);
    const char *head = form_of(file->ordinal)->head;
    GString *content = g_string_new(head);
    if (head == NULL) {
        append_bytes(content, generator, file->ordinal, size);
    } else {
        append_lines(content, generator, file->ordinal, size);
    }
    return g_string_truncate(content, size);
}

char *attached_file_path(const AttachedFile *file, const char *full_name)
{
    GString *path = g_string_new(file->path);
    g_string_replace(path, "{repository}", full_name, 1);
    return g_string_free(path, FALSE);
}

/* What the last part, or of a file the part before it, says; 0: neither. */
static guint ordinal_of(const char *path)
{
    g_auto(GStrv) parts = g_strsplit(path, "/", -1);
    guint count = g_strv_length(parts);
    if (count < 4) {
        return 0;
    }
    guint64 id = g_ascii_strtoull(parts[count - 2], NULL, 10);
    return id > FIRST_FILE_ID ? (guint)(id - FIRST_FILE_ID)
                              : (guint)g_ascii_strtoull(parts[count - 1], NULL, 16);
}

AttachedFile *attached_file_find(const Generator *generator, const char *full_name, const char *path)
{
    guint ordinal = ordinal_of(path);
    if (ordinal < 1 || ordinal > generator->attachments) {
        return NULL;
    }
    g_autoptr(AttachedFile) file = attached_file_new(generator, ordinal);
    g_autofree char *escaped = attached_file_path(file, full_name);
    g_autofree char *expected = g_uri_unescape_string(escaped, NULL);
    return strcmp(expected, path) == 0 ? g_steal_pointer(&file) : NULL;
}

/* --- Which text has which files --- */

static gboolean is_in_release(const Generator *generator, guint ordinal)
{
    return generator->releases > 0 && ordinal % RELEASE_EVERY == 0;
}

static guint64 release_of(const Generator *generator, guint ordinal)
{
    return ordinal / RELEASE_EVERY % MIN(generator->releases, RELEASES) + 1;
}

static gboolean has(const ObjectKind *kind, const Generator *generator, guint64 number)
{
    json_auto_t *nasty = nasty_comment_body(generator, number, 0);
    gboolean is_of_pull = strcmp(kind->parent, PULL_KIND.name) == 0;
    return nasty == NULL && kind->count(generator, number) > 0 &&
           (!is_of_pull || generator_pull_ordinal(generator, number) > 0);
}

static AttachedPlace place_of(const Generator *generator, guint ordinal, guint64 number)
{
    static const struct {
        AttachedPlace place;
        const ObjectKind *kind;
    } PLACES[] = {{IN_BODY, NULL},
                  {IN_COMMENT, &COMMENT_KIND},
                  {IN_REVIEW_COMMENT, &REVIEW_COMMENT_KIND},
                  {IN_REVIEW, &REVIEW_KIND}};
    const ObjectKind *kind = PLACES[ordinal % G_N_ELEMENTS(PLACES)].kind;
    return kind != NULL && has(kind, generator, number) ? PLACES[ordinal % G_N_ELEMENTS(PLACES)].place
                                                        : IN_BODY;
}

static void append_link(const Generator *generator, guint ordinal, GString *text)
{
    g_autoptr(AttachedFile) file = attached_file_new(generator, ordinal);
    g_autofree char *url = g_strconcat("{web}", file->path, NULL);
    GString *link = g_string_new(form_of(ordinal)->link);
    g_string_replace(link, "{url}", url, 0);
    g_string_append(text, link->str);
    g_string_free(link, TRUE);
    if (ordinal % 5 == 0) {
        g_string_append(text, "\r\n\r\nIt follows from [this]({web}/{repository}/blob/main/README.md).");
    }
    if (ordinal % 7 == 0) {
        g_string_append(text, "\r\n\r\n{web}/other/repo/issues/5\r\n\r\n"
                              "[elsewhere]({web}/other/repo/blob/main/guide.md)");
    }
    g_string_append(text, "\r\n\r\n");
}

static void append_links_in_release(const Generator *generator, guint64 release, GString *text)
{
    for (guint ordinal = RELEASE_EVERY; ordinal <= generator->attachments; ordinal += RELEASE_EVERY) {
        if (release_of(generator, ordinal) == release) {
            append_link(generator, ordinal, text);
        }
    }
}

/* The shares are (k - 1) * issues / attachments: which k have this number. */
static void append_links_of_issue(const Generator *generator, AttachedPlace place, guint64 number,
                                  GString *text)
{
    guint64 total = (guint64)generator->issues + generator->pulls;
    guint64 first = ((number - 1) * generator->attachments + total - 1) / total + 1;
    guint64 last = (number * generator->attachments + total - 1) / total;
    for (guint ordinal = (guint)first; ordinal <= last; ordinal++) {
        if (!is_in_release(generator, ordinal) && place_of(generator, ordinal, number) == place) {
            append_link(generator, ordinal, text);
        }
    }
}

json_t *attached_files_in(const Generator *generator, AttachedPlace place, guint64 number, json_t *body)
{
    json_auto_t *owned = body;
    GString *text = g_string_new(NULL);
    if (generator->attachments > 0 && place != IN_RELEASE) {
        append_links_of_issue(generator, place, number, text);
    } else if (generator->attachments > 0 && generator->releases > 0) {
        append_links_in_release(generator, number, text);
    }
    if (text->len == 0) {
        g_string_free(text, TRUE);
        return g_steal_pointer(&owned);
    }
    g_string_append_len(text, json_string_value(owned), (gssize)json_string_length(owned));
    json_t *attached = json_stringn_nocheck(text->str, text->len);
    g_string_free(text, TRUE);
    return attached;
}
