#include "spec/fake_github/objects/review_thread.h"

#include <string.h>

#include "spec/fake_github/attached_files.h"
#include "spec/fake_github/nasty.h"

typedef enum {
    ON_LINE,
    ON_LINES,
    ON_OLD_LINE,
    ON_OUTDATED_LINE,
    ON_OUTDATED_LINES,
    ON_FILE,
    WITHOUT_HUNK,
    ON_LINE_AGAIN,
    PLACES
} Place;

/* THREADS: after so many comments the pattern of threads begins again. */
enum { THREADS = 6, DELETED_COMMENT = 999, MOST_LINES = 3 };

static guint starter_of(guint index)
{
    static const guint STARTERS[THREADS] = {0, 0, 0, 3, 4, 4};
    return index - index % THREADS + STARTERS[index % THREADS];
}

/* --- Places --- */

/* Without a Git repository nobody can tell the difference. (transfer full) */
static json_t *made_up_spot(const Generator *generator, guint64 position, gboolean left)
{
    const char *hunk = left ? "@@ -1,2 +1,2 @@\n context before\n-removed line"
                            : "@@ -1,2 +1,3 @@\n context before\n+added line\n context after";
    return json_pack("{s:o, s:s, s:i, s:s, s:i}", "path",
                     json_sprintf("src/file-%u.c", generator_number(generator, "path", position, 10) + 1),
                     "hunk", hunk, "line", left ? 2 : 3, "side", left ? "LEFT" : "RIGHT", "first", 1);
}

static gboolean is_on_side(const json_t *spot, gboolean left)
{
    return (strcmp(json_string_value(json_object_get(spot, "side")), "LEFT") == 0) == left;
}

/* A spot on this side, if the diff has one there; another one for each starter. (transfer full) */
static json_t *choose_spot(const Generator *generator, guint64 number, guint starter, gboolean left)
{
    const json_t *spots = generator_spots(generator, number);
    size_t count = json_array_size(spots);
    if (count == 0) {
        return made_up_spot(generator, number * 1000 + starter, left);
    }
    json_t *spot = json_array_get(spots, starter % count);
    for (size_t i = 1; i < count && !is_on_side(spot, left); i++) {
        spot = json_array_get(spots, (starter + i) % count);
    }
    return json_incref(spot);
}

static json_t *describe_line(const json_t *spot)
{
    json_t *line = json_object_get(spot, "line");
    return json_pack("{s:O, s:O, s:O, s:O, s:O}", "path", json_object_get(spot, "path"), "diff_hunk",
                     json_object_get(spot, "hunk"), "line", line, "original_line", line, "side",
                     json_object_get(spot, "side"));
}

/* The comment is on the lines before its own too, as many as the hunk has of them. */
static void extend(json_t *description, const json_t *spot)
{
    json_int_t line = json_integer_value(json_object_get(spot, "line"));
    json_int_t first = json_integer_value(json_object_get(spot, "first"));
    json_int_t start = MAX(first, line - MOST_LINES + 1);
    if (start < line) {
        json_object_set_new(description, "start_line", json_integer(start));
        json_object_set_new(description, "original_start_line", json_integer(start));
        json_object_set(description, "start_side", json_object_get(spot, "side"));
    }
}

/* The line has changed since: GitHub knows only where it was, in the first commit of the pull request. */
static void make_outdated(const Generator *generator, guint64 number, json_t *description)
{
    json_auto_t *first = generator_sha(generator, number, "first");
    json_object_set_new(description, "line", json_null());
    json_object_set_new(description, "position", json_null());
    if (json_object_get(description, "start_line") != NULL) {
        json_object_set_new(description, "start_line", json_null());
    }
    if (first != NULL) {
        json_object_set(description, "original_commit_id", first);
    }
}

static void put_on_file(json_t *description)
{
    static const char *const LINES[] = {"line", "original_line", "position", "original_position"};
    json_object_set_new(description, "subject_type", json_string("file"));
    json_object_set_new(description, "diff_hunk", json_string(""));
    for (gsize i = 0; i < G_N_ELEMENTS(LINES); i++) {
        json_object_set_new(description, LINES[i], json_null());
    }
}

/* Some lines, outdated lines and files are of the old side too. */
static gboolean is_on_old_side(Place place, guint ordinal)
{
    return place == ON_OLD_LINE || (place % 2 == 1 && ordinal / PLACES % 3 == 0);
}

static json_t *describe_place(const Generator *generator, guint64 number, guint starter)
{
    guint ordinal = generator_pull_ordinal(generator, number);
    Place place = (ordinal + starter) % PLACES;
    json_auto_t *spot = choose_spot(generator, number, starter, is_on_old_side(place, ordinal));
    json_t *description = describe_line(spot);
    if (place == ON_LINES || place == ON_OUTDATED_LINES) {
        extend(description, spot);
    }
    if (place == ON_OUTDATED_LINE || place == ON_OUTDATED_LINES) {
        make_outdated(generator, number, description);
    } else if (place == ON_FILE) {
        put_on_file(description);
    } else if (place == WITHOUT_HUNK) {
        json_object_set_new(description, "diff_hunk", starter % 2 == 0 ? json_string("") : json_null());
    }
    return description;
}

/* --- Texts --- */

/* "%d" stands for a number; NULL: prose. */
static const char *const TEXTS[] = {
    NULL,
    "Better so:\r\n\r\n```suggestion\r\nint first = %d;\r\n```\r\nWhat do you think?",
    NULL,
    "```suggestion\nint first = %d;\nint second;\nint third;\n```",
    NULL,
    "- this one:\n\n   ```suggestion\n   int first = %d;\n   ```\n- and that:\n\n```suggestion\nint "
    "second;\n```",
    NULL,
    "```suggestion for @user-1\nint first = %d;\n```\n\nand nothing below `int %d`",
    NULL,
    "Remove it (%d):\n```suggestion\n```\n```suggestion",
    NULL,
};

static json_t *generate_text(const Generator *generator, guint64 number, guint index)
{
    guint64 position = number * 1000 + index;
    const char *text = TEXTS[(generator_pull_ordinal(generator, number) + index) % G_N_ELEMENTS(TEXTS)];
    if (text == NULL) {
        g_autofree char *prose = generator_markdown(generator, "review comment", position);
        return json_string(prose);
    }
    g_autofree char *digits = g_strdup_printf("%" G_GUINT64_FORMAT, position);
    GString *body = g_string_new(text);
    g_string_replace(body, "%d", digits, 0);
    json_t *json = json_string(body->str);
    g_string_free(body, TRUE);
    return json;
}

static json_t *generate_body(const Generator *generator, guint64 number, guint index)
{
    json_t *nasty = nasty_comment_body(generator, number, index);
    if (nasty != NULL) {
        return nasty;
    }
    json_t *text = generate_text(generator, number, index);
    return index == 0 ? attached_files_in(generator, IN_REVIEW_COMMENT, number, text) : text;
}

/* --- People --- */

/* Every 31st of a repository, roughly, has a deleted author: none, or "ghost". */
static json_t *generate_author(const Generator *generator, guint64 position)
{
    if (position % 31 == 0) {
        return position % 2 == 0 ? json_null() : json_string("ghost");
    }
    return generator_login(generator, "review comment author", position);
}

json_t *review_thread_generate(const Generator *generator, guint64 pull_number, guint index)
{
    guint starter = starter_of(index);
    json_t *description = describe_place(generator, pull_number, starter);
    json_object_set_new(description, "user", generate_author(generator, pull_number * 1000 + index));
    json_object_set_new(description, "body", generate_body(generator, pull_number, index));
    json_object_set_new(description, "created_at", generator_time(generator, pull_number, 300 + 60 * index));
    json_object_set_new(description, "updated_at",
                        generator_time(generator, pull_number, 300 + 60 * index + starter));
    if (index != starter) {
        gboolean deleted = index % THREADS == THREADS - 1 && pull_number % 11 == 0;
        json_object_set_new(description, "reply_to", json_integer(deleted ? DELETED_COMMENT : starter));
    }
    return description;
}
