/* Packs of all shapes, as git itself makes them: the index must be the one that git makes. */

#include "importers/git/library.h"
#include "importers/git/pack/receiver.h"
#include "spec/support/git_context.h"

#include <git2/sys/odb_backend.h>

#define CHUNK 1021

static git_repository *open_mirror(const GitContext *context)
{
    git_library_start();
    g_autofree char *path = g_build_filename(context->folder, "mirror.git", NULL);
    git_repository *repository = NULL;
    g_autoptr(GError) error = NULL;
    assert_int_equal(git_repository_open_bare(&repository, path), 0);
    pack_receiver_install(repository, &error);
    assert_no_error(error);
    return repository;
}

/* As a fetch does it: in pieces of any size. */
static int receive(const GitContext *context, const char *bytes, gsize length,
                   git_indexer_progress_cb progress)
{
    g_autoptr(git_repository) repository = open_mirror(context);
    g_autoptr(git_odb) odb = NULL;
    git_odb_writepack *pack = NULL;
    git_indexer_progress stats = {0};
    int result = 0;
    assert_int_equal(git_repository_odb(&odb, repository), 0);
    assert_int_equal(git_odb_write_pack(&pack, odb, progress, NULL), 0);
    for (gsize i = 0; i < length && result == 0; i += CHUNK)
        result = pack->append(pack, bytes + i, MIN(CHUNK, length - i), &stats);
    result = result == 0 ? pack->commit(pack, &stats) : result;
    pack->free(pack);
    return result;
}

static void assert_received(const GitContext *context, const char *bytes, gsize length)
{
    if (receive(context, bytes, length, NULL) != 0)
        fail_msg("%s", git_error_last()->message);
}

/* A repository of many versions of a file, `source.git`, and an empty one, `mirror.git`. */
static void make_source(const GitContext *context)
{
    run(context, "git init -q -b main source; git init -q --bare -b main mirror.git; cd source\n"
                 "for i in $(seq 1 60); do seq $i $((i * 30)) > file; echo $i > same; git add .\n"
                 "git commit -q -m $i; done; git tag -a -m one v1; git repack -adfq --depth=50");
}

/* The pack that a command writes to its output, and its length. (transfer full) */
static char *make_pack(const GitContext *context, const char *command, gsize *length)
{
    g_autofree char *script = g_strdup_printf("cd source; %s > ../sent.pack", command);
    g_autofree char *path = g_build_filename(context->folder, "sent.pack", NULL);
    g_autoptr(GError) error = NULL;
    char *bytes = NULL;
    run(context, script);
    g_file_get_contents(path, &bytes, length, &error);
    assert_no_error(error);
    return bytes;
}

/* The received pack is byte by byte what was sent, and its index what git makes of it. */
static void assert_indexed_as_by_git(GitContext *context, const char *command)
{
    gsize length;
    make_source(context);
    g_autofree char *bytes = make_pack(context, command, &length);
    assert_received(context, bytes, length);
    g_autofree char *expected = shell(context, "sum=$(git index-pack sent.pack)\n"
                                               "for suffix in idx pack; do echo pack-$sum.$suffix; done");
    assert_text(shell(context, "cd mirror.git/objects/pack; ls; cmp pack-*.pack ../../../sent.pack\n"
                               "cmp pack-*.idx ../../../sent.idx"),
                expected);
}

static void deltas_that_name_their_base_by_its_place(void **state)
{
    assert_indexed_as_by_git(
        *state, "git rev-list --objects --all | git pack-objects --stdout -q --delta-base-offset --depth=50");
}

static void deltas_that_name_their_base_by_its_id(void **state)
{
    assert_indexed_as_by_git(*state,
                             "git rev-list --objects --all | git pack-objects --stdout -q --depth=50");
}

static void packs_without_deltas(void **state)
{
    assert_indexed_as_by_git(*state,
                             "git rev-list --objects --all | git pack-objects --stdout -q --window=0");
}

/* 12 MB, of which no version fits into memory, and a small file that was made of it. */
static void files_too_large_for_memory(void **state)
{
    assert_indexed_as_by_git(
        *state,
        "seq 1 1700000 > large; git add .; git commit -qm a; (echo first; cat large; echo last) > next\n"
        "mv next large; git add .; git commit -qm b; seq 1 900000 > large; git add .\n"
        "git commit -qm c; (seq 5 900000; seq 1 1700000) > large; git add .; git commit -qm d\n"
        "git rev-list --objects --all | git pack-objects --stdout -q --delta-base-offset");
}

static void an_empty_pack_is_forgotten(void **state)
{
    GitContext *context = *state;
    gsize length;
    make_source(context);
    g_autofree char *bytes = make_pack(context, "git pack-objects --stdout -q < /dev/null", &length);
    assert_int_equal(receive(context, bytes, length, NULL), 0);
    assert_text(shell(context, "ls mirror.git/objects/pack"), "");
}

/* Bases that only the receiver has are put into the pack. */
static void a_thin_pack_is_completed(void **state)
{
    GitContext *context = *state;
    gsize length;
    make_source(context);
    run(context,
        "git -C source branch old main~20; git --git-dir mirror.git fetch -q \"$PWD/source/.git\" old:old\n"
        "git --git-dir mirror.git repack -adq");
    g_autofree char *bytes = make_pack(
        context, "printf 'main\\n^main~20\\n' | git pack-objects --revs --thin --stdout -q", &length);
    run(context, "! git index-pack sent.pack 2>&1");
    assert_received(context, bytes, length);
    g_autofree char *expected = shell(context, "git -C source rev-list --objects main | wc -l");
    assert_text(shell(context,
                      "cd mirror.git; git update-ref refs/heads/main $(git -C ../source rev-parse main)\n"
                      "git verify-pack objects/pack/*.idx; git fsck --strict --full 2>&1\n"
                      "git rev-list --objects main | wc -l"),
                expected);
}

/* --- packs that are refused --- */

static void assert_refused(const GitContext *context, const char *bytes, gsize length, const char *reason)
{
    assert_int_equal(receive(context, bytes, length, NULL), GIT_ERROR);
    assert_non_null(strstr(git_error_last()->message, reason));
    assert_text(shell(context, "ls mirror.git/objects/pack"), "");
}

static void broken_packs_leave_nothing_behind(void **state)
{
    GitContext *context = *state;
    gsize length;
    make_source(context);
    g_autofree char *bytes = make_pack(
        context, "git rev-list --objects --all | git pack-objects --stdout -q --delta-base-offset", &length);
    assert_refused(context, bytes, 7, "it has another header");
    assert_refused(context, bytes, length / 2, "it ends too early");
    assert_refused(context, bytes, length - 1, "its length is wrong");
    bytes[length - 1] ^= 1;
    assert_refused(context, bytes, length, "its checksum is wrong");
    bytes[length - 1] ^= 1;
    bytes[0] ^= 1;
    assert_refused(context, bytes, length, "it has another header");
}

/* Whatever bit is wrong, nothing is kept. */
static void any_broken_byte_is_found(void **state)
{
    GitContext *context = *state;
    gsize length;
    make_source(context);
    g_autofree char *bytes = make_pack(
        context, "git rev-list --objects --all | git pack-objects --stdout -q --delta-base-offset", &length);
    for (gsize i = 12; i < length; i += 1 + length / 60) {
        bytes[i] ^= 0x55;
        assert_int_not_equal(receive(context, bytes, length, NULL), 0);
        bytes[i] ^= 0x55;
    }
    assert_text(shell(context, "ls mirror.git/objects/pack"), "");
}

static void a_delta_whose_base_nobody_has_is_refused(void **state)
{
    GitContext *context = *state;
    gsize length;
    make_source(context);
    g_autofree char *bytes = make_pack(
        context, "printf 'main\\n^main~20\\n' | git pack-objects --revs --thin --stdout -q", &length);
    assert_refused(context, bytes, length, "it has deltas of objects that are not there");
}

static int stop(const git_indexer_progress *stats, G_GNUC_UNUSED void *payload)
{
    return stats->received_objects == 10 ? GIT_EUSER : 0;
}

static void a_process_that_stops_is_obeyed_between_objects(void **state)
{
    GitContext *context = *state;
    gsize length;
    make_source(context);
    g_autofree char *bytes =
        make_pack(context, "git rev-list --objects --all | git pack-objects --stdout -q", &length);
    assert_int_equal(receive(context, bytes, length, stop), GIT_EUSER);
    assert_text(shell(context, "ls mirror.git/objects/pack"), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_CONTEXT(deltas_that_name_their_base_by_its_place),
        WITH_CONTEXT(deltas_that_name_their_base_by_its_id),
        WITH_CONTEXT(packs_without_deltas),
        WITH_CONTEXT(files_too_large_for_memory),
        WITH_CONTEXT(an_empty_pack_is_forgotten),
        WITH_CONTEXT(a_thin_pack_is_completed),
        WITH_CONTEXT(broken_packs_leave_nothing_behind),
        WITH_CONTEXT(any_broken_byte_is_found),
        WITH_CONTEXT(a_delta_whose_base_nobody_has_is_refused),
        WITH_CONTEXT(a_process_that_stops_is_obeyed_between_objects),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
