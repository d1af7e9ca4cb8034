/* What diff-match-patch does to a script once it is found: diff_cleanupMerge, diff_cleanupSemantic,
 * diff_cleanupSemanticLossless. */
#include "importers/objects/edit_script.h"

static Hunk *hunk_at(const GArray *script, guint index)
{
    return &g_array_index(script, Hunk, index);
}

/* Where a hunk begins in the old text and in the new one. */
typedef struct Position {
    guint old, new;
} Position;

static void advance(Position *position, const Hunk *hunk)
{
    position->old += hunk->deleted + hunk->equal;
    position->new += hunk->inserted + hunk->equal;
}

static void take_hunks(GArray *script, const GArray *hunks)
{
    g_array_set_size(script, 0);
    if (hunks->len)
        g_array_append_vals(script, hunks->data, hunks->len);
}

/* Hunks without equal text between them become one. */
static void join_adjacent(GArray *script)
{
    g_autoptr(GArray) joined = g_array_new(FALSE, FALSE, sizeof(Hunk));
    for (guint i = 0; i < script->len; i++)
        edit_script_add(joined, hunk_at(script, i)->deleted, hunk_at(script, i)->inserted,
                        hunk_at(script, i)->equal);
    take_hunks(script, joined);
}

/* What deleted and inserted text have in common at their ends is equal. */
static void factor_out(GArray *script, Text old, Text new)
{
    g_autoptr(GArray) factored = g_array_new(FALSE, FALSE, sizeof(Hunk));
    Position position = {0};
    for (guint i = 0; i < script->len; i++) {
        Hunk hunk = *hunk_at(script, i);
        Text deleted = text_part(old, position.old, hunk.deleted);
        Text inserted = text_part(new, position.new, hunk.inserted);
        guint prefix = text_common_prefix(deleted, inserted);
        guint suffix = text_common_suffix(text_part(deleted, prefix, deleted.length - prefix),
                                          text_part(inserted, prefix, inserted.length - prefix));
        edit_script_add(factored, 0, 0, prefix);
        edit_script_add(factored, hunk.deleted - prefix - suffix, hunk.inserted - prefix - suffix,
                        hunk.equal + suffix);
        advance(&position, &hunk);
    }
    take_hunks(script, factored);
}

/* An edit that only deletes or only inserts: it can slide in the text in which it lies. */
typedef struct SingleEdit {
    Text text;
    guint at, length, before, after; /* `before` and `after`: lengths of the equal parts around it */
} SingleEdit;

/* FALSE: hunk `index` is no single edit with equal text on both sides. */
static gboolean single_edit(const GArray *script, guint index, Position position, Text old, Text new,
                            SingleEdit *edit)
{
    const Hunk *hunk = hunk_at(script, index);
    guint before = index > 0 ? hunk_at(script, index - 1)->equal : 0;
    if (before == 0 || hunk->equal == 0 || (hunk->deleted == 0) == (hunk->inserted == 0))
        return FALSE;
    if (hunk->deleted)
        *edit = (SingleEdit){old, position.old, hunk->deleted, before, hunk->equal};
    else
        *edit = (SingleEdit){new, position.new, hunk->inserted, before, hunk->equal};
    return TRUE;
}

/* A<ins>BA</ins>C becomes <ins>AB</ins>AC: an edit moves over a whole equal part that it repeats. */
static gboolean slide_over_equal_parts(GArray *script, Text old, Text new)
{
    Position position = {0};
    gboolean changed = FALSE;
    for (guint i = 0; i < script->len; i++) {
        Hunk *hunk = hunk_at(script, i), met = *hunk;
        SingleEdit edit;
        if (single_edit(script, i, position, old, new, &edit)) {
            Text before = text_part(edit.text, edit.at - edit.before, edit.before);
            Text after = text_part(edit.text, edit.at + edit.length, edit.after);
            Text edited = text_part(edit.text, edit.at, edit.length);
            if (edit.before <= edit.length && text_common_suffix(edited, before) == edit.before) {
                hunk->equal += edit.before;
                hunk[-1].equal = 0;
                changed = TRUE;
            } else if (edit.after <= edit.length && text_common_prefix(edited, after) == edit.after) {
                hunk[-1].equal += edit.after;
                hunk->equal = 0;
                changed = TRUE;
            }
        }
        advance(&position, &met);
    }
    return changed;
}

void edit_script_merge(GArray *script, Text old, Text new)
{
    do {
        join_adjacent(script);
        factor_out(script, old, new);
    } while (slide_over_equal_parts(script, old, new));
}

static guint size_of(const Hunk *hunk)
{
    return MAX(hunk->deleted, hunk->inserted);
}

/* An equal part that is no longer than the edits before it and after it is a chance match: it is deleted and
 * inserted too. */
static gboolean drop_chance_matches(GArray *script)
{
    gboolean changed = FALSE;
    for (guint i = 1; i < script->len;) {
        Hunk *before = hunk_at(script, i - 1), *after = hunk_at(script, i);
        if (before->equal > MIN(size_of(before), size_of(after))) {
            i++;
            continue;
        }
        *before = (Hunk){before->deleted + before->equal + after->deleted,
                         before->inserted + before->equal + after->inserted, after->equal};
        g_array_remove_index(script, i);
        i = MAX(i - 1, 1);
        changed = TRUE;
    }
    return changed;
}

static gboolean is_space(gunichar c)
{
    return g_unichar_isspace(c) || c == '\v';
}

/* How well the boundary before character `at` fits: the end of the equal text is best, then a space, then
 * anything that ends a word. */
static guint score(Text text, guint at, gboolean is_edge)
{
    if (is_edge)
        return 5;
    gunichar before = text.chars[at - 1], after = text.chars[at];
    if (g_unichar_isalnum(before) && g_unichar_isalnum(after))
        return 0;
    return is_space(before) || is_space(after) ? 2 : 1;
}

/* How many characters an edit is best moved to the right (negative: to the left), of those places at which it
 * means the same. */
static int best_shift(const SingleEdit *edit)
{
    const gunichar *chars = edit->text.chars;
    guint start = edit->at - edit->before, end = edit->at + edit->length + edit->after;
    guint at = edit->at, best = edit->at, best_score = 0;
    /* At most its own length to the left, as the original does. */
    while (at > start && edit->at - at < edit->length && chars[at - 1] == chars[at + edit->length - 1])
        at--;
    for (guint leftmost = at;; at++) {
        guint fit = score(edit->text, at, at == start) +
                    score(edit->text, at + edit->length, at + edit->length == end);
        if (at == leftmost || fit >= best_score) { /* the rightmost of the best */
            best_score = fit;
            best = at;
        }
        if (at + edit->length == end || chars[at] != chars[at + edit->length])
            break;
    }
    return (int)best - (int)edit->at;
}

/* The c<ins>at c</ins>ame becomes The <ins>cat </ins>came. */
static void align_to_words(GArray *script, Text old, Text new)
{
    Position position = {0};
    for (guint i = 0; i < script->len; i++) {
        Hunk *hunk = hunk_at(script, i), met = *hunk;
        SingleEdit edit;
        if (single_edit(script, i, position, old, new, &edit)) {
            int shift = best_shift(&edit);
            hunk[-1].equal += (guint)shift;
            hunk->equal -= (guint)shift;
        }
        advance(&position, &met);
    }
}

/* The longest end of `a` that is the beginning of `b`. */
static guint overlap(Text a, Text b)
{
    guint n = MIN(a.length, b.length);
    while (n > 0 && text_common_prefix(text_part(a, a.length - n, n), b) < n)
        n--;
    return n;
}

/* <del>abcxxx</del><ins>xxxdef</ins> becomes <del>abc</del>xxx<ins>def</ins>, if the overlap is at least half
 * of either. */
static void part_overlaps(GArray *script, Text old, Text new)
{
    Position position = {0};
    for (guint i = 0; i < script->len; i++) {
        Hunk hunk = *hunk_at(script, i);
        Text deleted = text_part(old, position.old, hunk.deleted);
        Text inserted = text_part(new, position.new, hunk.inserted);
        guint behind = overlap(deleted, inserted), ahead = overlap(inserted, deleted);
        guint common = MAX(behind, ahead);
        advance(&position, &hunk);
        if (common == 0 || common * 2 < MIN(hunk.deleted, hunk.inserted))
            continue;
        Hunk deletion = {hunk.deleted - common, 0, 0}, insertion = {0, hunk.inserted - common, 0};
        Hunk parts[] = {behind >= ahead ? deletion : insertion, behind >= ahead ? insertion : deletion};
        parts[0].equal = common;
        parts[1].equal = hunk.equal;
        *hunk_at(script, i) = parts[0];
        g_array_insert_val(script, ++i, parts[1]);
    }
}

void edit_script_cleanup(GArray *script, Text old, Text new)
{
    if (drop_chance_matches(script))
        edit_script_merge(script, old, new);
    align_to_words(script, old, new);
    part_overlaps(script, old, new);
}
