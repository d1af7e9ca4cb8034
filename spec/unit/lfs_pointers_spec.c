/* LFS pointers: what Gitaly takes for one, and where it looks for them. */
#include "importers/lfs/lfs_pointers.h"

#include "importers/git/repository.h"
#include "spec/support/git_objects.h"

#define VERSION "version https://git-lfs.github.com/spec/v1\n"
#define OID     "4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393"
#define POINTER VERSION "oid sha256:" OID "\nsize 12345\n"

/* A shell function that writes the pointer of an object: pointer FIRST_DIGIT SIZE. */
#define POINTERS                                                                                             \
    "pointer() { printf 'version https://git-lfs.github.com/spec/v1\\noid sha256:%s%s\\nsize %s\\n'"         \
    " $1 d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393 $2; }\n"                            \
    "keep() { git hash-object -w --stdin >/dev/null; }\n"

/* --- one blob --- */

static gboolean is_pointer(const char *text)
{
    LfsPointer pointer;
    return lfs_pointer_parse(text, strlen(text), &pointer);
}

static void a_pointer_names_an_object_and_its_size(G_GNUC_UNUSED void **state)
{
    LfsPointer pointer = {0};
    assert_true(lfs_pointer_parse(POINTER, strlen(POINTER), &pointer));
    assert_string_equal(pointer.oid, OID);
    assert_int_equal(pointer.size, 12345);
}

static void extensions_and_other_versions_are_pointers_too(G_GNUC_UNUSED void **state)
{
    assert_true(is_pointer(VERSION "ext-0-foo sha256:00\noid sha256:" OID "\nsize 1\n"));
    assert_true(is_pointer("version https://git-lfs.github.com/spec/v2\noid sha256:" OID "\nsize 0"));
}

static void the_version_comes_first(G_GNUC_UNUSED void **state)
{
    assert_false(is_pointer("oid sha256:" OID "\nsize 1\n" VERSION));
    assert_false(is_pointer("\n" POINTER));
    assert_false(is_pointer("version https://hawser.github.com/spec/v1\noid sha256:" OID "\nsize 1\n"));
    assert_false(is_pointer(""));
}

static void oid_and_size_have_lines_of_their_own(G_GNUC_UNUSED void **state)
{
    assert_false(is_pointer(VERSION "oid sha256:" OID "\n"));
    assert_false(is_pointer(VERSION "size 12345\n"));
    assert_false(is_pointer(VERSION "oid sha256:" OID "\r\nsize 12345\r\n"));
    assert_false(is_pointer(VERSION " oid sha256:" OID "\nsize 12345\n"));
    assert_false(is_pointer(VERSION "oid sha256:" OID "0\nsize 12345\n"));
    assert_false(is_pointer(VERSION "oid sha256:4D7A\nsize 12345\n"));
    assert_false(is_pointer(VERSION "oid md5:" OID "\nsize 12345\n"));
}

static void sizes_are_digits_of_a_number_that_gitlab_can_store(G_GNUC_UNUSED void **state)
{
    assert_true(is_pointer(VERSION "oid sha256:" OID "\nsize 9223372036854775807\n"));
    assert_false(is_pointer(VERSION "oid sha256:" OID "\nsize 9223372036854775808\n"));
    assert_false(is_pointer(VERSION "oid sha256:" OID "\nsize -1\n"));
    assert_false(is_pointer(VERSION "oid sha256:" OID "\nsize +1\n"));
    assert_false(is_pointer(VERSION "oid sha256:" OID "\nsize 0x10\n"));
    assert_false(is_pointer(VERSION "oid sha256:" OID "\nsize \n"));
}

static void the_first_line_of_each_counts(G_GNUC_UNUSED void **state)
{
    LfsPointer pointer = {0};
    const char *text = POINTER "size 2\n";
    assert_true(lfs_pointer_parse(text, strlen(text), &pointer));
    assert_int_equal(pointer.size, 12345);
}

static void a_pointer_has_at_most_200_bytes(G_GNUC_UNUSED void **state)
{
    LfsPointer pointer;
    char text[201];
    memset(text, 'x', sizeof text);
    memcpy(text, POINTER, strlen(POINTER));
    assert_true(lfs_pointer_parse(text, 200, &pointer));
    assert_false(lfs_pointer_parse(text, 201, &pointer));
}

static void bytes_that_are_no_text_are_no_pointer(G_GNUC_UNUSED void **state)
{
    LfsPointer pointer;
    static const char bytes[] = VERSION "\0oid sha256:" OID "\nsize 1\n";
    assert_false(lfs_pointer_parse(bytes, sizeof bytes - 1, &pointer));
}

/* --- a repository --- */

/* "FIRST_DIGIT:SIZE " of every pointer. (transfer full) */
static char *list(const GitContext *context, git_repository *repository)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) pointers = lfs_pointers_list(context->session, repository, &error);
    assert_no_error(error);
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < pointers->len; i++) {
        const LfsPointer *pointer = &g_array_index(pointers, LfsPointer, i);
        g_string_append_printf(text, "%c:%" G_GUINT64_FORMAT " ", pointer->oid[0], pointer->size);
    }
    return g_string_free(text, FALSE);
}

static void assert_listed(const GitContext *context, const char *script, const char *expected)
{
    g_autofree char *whole = g_strconcat(POINTERS, script, NULL);
    g_autoptr(git_repository) repository = make_repository(context, whole);
    g_autofree char *found = list(context, repository);
    assert_string_equal(found, expected);
}

static void an_empty_repository_has_none(void **state)
{
    assert_listed(*state, "", "");
}

static void they_are_listed_in_order_of_their_oids(void **state)
{
    assert_listed(*state, "pointer c 3 | keep; pointer a 1 | keep; pointer b 2 | keep; echo text | keep",
                  "a:1 b:2 c:3 ");
}

static void those_that_nothing_leads_to_are_listed_too(void **state)
{
    assert_listed(*state,
                  "pointer a 1 > a; git add a; git commit -q -m one; git rm -q --cached a\n"
                  "pointer b 2 > b; git add b; git commit -q -m two; pointer c 3 | keep",
                  "a:1 b:2 c:3 ");
}

static void packs_are_searched_and_their_deltas_undone(void **state)
{
    assert_listed(*state,
                  "for digit in 1 2 3 4 5; do pointer $digit 10$digit > f$digit; done\n"
                  "seq 1 2000 > big; git add .; git commit -q -m one; seq 1 2001 > big\n"
                  "git commit -q -a -m two; git repack -q -a -d -f --depth=10; pointer a 1 | keep",
                  "1:101 2:102 3:103 4:104 5:105 a:1 ");
}

static void what_is_in_two_packs_is_listed_once(void **state)
{
    assert_listed(*state,
                  "pointer a 1 > a; git add a; git commit -q -m one; git repack -q -a -d\n"
                  "echo x > x; git add x; git commit -q -m two; git repack -q -a; pointer a 1 | keep",
                  "a:1 ");
}

static void of_two_sizes_of_one_object_the_smaller_counts(void **state)
{
    assert_listed(*state, "pointer a 7 | keep; pointer a 5 | keep; pointer a 6 | keep", "a:5 ");
}

static void trees_and_commits_are_none_whatever_they_say(void **state)
{
    assert_listed(*state,
                  "git commit -q --allow-empty -m start\n"
                  "pointer a 1 | git commit-tree HEAD^{tree} >/dev/null",
                  "");
}

static void a_process_that_stops_searches_no_more(void **state)
{
    GitContext *context = *state;
    g_autoptr(GError) error = NULL;
    g_autoptr(git_repository) repository = make_repository(context, "echo x | git hash-object -w --stdin");
    context->stopping = TRUE;
    assert_null(lfs_pointers_list(context->session, repository, &error));
    assert_error(error, JOB_ERROR, JOB_ERROR_INTERRUPTED);
}

static void a_damaged_object_is_an_error(void **state)
{
    const GitContext *context = *state;
    g_autoptr(GError) error = NULL;
    g_autoptr(git_repository) repository =
        make_repository(context, "id=$(echo x | git hash-object -w --stdin)\n"
                                 "object=.git/objects/$(echo $id | cut -c1-2)/$(echo $id | cut -c3-)\n"
                                 "chmod u+w $object; echo damaged > $object");
    assert_null(lfs_pointers_list(context->session, repository, &error));
    assert_error(error, GIT_ERROR_DOMAIN, GIT_ERROR_DOMAIN_STORAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pointer_names_an_object_and_its_size),
        cmocka_unit_test(extensions_and_other_versions_are_pointers_too),
        cmocka_unit_test(the_version_comes_first),
        cmocka_unit_test(oid_and_size_have_lines_of_their_own),
        cmocka_unit_test(sizes_are_digits_of_a_number_that_gitlab_can_store),
        cmocka_unit_test(the_first_line_of_each_counts),
        cmocka_unit_test(a_pointer_has_at_most_200_bytes),
        cmocka_unit_test(bytes_that_are_no_text_are_no_pointer),
        WITH_CONTEXT(an_empty_repository_has_none),
        WITH_CONTEXT(they_are_listed_in_order_of_their_oids),
        WITH_CONTEXT(those_that_nothing_leads_to_are_listed_too),
        WITH_CONTEXT(packs_are_searched_and_their_deltas_undone),
        WITH_CONTEXT(what_is_in_two_packs_is_listed_once),
        WITH_CONTEXT(of_two_sizes_of_one_object_the_smaller_counts),
        WITH_CONTEXT(trees_and_commits_are_none_whatever_they_say),
        WITH_CONTEXT(a_process_that_stops_searches_no_more),
        WITH_CONTEXT(a_damaged_object_is_an_error),
    };
    return cmocka_run_group_tests_name("lfs_pointers", tests, NULL, NULL);
}
