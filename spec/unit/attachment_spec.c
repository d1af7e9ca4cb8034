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
    };
    return cmocka_run_group_tests_name("attachment", tests, NULL, NULL);
}
