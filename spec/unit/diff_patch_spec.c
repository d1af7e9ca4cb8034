#include "importers/git/diff/patch.h"

#include "spec/support/git_objects.h"

/* The output of `git diff`, reduced to what patches are to contain, with a line before each file's. */
static GString *without_headers(const char *output, gsize length)
{
    GString *text = g_string_new(NULL);
    const char *end = output + length;
    gboolean header = FALSE;
    while (output < end) {
        const char *line = output, *line_end = memchr(line, '\n', (gsize)(end - line));
        output = line_end ? line_end + 1 : end;
        if (g_str_has_prefix(line, "diff --git ")) {
            header = TRUE;
            g_string_append(text, "FILE\n");
        } else if (g_str_has_prefix(line, "@@") || g_str_has_prefix(line, "Binary"))
            header = FALSE;
        if (!header)
            g_string_append_len(text, line, output - line);
    }
    return text;
}

static gboolean append_line(const char *line, gsize length, gpointer text)
{
    assert_int_equal(line[length - 1], '\n');
    g_string_append_len(text, line, (gssize)length);
    return TRUE;
}

/* (transfer full) */
static GPtrArray *entries_of_head(const GitContext *context, git_repository *repository)
{
    git_oid one = object_id(context, "HEAD~1^{tree}"), two = object_id(context, "HEAD^{tree}");
    g_autoptr(GError) error = NULL;
    GPtrArray *entries = git_diff_entries(repository, &one, &two, &error);
    assert_no_error(error);
    git_diff_split_type_changes(entries);
    return entries;
}

static GString *patches_of_head(const GitContext *context, git_repository *repository)
{
    g_autoptr(GPtrArray) entries = entries_of_head(context, repository);
    GString *text = g_string_new(NULL);
    const GitPatchSink sink = {append_line, text};
    for (guint i = 0; i < entries->len; i++) {
        gboolean unreadable;
        g_autoptr(GError) error = NULL;
        g_string_append(text, "FILE\n");
        assert_true(git_diff_patch(repository, entries->pdata[i], &sink, &unreadable, &error));
        assert_no_error(error);
        assert_false(unreadable);
    }
    return text;
}

/* The text around the first difference makes a failure readable. */
static void assert_same_text(const GString *actual, const GString *expected)
{
    gsize position = 0;
    while (position < MIN(actual->len, expected->len) && actual->str[position] == expected->str[position])
        position++;
    if (position == actual->len && position == expected->len)
        return;
    gsize shown = position - MIN(position, 200);
    fail_msg("at %" G_GSIZE_FORMAT ":\n%.400s\ninstead of\n%.400s", position, actual->str + shown,
             expected->str + shown);
}

static void assert_patches_are_git_s(const GitContext *context, git_repository *repository)
{
    g_autofree char *path = g_build_filename(context->folder, "objects", "expected", NULL);
    g_autofree char *output = NULL;
    gsize length;
    g_free(in_repository(context, "git diff --no-renames HEAD~1 HEAD > expected"));
    assert_true(g_file_get_contents(path, &output, &length, NULL));
    g_autoptr(GString) expected = without_headers(output, length);
    g_autoptr(GString) actual = patches_of_head(context, repository);
    assert_same_text(actual, expected);
}

static void write_file(const GitContext *context, const char *name, const GString *text)
{
    g_autofree char *path = g_build_filename(context->folder, "objects", name, NULL);
    assert_true(g_file_set_contents(path, text->str, (gssize)text->len, NULL));
}

typedef struct Vector {
    const char *before, *after; /* printf(1) formats; NULL: no such file */
} Vector;

static const Vector vectors[] = {
    {"one\\n", "two\\n"},
    {NULL, "one\\ntwo\\n"},
    {"one\\ntwo\\n", NULL},
    {NULL, ""},
    {"", NULL},
    {"", "one\\n"},
    {"one\\n", ""},
    {NULL, "one"},
    {"one", NULL},
    {"one", "one\\n"},
    {"one\\n", "one"},
    {"one", "two"},
    {"a\\nb\\nlast", "a\\nc\\nlast"},
    {"a\\nb\\n\\n", "a\\nb\\n"},
    {"a\\r\\nb\\r\\n", "a\\nb\\r\\n"},
    {"a\\rb\\n", "a\\rc\\n"},
    {"caf\\351\\n", "caf\\303\\251\\n"},
    {"nul\\000\\n", "text\\n"},
    {"text\\n", "nul\\000\\n"},
    {NULL, "nul\\000\\n"},
    {"nul\\000\\n", NULL},
    {"-- a\\n++ b\\n", "-- c\\n++ d\\n"},
};

static void short_texts_are_compared_as_git_does(void **state)
{
    g_autoptr(GString) script = g_string_new("echo same > same\n");
    for (guint i = 0; i < G_N_ELEMENTS(vectors); i++)
        if (vectors[i].before)
            g_string_append_printf(script, "printf -- '%s' > f%02u\n", vectors[i].before, i);
    g_string_append(script, "git add .; git commit -qm one\n");
    for (guint i = 0; i < G_N_ELEMENTS(vectors); i++)
        g_string_append_printf(script, vectors[i].after ? "printf -- '%2$s' > f%1$02u\n" : "rm f%02u\n", i,
                               vectors[i].after);
    g_string_append(script, "git add -A; git commit -qm two");
    g_autoptr(git_repository) repository = make_repository(*state, script->str);
    assert_patches_are_git_s(*state, repository);
}

/* Lines as they occur in programs: repeated, indented, empty, function heads, with and without UTF-8. */
static void append_random_line(GString *text, GRand *random)
{
    static const char *const heads[] = {
        "static int f%d(void)", "_private%d {", "$dollar%d = 1;", "class Caf\303\251%d", "9digits%d",
        "latin\351%d",          "tail%d \t "};
    static const char *const bodies[] = {"",    "{",   "}",   "\tint i;", "    return 0;",
                                         "\t}", " */", "# x", "\r"};
    gint kind = g_rand_int_range(random, 0, 12);
    if (kind == 0)
        g_string_append_printf(text, heads[g_rand_int_range(random, 0, G_N_ELEMENTS(heads))],
                               g_rand_int_range(random, 0, 1000));
    else if (kind < 9)
        g_string_append(text, bodies[g_rand_int_range(random, 0, G_N_ELEMENTS(bodies))]);
    else
        g_string_append_printf(text, "%*sline %d", g_rand_int_range(random, 0, 9), "",
                               g_rand_int_range(random, 0, 60));
    if (g_rand_int_range(random, 0, 40) == 0)
        for (gint i = g_rand_int_range(random, 60, 90); i > 0; i--)
            g_string_append(text, i % 3 ? "x" : "\303\244");
    g_string_append_c(text, '\n');
}

static void append_random_lines(GString *text, GRand *random, gint count)
{
    while (count-- > 0)
        append_random_line(text, random);
}

/* The old text with lines dropped, added, replaced and repeated. */
static GString *random_edit(const GString *before, GRand *random, gint rarity)
{
    GString *after = g_string_new(NULL);
    g_auto(GStrv) lines = g_strsplit(before->str, "\n", -1);
    guint count = g_strv_length(lines) - 1;
    for (guint i = 0; i < count; i++) {
        gint kind = g_rand_int_range(random, 0, rarity);
        if (kind != 0)
            g_string_append_printf(after, "%s\n", lines[i]);
        if (kind == 1 && i > 5)
            for (guint j = i - 5; j <= i; j++)
                g_string_append_printf(after, "%s\n", lines[j]);
        if (kind <= 3)
            append_random_lines(after, random, g_rand_int_range(random, 0, 5));
    }
    if (g_rand_int_range(random, 0, 5) == 0 && after->len)
        g_string_truncate(after, after->len - 1);
    return after;
}

static void assert_random_texts_are_git_s(const GitContext *context, guint32 seed, guint files, gint lines)
{
    g_autoptr(git_repository) repository = make_repository(context, "");
    g_autoptr(GRand) random = g_rand_new_with_seed(seed);
    g_autoptr(GPtrArray) texts = g_ptr_array_new();
    for (guint i = 0; i < files; i++) {
        GString *text = g_string_new(NULL);
        g_autofree char *name = g_strdup_printf("f%03u", i);
        append_random_lines(text, random, g_rand_int_range(random, 1, lines));
        write_file(context, name, text);
        g_ptr_array_add(texts, text);
    }
    g_free(in_repository(context, "git add .; git commit -qm one"));
    for (guint i = 0; i < files; i++) {
        g_autofree char *name = g_strdup_printf("f%03u", i);
        g_autoptr(GString) before = texts->pdata[i];
        g_autoptr(GString) after = random_edit(before, random, g_rand_int_range(random, 8, 60));
        write_file(context, name, after);
    }
    g_free(in_repository(context, "git add .; git commit -qm two"));
    assert_patches_are_git_s(context, repository);
}

static void random_texts_are_compared_as_git_does(void **state)
{
    assert_random_texts_are_git_s(*state, 42, 300, 200);
}

static void long_texts_are_compared_as_git_does(void **state)
{
    assert_random_texts_are_git_s(*state, 7, 6, 6000);
}

/* A random head of 1 to 110 bytes, a letter first, then bytes of which some are no UTF-8. */
static void append_random_head(GString *text, GRand *random)
{
    static const char *const pieces[] = {
        "a", " ", "\t", "\303\251", "\342\202\254", "\360\237\230\200", "\351", "\342\202", "(", "z"};
    gsize end = text->len + (gsize)g_rand_int_range(random, 1, 110);
    g_string_append_c(text, "abZ_$"[g_rand_int_range(random, 0, 5)]);
    while (text->len < end)
        g_string_append(text, pieces[g_rand_int_range(random, 0, G_N_ELEMENTS(pieces))]);
    g_string_append_c(text, '\n');
}

static void the_function_in_a_hunk_header_is_cut_as_git_does(void **state)
{
    g_autoptr(git_repository) repository = make_repository(*state, "");
    g_autoptr(GRand) random = g_rand_new_with_seed(3);
    g_autoptr(GString) before = g_string_new(NULL);
    g_autoptr(GString) after = g_string_new(NULL);
    for (guint i = 0; i < 400; i++) {
        gsize start = before->len;
        append_random_head(before, random);
        g_string_append_len(after, before->str + start, (gssize)(before->len - start));
        g_string_append(before, " 1\n 2\n 3\n old\n 1\n 2\n 3\n 4\n");
        g_string_append(after, " 1\n 2\n 3\n new\n 1\n 2\n 3\n 4\n");
    }
    write_file(*state, "f", before);
    g_free(in_repository(*state, "git add .; git commit -qm one"));
    write_file(*state, "f", after);
    g_free(in_repository(*state, "git add .; git commit -qm two"));
    assert_patches_are_git_s(*state, repository);
}

static void very_long_lines_stay_whole(void **state)
{
    g_autoptr(git_repository) repository = make_repository(
        *state, "head -c 300000 /dev/zero | tr '\\0' x > f; echo >> f; git add .; git commit -qm one\n"
                "head -c 299999 /dev/zero | tr '\\0' x > f; git add .; git commit -qm two");
    assert_patches_are_git_s(*state, repository);
}

static void a_nul_after_8000_bytes_does_not_make_a_file_binary(void **state)
{
    g_autoptr(git_repository) repository = make_repository(
        *state, "head -c 7999 /dev/zero | tr '\\0' x > in; cp in out; echo >> out; printf '\\0\\n' >> in\n"
                "printf '\\0\\n' >> out; git add .; git commit -qm one\n"
                "echo more >> in; echo more >> out; git add .; git commit -qm two");
    assert_patches_are_git_s(*state, repository);
    g_autofree char *binary = in_repository(*state, "grep -a ^Binary expected");
    assert_string_equal(binary, "Binary files a/in and b/in differ");
}

static void links_submodules_modes_and_types_are_told_as_git_does(void **state)
{
    g_autoptr(git_repository) repository = make_repository(
        *state, "ln -s one link; ln -s gone dead; echo f > mode; echo t > type; echo e > unchanged\n"
                "git add .; git update-index --add --cacheinfo "
                "160000,1111111111111111111111111111111111111111,sub; git commit -qm one\n"
                "ln -sf two link; rm dead; chmod +x mode; rm type; ln -s t type; ln -s new new\n"
                "git add -A; git update-index --add --cacheinfo "
                "160000,2222222222222222222222222222222222222222,sub\n"
                "git update-index --add --cacheinfo 160000,3333333333333333333333333333333333333333,add\n"
                "git commit -qm two");
    assert_patches_are_git_s(*state, repository);
}

static void paths_of_binary_files_are_quoted_as_git_does(void **state)
{
    g_autoptr(git_repository) repository = make_repository(
        *state, "git commit -q --allow-empty -m one\n"
                "for f in plain 'sp ace' \"$(printf 'caf\\303\\251')\" \"$(printf 'tab\\there')\" 'quo\"te' "
                "'back\\slash' \"$(printf 'line\\nend')\" \"$(printf 'bell\\007\\033\\177')\"\n"
                "do printf '\\0' > \"$f\"; done; git add .; git commit -qm two");
    assert_patches_are_git_s(*state, repository);
}

static gboolean take_two(G_GNUC_UNUSED const char *line, G_GNUC_UNUSED gsize length, gpointer taken)
{
    return ++*(guint *)taken < 2;
}

static void the_sink_may_stop(void **state)
{
    g_autoptr(git_repository) repository =
        make_repository(*state, "seq 9 > changed; seq 9 > deleted; git add .; git commit -qm one\n"
                                "seq 2 9 > changed; rm deleted; git add -A; git commit -qm two");
    g_autoptr(GPtrArray) entries = entries_of_head(*state, repository);
    for (guint i = 0; i < 2; i++) {
        guint taken = 0;
        const GitPatchSink sink = {take_two, &taken};
        gboolean unreadable;
        g_autoptr(GError) error = NULL;
        assert_true(git_diff_patch(repository, entries->pdata[i], &sink, &unreadable, &error));
        assert_int_equal(taken, 2);
    }
}

static gboolean take_none(G_GNUC_UNUSED const char *line, G_GNUC_UNUSED gsize length,
                          G_GNUC_UNUSED gpointer data)
{
    fail_msg("a line of a file that is not to be read");
    return FALSE;
}

/* git is told what Gitaly tells it. */
static void files_above_50_mib_are_binary(void **state)
{
    g_autoptr(git_repository) repository = make_repository(
        *state, "git config core.bigFileThreshold 50m; head -c 52428800 /dev/zero | tr '\\0' x > below\n"
                "cp below grows; echo >> grows; cp grows gone; git add .; git commit -qm one\n"
                "echo >> grows; rm gone below; git add -A; git commit -qm two");
    assert_patches_are_git_s(*state, repository);
}

static void assert_unreadable(const GitContext *context, const char *script)
{
    g_autoptr(git_repository) repository = make_repository(context, script);
    g_autoptr(GPtrArray) entries = entries_of_head(context, repository);
    const GitPatchSink sink = {take_none, NULL};
    gboolean unreadable;
    g_autoptr(GError) error = NULL;
    assert_int_equal(entries->len, 1);
    assert_true(git_diff_patch(repository, entries->pdata[0], &sink, &unreadable, &error));
    assert_true(unreadable);
}

static void two_texts_with_too_many_lines_are_not_compared(void **state)
{
    assert_unreadable(*state, "yes | head -c 999998 > f; git add .; git commit -qm one\n"
                              "yes | head -c 1000004 > f; git add .; git commit -qm two");
}

static void two_texts_with_too_many_bytes_are_not_compared(void **state)
{
    assert_unreadable(*state, "head -c 33554432 /dev/zero | tr '\\0' x > f; git add .; git commit -qm one\n"
                              "echo >> f; git add .; git commit -qm two");
}

static void two_large_files_of_which_one_is_binary_are_told_as_git_does(void **state)
{
    g_autoptr(git_repository) repository = make_repository(
        *state, "head -c 33554432 /dev/zero | tr '\\0' x > before; head -c 33554432 /dev/zero > after\n"
                "git add .; git commit -qm one; printf '\\0' | cat - before > both; mv both before\n"
                "echo text | cat - after > both; mv both after; git add .; git commit -qm two");
    assert_patches_are_git_s(*state, repository);
}

static void a_missing_blob_is_an_error(void **state)
{
    g_autoptr(git_repository) repository =
        make_repository(*state, "echo f > f; git add .; git commit -qm one; echo g > f; git add .\n"
                                "git commit -qm two; rm -f .git/objects/$(git rev-parse HEAD:f | "
                                "sed 's|..|&/|')");
    g_autoptr(GPtrArray) entries = entries_of_head(*state, repository);
    const GitPatchSink sink = {take_none, NULL};
    gboolean unreadable;
    g_autoptr(GError) error = NULL;
    assert_false(git_diff_patch(repository, entries->pdata[0], &sink, &unreadable, &error));
    assert_non_null(error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_CONTEXT(short_texts_are_compared_as_git_does),
        WITH_CONTEXT(random_texts_are_compared_as_git_does),
        WITH_CONTEXT(long_texts_are_compared_as_git_does),
        WITH_CONTEXT(the_function_in_a_hunk_header_is_cut_as_git_does),
        WITH_CONTEXT(very_long_lines_stay_whole),
        WITH_CONTEXT(a_nul_after_8000_bytes_does_not_make_a_file_binary),
        WITH_CONTEXT(links_submodules_modes_and_types_are_told_as_git_does),
        WITH_CONTEXT(paths_of_binary_files_are_quoted_as_git_does),
        WITH_CONTEXT(the_sink_may_stop),
        WITH_CONTEXT(files_above_50_mib_are_binary),
        WITH_CONTEXT(two_texts_with_too_many_lines_are_not_compared),
        WITH_CONTEXT(two_texts_with_too_many_bytes_are_not_compared),
        WITH_CONTEXT(two_large_files_of_which_one_is_binary_are_told_as_git_does),
        WITH_CONTEXT(a_missing_blob_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
