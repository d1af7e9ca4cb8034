/* What an attachment's address is, and what takes its place in a text. */
#include "importers/attachments/attachment.h"

#include "spec/support/cmocka_glib.h"

#define E       "https://github.com"
#define SOURCE  "acme/rocket"
#define PROJECT "https://gitlab.example.com/imports/rocket"
#define UPLOAD  "/uploads/8d1f0c2be6a94c0f9b1b2c3d4e5f6071/"

static void assert_kind(const char *url, AttachmentKind expected)
{
    assert_int_equal(attachment_kind(url, E, SOURCE), expected);
}

/* --- kinds --- */

static void a_file_of_the_repository_is_a_link(G_GNUC_UNUSED void **state)
{
    assert_kind(E "/acme/rocket/blob/main/a.md", ATTACHMENT_BLOB_LINK);
    assert_kind(E "/acme/rocket/blobs", ATTACHMENT_BLOB_LINK);
}

static void media_documents_and_user_attachments_are_files(G_GNUC_UNUSED void **state)
{
    assert_kind(E "/acme/rocket/assets/1/2", ATTACHMENT_FILE);
    assert_kind(GITHUB_MEDIA_CDN "1/a.png", ATTACHMENT_FILE);
    assert_kind(E "/acme/rocket/files/1/a.pdf", ATTACHMENT_FILE);
    assert_kind(E "/user-attachments/assets/1", ATTACHMENT_FILE);
    assert_kind(E "/user-attachments/files/1/a.zip", ATTACHMENT_FILE);
}

static void all_else_stays_as_it_is(G_GNUC_UNUSED void **state)
{
    assert_kind(E "/acme/rocket/issues/5", ATTACHMENT_UNCHANGED);
    assert_kind(E "/acme/rocket/raw/main/a.png", ATTACHMENT_UNCHANGED);
    assert_kind(E "/acme/other/assets/1", ATTACHMENT_UNCHANGED);
    assert_kind(E "/acme/rocket2/files/1", ATTACHMENT_UNCHANGED);
    assert_kind(E "/Acme/rocket/assets/1", ATTACHMENT_UNCHANGED);
    assert_kind(E "/user-attachments", ATTACHMENT_UNCHANGED);
    assert_kind(E ".evil.org/acme/rocket/assets/1", ATTACHMENT_UNCHANGED);
    assert_kind("http://github.com/acme/rocket/assets/1", ATTACHMENT_UNCHANGED);
}

static void an_enterprise_server_has_its_own_address(G_GNUC_UNUSED void **state)
{
    const char *const enterprise = "https://git.example.com";
    assert_int_equal(attachment_kind("https://git.example.com/acme/rocket/assets/1", enterprise, SOURCE),
                     ATTACHMENT_FILE);
    assert_int_equal(attachment_kind(E "/acme/rocket/assets/1", enterprise, SOURCE), ATTACHMENT_UNCHANGED);
    assert_text(attachment_blob_url("https://git.example.com/acme/rocket/blob/main/a.md", enterprise, SOURCE,
                                    PROJECT),
                PROJECT "/-/blob/main/a.md");
}

/* --- links --- */

static void a_link_leads_to_the_projects_own_file(G_GNUC_UNUSED void **state)
{
    assert_text(attachment_blob_url(E "/acme/rocket/blob/main/docs/a.md", E, SOURCE, PROJECT),
                PROJECT "/-/blob/main/docs/a.md");
}

static void the_repositorys_name_disappears_everywhere(G_GNUC_UNUSED void **state)
{
    assert_text(attachment_blob_url(E "/acme/rocket/blob/main/acme/rocket/a.md", E, SOURCE, PROJECT),
                PROJECT "/-/blob/main//a.md");
}

/* --- replacing --- */

static void assert_replaced(const char *text, const char *expected)
{
    assert_int_equal(attachment_is_replaceable(text, E "/a"), !g_str_equal(text, expected));
    assert_text(attachment_replace(text, E "/a", UPLOAD "a"), expected);
}

static void every_occurrence_is_replaced(G_GNUC_UNUSED void **state)
{
    assert_replaced("![x](" E "/a) <img src=\"" E "/a\">\n" E "/a",
                    "![x](" UPLOAD "a) <img src=\"" UPLOAD "a\">\n" UPLOAD "a");
    assert_replaced("nothing", "nothing");
    assert_replaced("", "");
}

static void what_may_follow_an_address_does_not_hide_it(G_GNUC_UNUSED void **state)
{
    const char *const followers[] = {" ",  "\n", ")",   "]",   "\"",           "'/>", ">",    "|",   "`",
                                     ". ", ", ", ";\n", ": b", "? B",          "!",   "** b", "_ b", "~~",
                                     "\\", "..", "}",   "<br", "\xE3\x80\x82", "*)",  "_)",   ".)"};
    for (gsize i = 0; i < G_N_ELEMENTS(followers); i++) {
        g_autofree char *text = g_strconcat(E "/a", followers[i], NULL);
        g_autofree char *expected = g_strconcat(UPLOAD "a", followers[i], NULL);
        assert_replaced(text, expected);
    }
}

/* In Ruby the first replacement breaks the second address. */
static void the_beginning_of_a_longer_address_stays(G_GNUC_UNUSED void **state)
{
    const char *const rests[] = {"b",   "1",   "/b", "/",  ".png", "-b", "_b", "?b=1", "#b",
                                 "%20", "(1)", "&b", "=b", "~b",   "+b", "@b", ":8",   ",b"};
    for (gsize i = 0; i < G_N_ELEMENTS(rests); i++) {
        g_autofree char *text = g_strconcat("![x](" E "/a", rests[i], ")", NULL);
        assert_replaced(text, text);
    }
    assert_replaced(E "/ab " E "/a " E "/abc", E "/ab " UPLOAD "a " E "/abc");
}

static void of_two_addresses_each_gets_its_own_file(G_GNUC_UNUSED void **state)
{
    g_autofree char *first = attachment_replace("![x](" E "/a) ![y](" E "/a.png)", E "/a", UPLOAD "a");
    assert_text(attachment_replace(first, E "/a.png", UPLOAD "b.png"),
                "![x](" UPLOAD "a) ![y](" UPLOAD "b.png)");
}

static void a_video_becomes_an_image(G_GNUC_UNUSED void **state)
{
    assert_text(attachment_replace(E "/a", E "/a", UPLOAD "a.mp4"), "![media_attachment](" UPLOAD "a.mp4)");
    assert_text(attachment_replace(E "/a", E "/a", UPLOAD "a.mov"), "![media_attachment](" UPLOAD "a.mov)");
    assert_text(attachment_replace(E "/a", E "/a", UPLOAD "a.webm"), "![media_attachment](" UPLOAD "a.webm)");
    assert_text(attachment_replace(E "/a", E "/a", UPLOAD "a.gif"), UPLOAD "a.gif");
    assert_text(attachment_replace(E "/a", E "/a", UPLOAD "amp4"), UPLOAD "amp4");
}

static void also_within_an_image(G_GNUC_UNUSED void **state)
{
    assert_text(attachment_replace("![x](" E "/a)", E "/a", UPLOAD "a.mp4"),
                "![x](![media_attachment](" UPLOAD "a.mp4))");
}

/* --- generated texts --- */

typedef struct UrlClass {
    const char *format; /* of a number */
    AttachmentKind kind;
    gboolean media, document; /* is one in the place of an image, of a link */
} UrlClass;

static const UrlClass url_classes[] = {
    {E "/acme/rocket/assets/1/%u", ATTACHMENT_FILE, TRUE, FALSE},
    {E "/user-attachments/assets/%u", ATTACHMENT_FILE, TRUE, FALSE},
    {E "/user-attachments/files/%u/a.zip", ATTACHMENT_FILE, TRUE, TRUE},
    {E "/acme/rocket/files/%u/a.b-c_d.pdf", ATTACHMENT_FILE, TRUE, TRUE},
    {GITHUB_MEDIA_CDN "%u/a.png", ATTACHMENT_FILE, TRUE, FALSE},
    {GITHUB_MEDIA_CDN "%u/a.pdf", ATTACHMENT_FILE, FALSE, FALSE},
    {E "/acme/rocket/blob/main/%u.md", ATTACHMENT_BLOB_LINK, TRUE, TRUE},
    {E "/acme/rocket/blob/main/%u.c", ATTACHMENT_BLOB_LINK, TRUE, FALSE},
    {E "/other/repo/files/%u/a.zip", ATTACHMENT_UNCHANGED, TRUE, TRUE},
    {E "/acme/rocket/issues/%u", ATTACHMENT_UNCHANGED, TRUE, FALSE},
    {E ".evil.test/acme/rocket/files/%u/a.zip", ATTACHMENT_UNCHANGED, TRUE, TRUE},
    {"http://github.com/user-attachments/assets/%u.png", ATTACHMENT_UNCHANGED, FALSE, FALSE},
    {"https://example.com/%u.zip", ATTACHMENT_UNCHANGED, FALSE, FALSE},
};

/* Blocks of Markdown, "@" stands for the address. */
static const struct {
    const char *block;
    gboolean as_media, as_document; /* as what an address counts in it */
} constructs[] = {
    {"![an *image*](@)", TRUE, FALSE},
    {"![](<@> \"title\")", TRUE, FALSE},
    {"![by reference][@]\n\n[@]: @", TRUE, FALSE},
    {"[a link](@), and more", FALSE, TRUE},
    {"[by reference][@]\n\n[@]: <@>", FALSE, TRUE},
    {"> 1. [a link\n> of two lines](@)", FALSE, TRUE},
    {"see @ there", TRUE, FALSE},
    {"@", TRUE, FALSE},
    {"<@>", TRUE, TRUE},
    {"# @", TRUE, FALSE},
    {"> - **@**", TRUE, FALSE},
    {"\xC3\xA9 `@` \xC3\xA9", TRUE, FALSE},
    {"text <img width=3 src=\"@\" alt=x> text", TRUE, FALSE},
    {"<p>\n<IMG alt='>' SRC='@'/>\n</p>", TRUE, FALSE},
    {"<a href=\"@\">a link</a>", FALSE, FALSE},
    {"<!-- ![x](@) -->", FALSE, FALSE},
    {"    ![code](@)", FALSE, FALSE},
    {"```\n@\n```", FALSE, FALSE},
};

#define MAX_BLOCKS 12
#define TEXTS      2000

typedef struct Block {
    guint construct, url_class, number;
} Block;

/* (transfer full) */
static char *url_of(const Block *block)
{
    GString *url = g_string_new(url_classes[block->url_class].format);
    g_autofree char *number = g_strdup_printf("%u", block->number);
    g_string_replace(url, "%u", number, 1);
    return g_string_free(url, FALSE);
}

static gboolean is_found(const Block *block)
{
    const UrlClass *class = &url_classes[block->url_class];
    return (class->media && constructs[block->construct].as_media) ||
           (class->document && constructs[block->construct].as_document);
}

/* What takes the place of the address once it was found. Every third file is a video. (transfer full) */
static char *value_of(const Block *block, const char *url)
{
    switch (url_classes[block->url_class].kind) {
    case ATTACHMENT_FILE:
        return g_strdup_printf(UPLOAD "%u%s", block->number, block->number % 3 == 0 ? ".mp4" : "");
    case ATTACHMENT_BLOB_LINK:
        return g_strconcat(PROJECT "/-", strstr(url, "/blob/"), NULL);
    case ATTACHMENT_UNCHANGED:
        break;
    }
    return g_strdup(url);
}

/* As it stands in the text. (transfer full) */
static char *embedded(const char *value)
{
    return g_str_has_suffix(value, ".mp4") ? g_strdup_printf("![media_attachment](%s)", value)
                                           : g_strdup(value);
}

static void append_block(GString *text, const Block *block, const char *address)
{
    g_auto(GStrv) pieces = g_strsplit(constructs[block->construct].block, "@", -1);
    g_autofree char *markdown = g_strjoinv(address, pieces);
    g_string_append_printf(text, "%s\n\n", markdown);
}

static void random_blocks(GRand *random, Block *blocks, guint n)
{
    for (guint i = 0; i < n; i++)
        blocks[i] = (Block){
            (guint)g_rand_int_range(random, 0, G_N_ELEMENTS(constructs)),
            (guint)g_rand_int_range(random, 0, G_N_ELEMENTS(url_classes)),
            (guint)g_rand_int_range(random, 1, 120)}; /* few, so that some come twice or begin alike */
}

/* What is to be found in the blocks, in their order, with what takes its place. (transfer full) */
static GHashTable *expected_values(const Block *blocks, guint n, GPtrArray *urls)
{
    GHashTable *values = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    for (guint i = 0; i < n; i++) {
        g_autofree char *url = url_of(&blocks[i]);
        if (!is_found(&blocks[i]) || g_hash_table_contains(values, url))
            continue;
        g_ptr_array_add(urls, g_strdup(url));
        char *value = value_of(&blocks[i], url);
        g_hash_table_insert(values, g_steal_pointer(&url), value);
    }
    return values;
}

/* What the importer does with a text, except that nothing is downloaded. (transfer full) */
static char *replace_all(const char *text, const GPtrArray *urls, GHashTable *values)
{
    char *replaced = g_strdup(text);
    for (guint i = 0; i < urls->len; i++) {
        const char *url = urls->pdata[i];
        g_autofree char *before = replaced;
        g_autofree char *link = attachment_blob_url(url, E, SOURCE, PROJECT);
        AttachmentKind kind = attachment_kind(url, E, SOURCE);
        const char *value = kind == ATTACHMENT_BLOB_LINK ? link : g_hash_table_lookup(values, url);
        replaced = kind == ATTACHMENT_UNCHANGED ? g_strdup(before) : attachment_replace(before, url, value);
    }
    return replaced;
}

static void assert_generated(const Block *blocks, guint n)
{
    g_autoptr(GPtrArray) expected_urls = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GHashTable) values = expected_values(blocks, n, expected_urls);
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GString) expected = g_string_new(NULL);
    for (guint i = 0; i < n; i++) {
        g_autofree char *url = url_of(&blocks[i]);
        const char *value = g_hash_table_lookup(values, url);
        g_autofree char *address = embedded(value ? value : url);
        append_block(text, &blocks[i], url);
        append_block(expected, &blocks[i], address);
    }
    g_autoptr(GPtrArray) urls = attachments_find(text->str, E);
    assert_int_equal(urls->len, expected_urls->len);
    for (guint i = 0; i < urls->len; i++)
        assert_string_equal(urls->pdata[i], expected_urls->pdata[i]);
    assert_text(replace_all(text->str, urls, values), expected->str);
}

static void of_generated_texts_just_the_attachments_are_replaced(G_GNUC_UNUSED void **state)
{
    Block blocks[MAX_BLOCKS];
    for (guint32 seed = 0; seed < TEXTS; seed++) {
        g_autoptr(GRand) random = g_rand_new_with_seed(seed);
        guint n = (guint)g_rand_int_range(random, 1, MAX_BLOCKS + 1);
        random_blocks(random, blocks, n);
        assert_generated(blocks, n);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_of_the_repository_is_a_link),
        cmocka_unit_test(media_documents_and_user_attachments_are_files),
        cmocka_unit_test(all_else_stays_as_it_is),
        cmocka_unit_test(an_enterprise_server_has_its_own_address),
        cmocka_unit_test(a_link_leads_to_the_projects_own_file),
        cmocka_unit_test(the_repositorys_name_disappears_everywhere),
        cmocka_unit_test(every_occurrence_is_replaced),
        cmocka_unit_test(what_may_follow_an_address_does_not_hide_it),
        cmocka_unit_test(the_beginning_of_a_longer_address_stays),
        cmocka_unit_test(of_two_addresses_each_gets_its_own_file),
        cmocka_unit_test(a_video_becomes_an_image),
        cmocka_unit_test(also_within_an_image),
        cmocka_unit_test(of_generated_texts_just_the_attachments_are_replaced),
    };
    return cmocka_run_group_tests_name("attachment", tests, NULL, NULL);
}
